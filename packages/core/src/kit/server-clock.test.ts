import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/index.ts';
import { learningFetch, serverClock } from './server-clock.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const dated = (epoch: number, more: Readonly<Record<string, string>> = {}): Headers =>
  new Headers({ date: new Date(epoch).toUTCString(), ...more });

const setUp = () => {
  const inner = fakeClock({ now: START });
  return { inner, clock: serverClock(inner) };
};

describe('serverClock', () => {
  it.each([2 * HOUR, -2 * HOUR, 6_000, 23 * HOUR])("follows a vendor's clock that is %i ms off", (skew) => {
    const { clock, inner } = setUp();
    expect([clock.now(), clock.skew()]).toEqual([START, 0]);
    clock.learn(dated(START + skew), inner.monotonic());
    inner.advance(HOUR);
    expect([clock.now(), clock.skew()]).toEqual([START + HOUR + skew + 500, skew + 500]);
  });

  it.each([
    ['the coarseness of a Date', [-4_000, -1_000, 0, 1_000, 4_000]],
    ['a clock that is wrong on purpose', [-25 * HOUR, 25 * HOUR]],
  ])('learns nothing from what it takes for %s', (_, skews) => {
    for (const skew of skews) {
      const { clock, inner } = setUp();
      clock.learn(dated(START + skew), inner.monotonic());
      expect([clock.now(), clock.skew()]).toEqual([START, 0]);
    }
  });

  it.each([
    ['a cached answer', dated(START + HOUR, { age: '10' }), 0],
    ['a slow answer', dated(START + HOUR), 5_001],
    ['an answer without a date', new Headers(), 0],
    ['an answer with a date that is none', new Headers({ date: 'soon' }), 0],
  ])('learns nothing from %s', (_, headers, roundTrip) => {
    const { clock, inner } = setUp();
    const sentAt = inner.monotonic();
    inner.advance(roundTrip);
    clock.learn(headers, sentAt);
    expect(clock.skew()).toBe(0);
  });

  it('forgets a difference that is no longer there, as after a correction of this machine', () => {
    const { clock, inner } = setUp();
    clock.learn(dated(START + HOUR), inner.monotonic());
    inner.step(HOUR);
    clock.learn(dated(START + HOUR), inner.monotonic());
    expect(clock.skew()).toBe(0);
  });
});

describe('learningFetch', () => {
  it('teaches the clock by every answer, counting half of the way, and passes answers and rejections on', async () => {
    const { clock, inner } = setUp();
    inner.advance(HOUR);
    const sentAt = clock.monotonic();
    const answer = new Response('', { status: 401, headers: dated(START + 2 * HOUR + 2_000) });
    const fetch = learningFetch(async (input) => {
      if (input === 'https://down.example/') throw new TypeError('down');
      inner.advance(4_000);
      return answer;
    }, clock);
    expect(await fetch('https://api.acme.example/')).toBe(answer);
    expect(clock.skew()).toBe(HOUR + 500);
    // Also a moment before the answer that told the time.
    expect(clock.at(sentAt)).toBe(START + 2 * HOUR + 500);
    await expect(fetch('https://down.example/')).rejects.toThrow(new TypeError('down'));
  });
});
