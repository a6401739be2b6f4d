import type { Token } from '../authority.ts';
import { isRefused } from './engine-errors.ts';
import type { Flight } from './flight.ts';
import type { Timing } from './subject.ts';
import { Subject } from './subject.ts';

/** Subjects are kept in this many maps, because a map of a million stops the process for a tenth of a second when it grows. A prime. */
const SHARDS = 61;

/** How many subjects a map may have before the first sweep. */
const FIRST_SWEEP = 16;

/** Some of the subjects. */
interface Shard {
  readonly subjects: Map<string | number, Subject>;
  sweepAt: number;
}

/** The subjects of one engine in memory, by id. */
export class Subjects {
  readonly #timing: Timing;
  readonly #shards: Map<number, Shard> = new Map();
  #isClosed = false;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  /** The subject if it is known. */
  find(id: string): Subject | undefined {
    const key = compact(id);
    return this.#shards.get(shardOf(key))?.subjects.get(key);
  }

  /** The subject, a new one if it is not known. After `close` it is one that is forgotten already. */
  get(id: string): Subject {
    const key = compact(id);
    const at = shardOf(key);
    const known = this.#shards.get(at)?.subjects.get(key);
    if (known) return known;
    const subject = new Subject();
    if (this.#isClosed) {
      subject.forget();
      return subject;
    }
    const shard = this.#shards.get(at) ?? { subjects: new Map(), sweepAt: FIRST_SWEEP };
    this.#shards.set(at, shard);
    if (shard.subjects.size >= shard.sweepAt) this.#sweep(shard);
    shard.subjects.set(key, subject);
    return subject;
  }

  /** Forgets one subject. */
  forget(id: string): void {
    this.find(id)?.forget();
    const key = compact(id);
    this.#shards.get(shardOf(key))?.subjects.delete(key);
  }

  /** Lets the next call of each subject ask again, if its last failure was that of refused credentials. */
  forgetRefusals(): void {
    for (const { subjects } of this.#shards.values())
      for (const { activity } of subjects.values())
        if (activity?.failure && isRefused(activity.failure.error)) activity.failure = undefined;
  }

  /** Forgets all subjects. Resolves to the flights that were under way. */
  close(): readonly Flight<Token>[] {
    this.#isClosed = true;
    const subjects = [...this.#shards.values()].flatMap((shard) => [...shard.subjects.values()]);
    const flights = subjects.flatMap((subject) => {
      const flight = subject.activity?.flight;
      subject.forget();
      return flight ?? [];
    });
    this.#shards.clear();
    return flights;
  }

  /** Drops idle subjects without a live token whenever the number of subjects has doubled. At a fixed number it would thrash. */
  #sweep(shard: Shard): void {
    const now = this.#timing.time.now();
    for (const [id, subject] of shard.subjects) {
      if (subject.liveToken(this.#timing) !== undefined || !subject.isIdle(now)) continue;
      subject.forget();
      shard.subjects.delete(id);
    }
    shard.sweepAt = FIRST_SWEEP + 2 * shard.subjects.size;
  }
}

/** Most vendors' ids are digits, and a number takes no memory of its own. Two ids never become the same. */
const compact = (id: string): string | number => (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : id);

/** The same for the same key, and spread over all. */
const shardOf = (key: string | number): number => {
  if (typeof key === 'number') return key % SHARDS;
  let hash = 0;
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0;
  return hash % SHARDS;
};
