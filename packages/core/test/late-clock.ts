import type { Clock } from '../src/index.ts';
import { type FakeClock, fakeClock } from '../src/testing/index.ts';

/** A clock for tests of a process that stands still. */
export interface LateClock {
  readonly clock: Clock;
  readonly settle: FakeClock['settle'];
  /** Nothing runs meanwhile: timers that fire from now on are late by as much. */
  readonly standStill: (milliseconds: number) => void;
  /** Of each timer that is armed, whether it keeps the process alive. */
  readonly armed: () => readonly boolean[];
}

/** A clock whose timers fire as late as the process stood still. */
export const lateClock = (): LateClock => {
  const inner = fakeClock();
  let still = 0;
  const armed = new Map<object, boolean>();
  const clock: Clock = {
    ...inner,
    monotonic: () => inner.monotonic() + still,
    after: (milliseconds, run, { ref = false } = {}) => {
      const timer = {};
      armed.set(timer, ref);
      const cancel = inner.after(milliseconds, () => {
        armed.delete(timer);
        run();
      });
      return () => {
        armed.delete(timer);
        cancel();
      };
    },
  };
  const standStill = (milliseconds: number): void => {
    still += milliseconds;
  };
  return { clock, settle: inner.settle, standStill, armed: () => [...armed.values()] };
};
