import type { Clock } from './clock.ts';

/** Milliseconds. A timer that fires later than this says that the process stood still: suspended, frozen, or busy. */
const STALL = 250;

/** How a wait can end early, and whether it keeps the process alive. */
export interface WaitOptions {
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps the process alive until the wait is over. Default `false`. */
  readonly ref?: boolean | undefined;
}

/** The same for work, and what ends it. */
export interface DeadlineOptions extends WaitOptions {
  /** Makes the error that work without a result in time ends with. */
  readonly timeoutError: () => Error;
}

/**
 * Resolves after this many milliseconds of the clock. Rejects with the reason of the signal as soon as that aborts.
 *
 * @example
 * ```ts
 * await sleep(clock, 250, { signal });
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
 * Runs work that has this many milliseconds of the clock. When they are over, or the outer signal aborts, the promise rejects and the
 * signal that the work was given aborts; what becomes of the work afterwards is ignored.
 *
 * A process that stood still finds its timers due before the answers that arrived meanwhile. So a deadline that comes more than 250 ms late
 * waits for another 250 ms, once.
 *
 * @example
 * ```ts
 * const timeoutError = () => new Error('The secret manager did not answer within 5 s.');
 * const secret = await deadline(clock, 5_000, (signal) => readSecretFrom(manager, signal), { timeoutError });
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
    const giveUp = (): void => end(timeoutError());
    // The last millisecond is a look of its own: even a short stall must not be taken for silence.
    const due = clock.monotonic() + milliseconds - 1;
    const lookAgain = (): void => {
      cancel = clock.after(clock.monotonic() - due > STALL ? STALL : 1, giveUp, { ref });
    };
    let cancel = clock.after(milliseconds - 1, lookAgain, { ref });
    signal?.addEventListener('abort', stop, { once: true });
    try {
      work(controller.signal).then(resolve, reject).finally(finish);
    } catch (error) {
      end(error);
    }
  });
