import type { Clock } from '@auth/core';

/** Milliseconds. What else a rotation waits for ends before, and what only keeps the process alive is set for later. */
const MINUTE = { after: 30_000, upTo: 60_000 };

/** This clock, on which the minute that `recover` waits is over at once: for tests about what it does then. */
export const hurried = (clock: Clock): Clock => ({
  ...clock,
  after: (milliseconds, run, options) => {
    if (milliseconds <= MINUTE.after || milliseconds > MINUTE.upTo || !options?.ref) return clock.after(milliseconds, run, options);
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
});
