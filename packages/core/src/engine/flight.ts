import type { Clock } from '../clock.ts';
import { STALL } from '../wait.ts';

/** One piece of work that many callers wait for. */
export interface Flight<T> {
  /** Waits for the outcome. A signal ends this wait only, with `aborted()`. */
  readonly join: (signal?: AbortSignal) => Promise<T>;
  /** Ends every caller's wait with this error, and the work. */
  readonly cancel: (error: Error) => void;
  /** Whether it has not moved for longer than any phase lasts. Then nobody should join it. */
  readonly isStuck: () => boolean;
  /** Settles with the work, even if the flight was cancelled. Never, if the request that began it has ended. */
  readonly work: Promise<T>;
  /** Resolves when the work has settled, or the flight is stuck. */
  readonly ended: () => Promise<void>;
}

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
 * Starts at once. No caller's signal reaches the work, which has a controller of its own.
 *
 * In a worker, timers and answers belong to the request that caused them: once it has ended, neither comes any more. So the work may end
 * without a word, while callers of other requests wait for it. Each of them has a timer of its own.
 */
export const startFlight = <T>({ clock, run, abandonable, landed, errors }: FlightPlan<T>): Flight<T> => {
  const controller = new AbortController();
  let waiting = 0;
  let isAwaited = false;
  let movedAt = clock.monotonic();
  const moves = (): void => {
    movedAt = clock.monotonic();
  };
  const left = (): number => movedAt + LONGEST_PHASE - clock.monotonic();
  let rejectAll: (error: Error) => void = () => {};

  const work = run({ signal: controller.signal, isAwaited: () => isAwaited, moves });
  const outcome = new Promise<T>((resolve, reject) => {
    rejectAll = reject;
    work.then(resolve, reject);
  });
  // Also keeps a background flight, which nobody awaits, from being an unhandled rejection.
  outcome.then(landed, landed);

  /** Ends the work. Those who wait end their own waits: in workerd a promise of a request that has ended cannot be settled by another. */
  const giveUp = (error: Error): void => {
    landed();
    try {
      controller.abort(error);
    } catch {} // workerd: the controller belongs to another request
  };

  return {
    cancel: (error) => {
      rejectAll(error);
      giveUp(error);
    },
    isStuck: () => left() <= 0,
    work,
    ended: () =>
      new Promise((resolve) => {
        const stop = watch(clock, left, resolve);
        const end = (): void => {
          stop();
          resolve();
        };
        work.then(end, end);
      }),
    join: (signal) => {
      waiting += 1;
      isAwaited = true;
      return new Promise<T>((resolve, reject) => {
        const leave = (): void => {
          waiting -= 1;
          end();
          reject(errors.aborted());
          if (waiting === 0 && abandonable) giveUp(errors.aborted());
        };
        const stop = watch(clock, left, () => {
          end();
          reject(errors.stuck());
          giveUp(errors.stuck());
        });
        const end = (): void => {
          stop();
          signal?.removeEventListener('abort', leave);
        };
        if (signal?.aborted) return leave();
        signal?.addEventListener('abort', leave, { once: true });
        outcome.then(resolve, reject);
        outcome.then(end, end);
      });
    },
  };
};

/**
 * Calls `end` once no time is left in which a flight must move. Until then, or until it is stopped, it keeps the process alive. `left` in
 * milliseconds.
 */
const watch = (clock: Clock, left: () => number, end: () => void): (() => void) => {
  let stop: () => void;
  const wait = (delay: number, look: () => void): void => {
    stop = clock.after(delay, look, { ref: true });
  };
  const look = (): void => {
    if (left() > 0) wait(left(), look);
    // The process stood still, and the answer may be here.
    else if (left() < -STALL) wait(STALL, () => (left() > 0 ? look() : end()));
    else end();
  };
  wait(left(), look);
  return () => stop();
};
