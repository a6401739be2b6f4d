import type { Clock } from '../clock.ts';
import { STALL } from '../wait.ts';

/** What the work is called with. */
export interface FlightContext {
  /** Aborts when the flight is given up. */
  readonly signal: AbortSignal;
  /** Whether any caller has ever waited for it. */
  readonly isAwaited: () => boolean;
  /** Says that the flight moves: a phase begins. None may last longer than a question. */
  readonly moves: () => void;
}

/** What a flight does, and how it ends. */
export interface FlightPlan<T> {
  readonly clock: Clock;
  readonly run: (context: FlightContext) => Promise<T>;
  /** Whether the work ends when the last caller stops waiting for it. */
  readonly abandonable: boolean;
  /** Called when the flight can no longer be joined. */
  readonly landed: () => void;
  readonly errors: FlightErrors;
}

/** What a wait may end with, beside the outcome. */
export interface FlightErrors {
  readonly aborted: () => Error;
  /** For those who wait for a flight that is stuck. */
  readonly stuck: () => Error;
}

/** The longest delay of a timer, in milliseconds, for one that only keeps the process alive until it is cancelled. */
export const NEVER: number = 2 ** 31 - 1;

/** Milliseconds. A little longer than a question, the longest phase of a flight. */
const LONGEST_PHASE = 32_000;

/**
 * One piece of work that many callers wait for. It starts at once. No caller's signal reaches it: it has a controller of its own.
 *
 * In a worker, timers and answers belong to the request that caused them: once it has ended, neither comes any more. So the work may end
 * without a word, while callers of other requests wait for it. Each of them has a timer of its own.
 */
export class Flight<T> {
  /** Settles with the work, even if the flight was cancelled. Never, if the request that began it has ended. */
  readonly work: Promise<T>;
  readonly #plan: FlightPlan<T>;
  readonly #controller: AbortController = new AbortController();
  readonly #outcome: Promise<T>;
  #rejectAll: (error: Error) => void = () => {};
  #waiting = 0;
  #isAwaited = false;
  #movedAt: number;

  constructor(plan: FlightPlan<T>) {
    this.#plan = plan;
    this.#movedAt = plan.clock.monotonic();
    const moves = (): void => {
      this.#movedAt = plan.clock.monotonic();
    };
    this.work = plan.run({ signal: this.#controller.signal, isAwaited: () => this.#isAwaited, moves });
    this.#outcome = new Promise((resolve, reject) => {
      this.#rejectAll = reject;
      this.work.then(resolve, reject);
    });
    // Also keeps a background flight, which nobody awaits, from being an unhandled rejection.
    this.#outcome.then(plan.landed, plan.landed);
  }

  /** Whether it has not moved for longer than any phase lasts. Then nobody should join it. */
  isStuck(): boolean {
    return this.#left() <= 0;
  }

  /** Waits for the outcome. A signal ends this wait only, with `aborted()`. */
  join(signal?: AbortSignal): Promise<T> {
    const { abandonable, errors } = this.#plan;
    this.#waiting += 1;
    this.#isAwaited = true;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting -= 1;
        end();
        reject(errors.aborted());
        if (this.#waiting === 0 && abandonable) this.#giveUp(errors.aborted());
      };
      const stop = this.#watch(() => {
        end();
        reject(errors.stuck());
        this.#giveUp(errors.stuck());
      });
      const end = (): void => {
        stop();
        signal?.removeEventListener('abort', leave);
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      this.#outcome.then(resolve, reject);
      this.#outcome.then(end, end);
    });
  }

  /** Resolves when the work has settled, or the flight is stuck. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#watch(resolve);
      const end = (): void => {
        stop();
        resolve();
      };
      this.work.then(end, end);
    });
  }

  /** Ends every caller's wait with this error, and the work. */
  cancel(error: Error): void {
    this.#rejectAll(error);
    this.#giveUp(error);
  }

  /** Ends the work. Those who wait end their own waits: in workerd a promise of a request that has ended cannot be settled by another. */
  #giveUp(error: Error): void {
    this.#plan.landed();
    try {
      this.#controller.abort(error);
    } catch {} // workerd: the controller belongs to another request
  }

  /** Milliseconds in which it must move. */
  #left(): number {
    return this.#movedAt + LONGEST_PHASE - this.#plan.clock.monotonic();
  }

  /** Calls `end` once the flight is stuck. Until then, or until it is stopped, it keeps the process alive. */
  #watch(end: () => void): () => void {
    let stop: () => void;
    const wait = (delay: number, look: () => void): void => {
      stop = this.#plan.clock.after(delay, look, { ref: true });
    };
    const look = (): void => {
      const left = this.#left();
      if (left > 0) wait(left, look);
      // The process stood still, and the answer may be here.
      else if (left < -STALL) wait(STALL, () => (this.isStuck() ? end() : look()));
      else end();
    };
    wait(this.#left(), look);
    return () => stop();
  }
}
