import { describe, expect, it } from 'vitest';
import { fakeClock } from './fake-clock.ts';

describe('fakeClock', () => {
  it('starts where it is told and stands still', async () => {
    const clock = fakeClock({ now: 1_000 });
    await Promise.resolve();
    expect([clock.now(), clock.monotonic(), fakeClock().now()]).toEqual([1_000, 0, 0]);
  });

  it('steps the wall clock alone, and runs no timer', () => {
    const clock = fakeClock({ now: 1_000 });
    const ran: string[] = [];
    clock.after(10, () => ran.push('ran'));
    clock.step(-400);
    clock.step(5_000);
    expect([clock.now(), clock.monotonic(), ran]).toEqual([5_600, 0, []]);
  });
});

describe('advance', () => {
  it('moves both clocks, and runs what became due, in order and at its time, once', () => {
    const clock = fakeClock({ now: 1_000 });
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name} at ${clock.now()}`);
    clock.after(30, note('third'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(31, note('late'));
    clock.advance(30);
    expect([clock.now(), clock.monotonic()]).toEqual([1_030, 30]);
    expect(ran).toEqual(['first at 1010', 'second at 1010', 'third at 1030']);
    clock.advance(1);
    clock.advance(100);
    expect(ran.slice(3)).toEqual(['late at 1031']);
  });

  it('runs timers that timers start, if they become due in time, and none that they cancel', () => {
    const clock = fakeClock();
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.monotonic());
      clock.after(10, again);
    };
    clock.after(10, again);
    const cancel = clock.after(15, () => ran.push(0));
    clock.after(5, cancel);
    clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.monotonic()).toBe(35);
  });

  it('treats a negative delay as none', () => {
    const clock = fakeClock();
    const ran: number[] = [];
    clock.advance(5);
    clock.after(-100, () => ran.push(clock.now()));
    clock.advance(0);
    expect(ran).toEqual([5]);
  });
});

describe('settle', () => {
  it('lets promises go on between timers, so that the timers they start run too', async () => {
    const clock = fakeClock();
    const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => void clock.after(milliseconds, resolve));
    const woke: number[] = [];
    const sleeping = (async () => {
      for (let round = 0; round < 3; round += 1) {
        await sleep(10);
        woke.push(clock.now());
      }
    })();
    await clock.settle(30);
    await sleeping;
    expect(woke).toEqual([10, 20, 30]);
  });

  it('waits for what another thread computes', async () => {
    const clock = fakeClock();
    let length = 0;
    crypto.subtle.digest('SHA-256', new Uint8Array(1)).then(({ byteLength }) => {
      length = byteLength;
    });
    await clock.settle(0);
    expect(length).toBe(32);
  });
});
