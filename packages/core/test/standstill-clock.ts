import type { Clock } from '../src/index.ts';
import { systemClock } from '../src/index.ts';

/** Milliseconds between two looks, and for how long nothing ran if the process stood still. A busy machine makes it wait, too. */
const [LOOK, STILL] = [20, 1_000];

/** The system's clock, on which a standstill of the process (SIGSTOP) lasts so many times as long. */
export const standstillClock = (factor: number): Clock => {
  let more = 0;
  let seen = systemClock.monotonic();
  const timers = new Set<{ readonly due: number; readonly fire: () => void }>();
  const monotonic = (): number => {
    const now = systemClock.monotonic();
    if (now - seen > STILL) more += (now - seen) * (factor - 1);
    seen = now;
    return now + more;
  };
  setInterval(() => {
    const now = monotonic();
    for (const { due, fire } of [...timers].sort((one, other) => one.due - other.due)) if (due <= now) fire();
  }, LOOK).unref();
  return {
    now: () => systemClock.now() + more,
    monotonic,
    after: (milliseconds, run, how) => {
      const fire = (): void => {
        stop();
        run();
      };
      const timer = { due: monotonic() + milliseconds, fire };
      timers.add(timer);
      const cancel = systemClock.after(milliseconds, fire, how);
      const stop = (): void => {
        timers.delete(timer);
        cancel();
      };
      return stop;
    },
  };
};
