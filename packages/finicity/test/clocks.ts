import type { Clock } from '@auth/core';
import type { FakeClock } from '@auth/core/testing';

/** In milliseconds. Other waits of a rotation are shorter, and timers that only keep the process alive are longer. */
const MINUTE = { after: 30_000, upTo: 60_000 };

/** This clock, but the minute that `recover` waits is over at once: for tests of what happens after it. */
export const hurried = (clock: Clock): Clock => ({
  ...clock,
  after: (milliseconds, run, options) => {
    if (milliseconds <= MINUTE.after || milliseconds > MINUTE.upTo || !options?.ref) return clock.after(milliseconds, run, options);
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
});

/** Waits while time passes in small steps. Before each, what is under way goes on, and hashes arrive from their threads. */
export const passing = async <T>(clock: FakeClock, outcome: Promise<T>): Promise<T> => {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  outcome.then(end, end);
  while (!isOver) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1));
    await new Promise((resolve) => setImmediate(resolve));
    if (!isOver) clock.advance(25);
  }
  return outcome;
};
