import type { Clock } from '../clock.ts';

/** A clock that moves only when told. */
export interface FakeClock extends Clock {
  /** Moves both clocks and runs the timers that became due, in order. Promises that they settle continue afterwards. */
  readonly advance: (milliseconds: number) => void;
  /** Like `advance`, but lets promises continue between timers: use it where the work of one timer starts another. */
  readonly settle: (milliseconds: number) => Promise<void>;
  /** Moves the wall clock alone, as NTP or an operator would. The monotonic clock and timers do not notice. */
  readonly step: (milliseconds: number) => void;
}

/**
 * A clock for tests.
 *
 * @example
 * ```ts
 * const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
 * const tokens = managed(source, { clock });
 * await tokens.token();
 * clock.advance(90 * 60_000);
 * ```
 */
export const fakeClock = ({ now = 0 }: { readonly now?: number | undefined } = {}): FakeClock => {
  let elapsed = 0;
  let wall = now;
  let timers: readonly { readonly due: number; readonly run: () => void }[] = [];

  const moveTo = (target: number): void => {
    wall += target - elapsed;
    elapsed = target;
  };

  const runNext = (until: number): boolean => {
    const [next] = timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
    if (next === undefined) return false;
    timers = timers.filter((timer) => timer !== next);
    moveTo(Math.max(elapsed, next.due));
    next.run();
    return true;
  };

  return {
    now: () => wall,
    monotonic: () => elapsed,
    after: (milliseconds, run) => {
      const timer = { due: elapsed + Math.max(0, milliseconds), run };
      timers = [...timers, timer];
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (milliseconds) => {
      const until = elapsed + milliseconds;
      while (runNext(until));
      moveTo(until);
    },
    settle: async (milliseconds) => {
      const until = elapsed + milliseconds;
      await promises();
      while (runNext(until)) await promises();
      moveTo(until);
      await promises();
    },
    step: (milliseconds) => {
      wall += milliseconds;
    },
  };
};

const realTimeout = globalThis.setTimeout;

/** Lets promises continue, including those that hashing settles from another thread. */
const promises = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => realTimeout(resolve, 0));
};
