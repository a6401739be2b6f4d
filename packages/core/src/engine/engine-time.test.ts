import { describe, expect, it } from 'vitest';
import type { Token } from '../index.ts';
import { fakeClock } from '../testing/index.ts';
import { EngineTime } from './engine-time.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The engine's time by a fake clock. `stepped` is what it has gained on the monotonic clock after these steps of the wall clock. */
const setUp = () => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const time = new EngineTime(clock);
  time.now();
  const stepped = (...steps: readonly number[]): number => {
    for (const step of steps) {
      clock.step(step);
      time.now();
    }
    return time.ahead;
  };
  return { clock, time, stepped };
};

const token = (): Token => ({ value: 'a', issuedAt: 0, expiresAt: HOUR });

describe("the engine's time", () => {
  it('goes with the monotonic clock', () => {
    const { clock, time } = setUp();
    clock.advance(HOUR);
    expect([time.now(), time.ahead]).toEqual([HOUR, 0]);
  });

  it('knows nothing of what the wall clock did before the first look', () => {
    const clock = fakeClock();
    const time = new EngineTime(clock);
    clock.step(HOUR);
    expect([time.now(), time.ahead]).toEqual([0, 0]);
  });

  it.each([
    ['a leap', [2 * HOUR], 2 * HOUR],
    ['two leaps', [2 * HOUR, MINUTE], 2 * HOUR + MINUTE],
    ['what is a second at most, once', [SECOND], 0],
    ['a drift, once it is more than a second', [400, 400, 400], 1_200],
    ['no step back', [-2 * HOUR, -SECOND], 0],
    ['a leap after a step back', [-2 * HOUR, HOUR], HOUR],
    ['no return from a step of up to a minute', [-MINUTE, MINUTE], 0],
    ['only what is more than the step back before it', [-7 * SECOND, 40 * SECOND], 33 * SECOND],
    ['the return from a longer step', [-MINUTE - 1, MINUTE + 1], MINUTE + 1],
    ['the time of a vendor that goes back and forth once', [6, -6, 6, -6, 6].map((seconds) => seconds * SECOND), 6 * SECOND],
  ])('counts %s', (_, steps, ahead) => {
    expect(setUp().stepped(...steps)).toBe(ahead);
  });

  it('is looked at by warm calls every ten seconds, counted from the last look', () => {
    const { clock, time } = setUp();
    expect(time.lookAt).toBe(10 * SECOND);
    clock.advance(4 * SECOND);
    time.now();
    expect(time.lookAt).toBe(14 * SECOND);
  });

  describe('of a token that is over', () => {
    const held = (...steps: readonly number[]) => {
      const made = setUp();
      const one = token();
      made.time.hold(one);
      made.stepped(...steps);
      return { ...made, one };
    };

    it('knows whether it would not be over without the last leap', () => {
      const { time, one } = held(2 * HOUR);
      expect([HOUR, 2 * HOUR, 1].map((end) => time.isOverByLeap(one, end, time.now()))).toEqual([true, true, true]);
      expect(time.isOverByLeap(one, 0, time.now())).toBe(false);
    });

    it('knows that an earlier leap ended it', () => {
      const { time, one } = held(2 * HOUR, MINUTE);
      expect(time.isOverByLeap(one, HOUR, time.now())).toBe(false);
      expect(time.isOverByLeap(one, 2 * HOUR + 1, time.now())).toBe(true);
    });

    it('knows that there was no leap', () => {
      const { clock, time, one } = held();
      clock.advance(HOUR);
      expect(time.isOverByLeap(one, HOUR, time.now())).toBe(false);
    });

    it('knows that the leap was before the token', () => {
      const { clock, time } = held(2 * HOUR);
      const later = token();
      time.hold(later);
      clock.advance(HOUR);
      expect(time.isOverByLeap(later, 3 * HOUR, time.now())).toBe(false);
    });

    it('knows that another leap was after it', () => {
      const { time, stepped } = held(2 * HOUR);
      const later = token();
      time.hold(later);
      stepped(2 * HOUR);
      expect(time.isOverByLeap(later, 3 * HOUR, time.now())).toBe(true);
    });
  });
});
