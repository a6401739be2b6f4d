import type { Clock } from './clock.ts';

/** Milliseconds. A timer that is later than this shows that the process stood still: suspended, frozen, or busy. */
export const STALL = 250;

/** How a wait can end early, and whether it keeps the process alive. */
export interface WaitOptions {
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps the process alive until the wait is over. Default `false`. */
  readonly ref?: boolean | undefined;
}

/** The same for work, and the error at its deadline. */
export interface DeadlineOptions extends WaitOptions {
  /** Makes the error to reject with when the time is up. */
  readonly timeoutError: () => Error;
}

/**
 * Resolves after `milliseconds` on the clock. Rejects with the signal's reason as soon as the signal aborts.
 * `systemClock` counts at most 24.8 days.
 *
 * @example
 * ```ts
 * await sleep(clock, 250, { signal: request.signal });
 * ```
 */
export const sleep = (clock: Clock, milliseconds: number, { signal, ref }: WaitOptions = {}): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const wake = (): void => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    const cancel = clock.after(milliseconds, wake, { ref });
    signal?.addEventListener('abort', stop, { once: true });
  });

/**
 * Runs work with a time limit, in milliseconds on the clock. When the time is up, or the outer signal aborts, the promise rejects and the
 * signal that was passed to the work aborts; how the work ends after that is ignored.
 *
 * A process that stood still sees its timers fire before it reads the answers that arrived meanwhile. So a deadline that fires more than
 * 250 ms late waits another 250 ms, once.
 *
 * @example
 * ```ts
 * const timeoutError = () => new Error('The vendor did not answer within 5 s.');
 * const response = await deadline(clock, 5_000, (signal) => fetch(url, { signal }), { timeoutError });
 * ```
 */
export const deadline = <T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  { signal, ref, timeoutError }: DeadlineOptions,
): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const controller = new AbortController();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', stop);
    };
    const end = (error: unknown): void => {
      finish();
      reject(error);
      controller.abort(error);
    };
    const stop = (): void => end(signal?.reason);
    const giveUp = (): void => {
      // Nobody would catch what is thrown in a timer.
      try {
        end(timeoutError());
      } catch (error) {
        end(error);
      }
    };
    // The last millisecond has a timer of its own, so that not even a short stall is taken for silence.
    const due = clock.monotonic() + milliseconds - 1;
    const lookAgain = (): void => {
      cancel = clock.after(clock.monotonic() - due > STALL ? STALL : 1, giveUp, { ref });
    };
    let cancel = clock.after(milliseconds - 1, lookAgain, { ref });
    signal?.addEventListener('abort', stop, { once: true });
    try {
      // JavaScript may answer a plain value.
      Promise.resolve(work(controller.signal)).then(resolve, reject).finally(finish);
    } catch (error) {
      end(error);
    }
  });

/** Rejects with the signal's reason as soon as the signal aborts. How the work ends after that is ignored. */
export const abortable = <T>(work: T | Promise<T>, signal: AbortSignal | null | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', stop));
  });
