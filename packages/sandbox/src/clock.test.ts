import { fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { sandboxClock } from './clock.ts';

describe('sandboxClock', () => {
  it('is ahead of its clock by what it was told, until it is reset', () => {
    const clock = sandboxClock(fakeClock({ now: 1_000 }));
    clock.advance(500);
    clock.advance(0);
    expect([clock.now(), clock.monotonic()]).toEqual([1_500, 500]);
    clock.reset();
    expect(clock.now()).toBe(1_000);
  });

  it('never takes its monotonic time back', () => {
    const clock = sandboxClock(fakeClock());
    clock.advance(500);
    clock.reset();
    expect(clock.monotonic()).toBe(500);
  });

  it('runs what becomes due when it is moved on, in order and once, and leaves the rest', () => {
    const base = fakeClock();
    const clock = sandboxClock(base);
    const ran: string[] = [];
    for (const [name, after] of Object.entries({ late: 100, second: 20, first: 10, cancelled: 15 })) {
      const cancel = clock.after(after, () => ran.push(name));
      if (name === 'cancelled') cancel();
    }
    clock.advance(20);
    expect(ran).toEqual(['first', 'second']);
    base.advance(79);
    expect(ran).toHaveLength(2);
    base.advance(1);
    expect(ran).toEqual(['first', 'second', 'late']);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, Date.UTC(9000, 0)])('refuses to be moved by %d', (milliseconds) => {
    const clock = sandboxClock(fakeClock({ now: 1 }));
    expect(() => clock.advance(milliseconds)).toThrow(TypeError);
    expect(clock.now()).toBe(1);
  });
});
