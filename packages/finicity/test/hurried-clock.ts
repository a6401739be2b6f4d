import type { Clock } from '@auth/core';

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
