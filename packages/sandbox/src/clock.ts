import type { Clock } from '@auth/core';
import { InvalidArgument } from './invalid-argument.ts';

/** The vendor's time: that of the clock it was given, and as much ahead as it was told to be. */
export interface SandboxClock extends Clock {
  /** Moves the vendor's time on, and runs the timers of this clock that became due. Timers of the clock underneath do not see it. */
  readonly advance: (milliseconds: number) => void;
  /** Back to the time of the clock underneath. Timers wait as long as they would have. */
  readonly reset: () => void;
}

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
  readonly options: Parameters<Clock['after']>[2];
  disarm: () => void;
}

/** Leaves room for what is dated ahead: dates on the wire have years of four digits. */
const LAST_MOMENT = Date.UTC(9000, 0);

/** Puts an adjustable clock on another one. */
export const sandboxClock = (clock: Clock): SandboxClock => {
  let ahead = 0;
  // Apart from `ahead`, as a monotonic clock does not go back, not even on `reset`.
  let moved = 0;
  const timers = new Set<Timer>();

  const monotonic = (): number => clock.monotonic() + moved;

  const finish = (timer: Timer): void => {
    timers.delete(timer);
    timer.run();
  };

  const arm = (timer: Timer): void => {
    timer.disarm = clock.after(timer.dueAt - monotonic(), () => finish(timer), timer.options);
  };

  return {
    now: () => clock.now() + ahead,
    monotonic,
    after: (milliseconds, run, options) => {
      const timer: Timer = { dueAt: monotonic() + milliseconds, run, options, disarm: () => undefined };
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        timer.disarm();
      };
    },
    advance: (milliseconds) => {
      // Also false for NaN.
      if (!(milliseconds >= 0 && clock.now() + ahead + milliseconds <= LAST_MOMENT)) {
        throw new InvalidArgument('advance: give milliseconds from 0 on, and no further than the year 9000. `reset` goes back.');
      }
      ahead += milliseconds;
      moved += milliseconds;
      for (const timer of [...timers].sort((one, other) => one.dueAt - other.dueAt)) {
        timer.disarm();
        if (timer.dueAt > monotonic()) arm(timer);
        else finish(timer);
      }
    },
    reset: () => {
      ahead = 0;
    },
  };
};
