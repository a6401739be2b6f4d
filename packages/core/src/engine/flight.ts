import type { Clock } from '../clock.ts';

/** One piece of work that many callers wait for. */
export interface Flight<T> {
  /** Waits for the outcome. A signal ends this wait only, with `aborted()`. */
  readonly join: (signal?: AbortSignal) => Promise<T>;
  /** Ends the work, and everybody's wait with this error. */
  readonly cancel: (error: Error) => void;
}

export interface FlightPlan<T> {
  readonly clock: Clock;
  /** Milliseconds after which the work is aborted and the flight fails with `expired()`. */
  readonly deadline: number;
  /** Whether somebody waits from the start. If not, the deadline's timer does not keep the process alive. */
  readonly awaited: boolean;
  readonly run: (signal: AbortSignal) => Promise<T>;
  /** Whether the work ends when nobody waits for it any more. */
  readonly abandonable: boolean;
  /** Called when the flight can no longer be joined. */
  readonly landed: () => void;
  readonly expired: () => Error;
  readonly aborted: () => Error;
}

/** Starts at once. No caller's signal reaches the work: it has a controller and a deadline of its own. */
export const startFlight = <T>({ clock, deadline, awaited, run, abandonable, landed, expired, aborted }: FlightPlan<T>): Flight<T> => {
  const controller = new AbortController();
  let waiting = 0;
  let cancel: (error: Error) => void = () => {};

  const outcome = new Promise<T>((resolve, reject) => {
    // Without the reference Node would end in the middle of `await token()`.
    const stopTimer = clock.after(deadline, () => cancel(expired()), { ref: awaited });
    cancel = (error) => {
      // The work may ignore its signal; the timer must not outlive the flight all the same.
      stopTimer();
      reject(error);
      controller.abort();
    };
    run(controller.signal).then(resolve, reject).finally(stopTimer);
  });
  // Also keeps a background flight, which nobody awaits, from being an unhandled rejection.
  outcome.then(landed, landed);

  return {
    cancel: (error) => cancel(error),
    join: (signal) => {
      waiting += 1;
      if (signal === undefined) return outcome;
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
