import { type Clock, deadline } from '@auth/core';

/** After an operation without an answer the next ones fail at once for so many milliseconds, or until an answer comes. */
const PAUSE = 1_000;

/** Runs work; rejects with a `Silence` if it takes too long. What it comes to afterwards is ignored. */
export type Deadline = <T>(work: () => Promise<T>) => Promise<T>;

/** No answer in time. Told from whatever a client rejects with. */
export class Silence extends Error {
  /** Milliseconds. */
  readonly silentFor: number;

  constructor(silentFor: number) {
    super();
    this.silentFor = silentFor;
  }
}

/** An end to every operation of one client, after so many milliseconds. */
export const createDeadline = (timeout: number, clock: Clock): Deadline => {
  let silentUntil = Number.NEGATIVE_INFINITY;
  const timeoutError = (): Silence => {
    silentUntil = clock.monotonic() + PAUSE;
    return new Silence(timeout);
  };

  return async <T>(work: () => Promise<T>) => {
    if (clock.monotonic() < silentUntil) throw new Silence(timeout);
    const heard = async (): Promise<T> => {
      const answer = await work();
      silentUntil = Number.NEGATIVE_INFINITY;
      return answer;
    };
    // All of the timeout is the server's: the last millisecond of a deadline is a look of its own.
    return deadline(clock, timeout + 1, heard, { ref: true, timeoutError });
  };
};
