import { fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { createLine } from './line.ts';

/** SQLite's error for a file that is locked by others. */
const busy = { errcode: 5 };

/** A line to a file that others have locked, or not; each try takes `lasting` milliseconds. */
const setUp = ({ lasting = 0 } = {}) => {
  const clock = fakeClock();
  const line = createLine(clock);
  const state = { isBusy: true, tries: [] as string[] };
  const attempt = (name: string) =>
    line(async () => {
      state.tries.push(name);
      clock.advance(lasting);
      if (state.isBusy) throw busy;
      return name;
    });
  return { clock, line, state, attempt };
};

describe('a line', () => {
  it('lets one try at a time, and the event loop go on in between', async () => {
    const { clock, state, attempt } = setUp();
    const waiting = Promise.all(['first', 'second', 'third'].map(attempt));
    await clock.settle(100);
    expect(new Set(state.tries)).toEqual(new Set(['first']));
    expect(state.tries.length).toBeGreaterThan(5);
    state.tries = [];
    state.isBusy = false;
    await clock.settle(20);
    expect(await waiting).toEqual(['first', 'second', 'third']);
    expect(state.tries).toEqual(['first', 'second', 'third']);
  });

  it('gives each its own time, and never tries what it has rejected', async () => {
    const { clock, state, attempt } = setUp({ lasting: 10 });
    const early = attempt('early').catch((error: unknown) => error);
    await clock.settle(500);
    const late = attempt('late');
    await clock.settle(450);
    expect(await early).toBe(busy);
    state.tries = [];
    state.isBusy = false;
    await clock.settle(100);
    expect(await late).toBe('late');
    expect(state.tries).toEqual(['late']);
  });

  it('rejects what has waited too long without a try', async () => {
    const { clock, state, attempt } = setUp();
    const waiting = Promise.allSettled(['first', 'second'].map(attempt));
    await clock.settle(1_000);
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(state.tries).not.toContain('second');
  });

  it('has made its last try before the second in which the engine waits is over', async () => {
    const { clock, attempt } = setUp({ lasting: 20 });
    let end = 0;
    const waiting = attempt('only').catch(() => {
      end = clock.monotonic();
    });
    await clock.settle(2_000);
    await waiting;
    expect(end).toBeGreaterThan(800);
    expect(end).toBeLessThan(1_000);
  });

  it('lets the event loop go on while those who have waited follow one another', async () => {
    const { clock, state, attempt } = setUp({ lasting: 4 });
    const waiting = Promise.all(Array.from({ length: 12 }, (_, number) => attempt(`${number}`)));
    await clock.settle(30);
    state.isBusy = false;
    state.tries = [];
    let most = 0;
    const watch = (): void => {
      most = Math.max(most, state.tries.length);
      state.tries = [];
      if (clock.monotonic() < 200) clock.after(1, watch);
    };
    watch();
    await clock.settle(300);
    await waiting;
    expect(most).toBeLessThan(5);
  });

  it('has no end to the time of those whom nobody keeps from the file', async () => {
    const { clock, state, attempt } = setUp({ lasting: 200 });
    state.isBusy = false;
    const names = Array.from({ length: 12 }, (_, number) => `${number}`);
    expect(await Promise.all(names.map(attempt))).toEqual(names);
    expect(clock.monotonic()).toBe(2_400);
  });

  it('passes on at once what is no contention', async () => {
    const { line } = setUp();
    await expect(line(async () => Promise.reject({ errcode: 13 }))).rejects.toEqual({ errcode: 13 });
    expect(await line(async () => 'next')).toBe('next');
  });
});
