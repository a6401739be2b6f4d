import type { Clock } from '@auth/core';

/** After an operation without an answer the next ones fail at once for so many milliseconds, or until an answer comes. */
const PAUSE = 1_000;

/** Runs work; rejects with a `Silence` if it takes too long. What it comes to afterwards is ignored. */
export type Deadline = <T>(work: () => Promise<T>) => Promise<T>;

/** Told from whatever a client rejects with. */
export interface Silence {
  readonly silentFor: number;
}

/** Whether no answer came in time. */
export const isSilence = (error: unknown): error is Silence => typeof error === 'object' && error !== null && 'silentFor' in error;

/** An end to every operation of one client, after so many milliseconds. */
export const createDeadline = (timeout: number, clock: Clock): Deadline => {
  const silence: Silence = { silentFor: timeout };
  let silentUntil = Number.NEGATIVE_INFINITY;
  const heard = (): void => {
    silentUntil = Number.NEGATIVE_INFINITY;
  };

  return async (work) => {
    if (clock.monotonic() < silentUntil) throw silence;
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      const giveUp = (): void => {
        silentUntil = clock.monotonic() + PAUSE;
        reject(silence);
      };
      // A process that stood still finds its timers due before the answers that have arrived meanwhile: it reads those first.
      const lookOnce = (): void => {
        cancel = clock.after(1, giveUp, { ref: true });
      };
      cancel = clock.after(timeout, lookOnce, { ref: true });
    });
    try {
      const answer = work();
      answer.then(heard, () => {});
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  };
};
