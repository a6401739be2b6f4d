import type { Clock } from '../clock.ts';

/** One piece of work that many callers wait for. */
export interface Flight<T> {
  /** Waits for the outcome. A signal ends this wait only, with `aborted()`. */
  readonly join: (signal?: AbortSignal) => Promise<T>;
  /** Ends the work, and every caller's wait with this error. */
  readonly cancel: (error: Error) => void;
  /** Settles with the work, even if the flight was cancelled. */
  readonly work: Promise<T>;
}

/** What the work is called with. */
export interface FlightContext {
  /** Aborts when the flight is given up. */
  readonly signal: AbortSignal;
  /** Whether any caller has ever waited for it. */
  readonly isAwaited: () => boolean;
}

/** What a flight does, and how it ends. */
export interface FlightPlan<T> {
  readonly clock: Clock;
  readonly run: (context: FlightContext) => Promise<T>;
  /** Whether the work ends when the last caller stops waiting for it. */
  readonly abandonable: boolean;
  /** Called when the flight can no longer be joined. */
  readonly landed: () => void;
  readonly aborted: () => Error;
}

/** The longest delay of a timer, in milliseconds, for one that only keeps the process alive until it is cancelled. */
export const NEVER: number = 2 ** 31 - 1;

/** Starts at once. No caller's signal reaches the work, which has a controller of its own. */
export const startFlight = <T>({ clock, run, abandonable, landed, aborted }: FlightPlan<T>): Flight<T> => {
  const controller = new AbortController();
  let waiting = 0;
  let isAwaited = false;
  let cancel: (error: Error) => void = () => {};

  const work = run({ signal: controller.signal, isAwaited: () => isAwaited });
  const outcome = new Promise<T>((resolve, reject) => {
    cancel = (error) => {
      reject(error);
      controller.abort(error);
    };
    work.then(resolve, reject);
  });
  // Also keeps a background flight, which nobody awaits, from being an unhandled rejection.
  outcome.then(landed, landed);

  /** The work's own timers let the process end. Once a caller waits, it would end in the middle of `await token()`. */
  const keepProcessAlive = (): void => {
    if (isAwaited) return;
    isAwaited = true;
    const stop = clock.after(NEVER, () => {}, { ref: true });
    outcome.then(stop, stop);
  };

  return {
    cancel: (error) => cancel(error),
    work,
    join: (signal) => {
      waiting += 1;
      keepProcessAlive();
      if (!signal) return outcome;
      return new Promise<T>((resolve, reject) => {
        const leave = (): void => {
          waiting -= 1;
          reject(aborted());
          if (waiting > 0 || !abandonable) return;
          landed();
          cancel(aborted());
        };
        if (signal.aborted) return leave();
        signal.addEventListener('abort', leave, { once: true });
        outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
      });
    },
  };
};
