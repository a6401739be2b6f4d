import type { Token } from '../authority.ts';
import type { Flight } from './flight.ts';
import type { Timing } from './subject.ts';
import { Subject } from './subject.ts';

/** How many subjects there may be before the first sweep. */
const FIRST_SWEEP = 1_024;

/** The subjects of one engine in memory, by id. */
export class Subjects {
  readonly #timing: Timing;
  readonly #all: Map<string | number, Subject> = new Map();
  #sweepAt = FIRST_SWEEP;
  #isClosed = false;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  /** The subject if it is known. */
  find(id: string): Subject | undefined {
    return this.#all.get(compact(id));
  }

  /** The subject, a new one if it is not known. After `close` it is one that is forgotten already. */
  get(id: string): Subject {
    const key = compact(id);
    const known = this.#all.get(key);
    if (known) return known;
    const subject = new Subject();
    if (this.#isClosed) {
      subject.forget();
      return subject;
    }
    if (this.#all.size >= this.#sweepAt) this.#sweep();
    this.#all.set(key, subject);
    return subject;
  }

  /** Forgets one subject. */
  forget(id: string): void {
    this.find(id)?.forget();
    this.#all.delete(compact(id));
  }

  /** Forgets all subjects. Resolves to the flights that were under way. */
  close(): readonly Flight<Token>[] {
    this.#isClosed = true;
    const flights = [...this.#all.values()].flatMap((subject) => {
      const flight = subject.activity?.flight;
      subject.forget();
      return flight ?? [];
    });
    this.#all.clear();
    return flights;
  }

  /** Drops idle subjects without a live token whenever the number of subjects has doubled. At a fixed number it would thrash. */
  #sweep(): void {
    const now = this.#timing.time.now();
    for (const [id, subject] of this.#all) {
      if (subject.liveToken(this.#timing) !== undefined || !subject.isIdle(now)) continue;
      subject.forget();
      this.#all.delete(id);
    }
    this.#sweepAt = FIRST_SWEEP + 2 * this.#all.size;
  }
}

/** Most vendors' ids are digits, and a number takes no memory of its own. Two ids never become the same. */
const compact = (id: string): string | number => (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : id);
