import { type Clock, deadline } from '@auth/core';

/** After an operation without an answer the next ones fail at once for this long, in milliseconds, or until an answer comes. */
const PAUSE = 1_000;

/** Runs work; rejects with a `Silence` if it takes too long. A later result is ignored. */
export type Deadline = <T>(work: () => Promise<T>) => Promise<T>;

/** No answer in time. A class of its own, to tell it from whatever a client rejects with. */
export class Silence extends Error {
  /** Milliseconds. */
  readonly silentFor: number;

  constructor(silentFor: number) {
    super();
    this.silentFor = silentFor;
  }
}

/** A deadline for every operation of one client. `timeout` is in milliseconds. */
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
    // The server gets the whole timeout, because a deadline keeps its last millisecond for one more look.
    return deadline(clock, timeout + 1, heard, { ref: true, timeoutError });
  };
};
