import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads the wall clock and a clock that never steps', () => {
    const start = systemClock.monotonic();
    vi.advanceTimersByTime(1_500);
    expect(systemClock.now()).toBe(Date.UTC(2026, 0, 1) + 1_500);
    expect(systemClock.monotonic() - start).toBeCloseTo(1_500);
    vi.setSystemTime(0);
    expect(systemClock.now()).toBe(0);
    expect(systemClock.monotonic() - start).toBeCloseTo(1_500);
  });

  it('runs once after the delay, unless cancelled', () => {
    const ran: string[] = [];
    systemClock.after(1_000, () => ran.push('kept'));
    const cancel = systemClock.after(1_000, () => ran.push('cancelled'));
    cancel();
    vi.advanceTimersByTime(999);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(ran).toEqual(['kept']);
  });
});

describe('a timer of systemClock', () => {
  it('does not fire at once for a delay that overflows a timer, and has none for a negative one', () => {
    const armed = vi.spyOn(globalThis, 'setTimeout');
    for (const delay of [2 ** 31, 10 * 365 * 24 * 3_600_000, Number.POSITIVE_INFINITY, -5]) systemClock.after(delay, () => {})();
    expect(armed.mock.calls.map(([, delay]) => delay)).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1, 0]);
    armed.mockRestore();
  });

  it.each([
    [false, undefined],
    [false, { ref: false }],
    [true, { ref: true }],
  ])('keeps the process alive: %s, with %o', (expected, options) => {
    const armed = vi.spyOn(globalThis, 'setTimeout');
    const cancel = systemClock.after(60_000, () => {}, options);
    const timer: unknown = armed.mock.results[0]?.value;
    cancel();
    armed.mockRestore();
    expect(timer).toHaveProperty('hasRef');
    expect(keepsAlive(timer)).toBe(expected);
  });
});

const keepsAlive = (timer: unknown): boolean =>
  typeof timer === 'object' && timer !== null && 'hasRef' in timer && typeof timer.hasRef === 'function' && timer.hasRef() === true;
