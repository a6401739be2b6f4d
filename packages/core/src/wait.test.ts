import { getEventListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { lateClock } from '../test/late-clock.ts';
import { type Clock, systemClock } from './clock.ts';
import { deadline, sleep } from './wait.ts';

const timeoutError = (): Error => new Error('late');
const never = (): Promise<never> => new Promise(() => {});

/** What came of it so far. */
const outcomeOf = (work: Promise<unknown>) => {
  const seen: { outcome: unknown } = { outcome: 'none yet' };
  work.then(
    (value) => {
      seen.outcome = value;
    },
    (error: unknown) => {
      seen.outcome = error;
    },
  );
  return seen;
};

describe('a sleep', () => {
  it('ends after its time, and not before', async () => {
    const { clock, settle } = lateClock();
    const seen = outcomeOf(sleep(clock, 1_000).then(() => 'over'));
    await settle(999);
    expect(seen.outcome).toBe('none yet');
    await settle(1);
    expect(seen.outcome).toBe('over');
  });

  it.each([true, false, undefined])('keeps the process alive if it is asked to (%s)', (ref) => {
    const { clock, armed } = lateClock();
    void sleep(clock, 1_000, { ref });
    expect(armed()).toEqual([ref ?? false]);
  });

  it('ends with the reason of its signal, and leaves no timer', async () => {
    const { clock, armed } = lateClock();
    const controller = new AbortController();
    const asleep = sleep(clock, 1_000, { signal: controller.signal });
    controller.abort('enough');
    await expect(asleep).rejects.toBe('enough');
    await expect(sleep(clock, 1_000, { signal: controller.signal })).rejects.toBe('enough');
    expect(armed()).toEqual([]);
  });
});

describe('a deadline', () => {
  it('lets work end in time, with its result or its failure, and leaves no timer', async () => {
    const { clock, armed } = lateClock();
    expect(await deadline(clock, 1_000, async () => 'done', { timeoutError })).toBe('done');
    await expect(deadline(clock, 1_000, () => Promise.reject('failed'), { timeoutError })).rejects.toBe('failed');
    const throwing = (): never => {
      throw new Error('at once');
    };
    await expect(deadline(clock, 1_000, throwing, { timeoutError })).rejects.toThrow('at once');
    expect(armed()).toEqual([]);
  });

  it.each([
    ['a plain value', () => 'done' as unknown as Promise<string>], // as JavaScript may do it
    // biome-ignore lint/suspicious/noThenProperty: a thenable of another library
    ['a thenable', () => ({ then: (resolve: (value: string) => void) => resolve('done') }) as unknown as Promise<string>], // the same
  ])('takes %s for an answer', async (_, work) => {
    const { clock, settle, armed } = lateClock();
    expect(await deadline(clock, 1_000, work, { timeoutError })).toBe('done');
    await settle(0);
    expect(armed()).toEqual([]);
  });

  it('rejects with what its own error maker throws', async () => {
    const { clock, settle } = lateClock();
    const broken = (): never => {
      throw new Error('no error to be had');
    };
    const seen = outcomeOf(deadline(clock, 1_000, never, { timeoutError: broken }));
    await settle(1_000);
    expect(seen.outcome).toEqual(new Error('no error to be had'));
  });

  it('ends work that takes longer, and tells it so', async () => {
    const { clock, settle, armed } = lateClock();
    let signal: AbortSignal | undefined;
    const work = (given: AbortSignal): Promise<never> => {
      signal = given;
      return never();
    };
    const seen = outcomeOf(deadline(clock, 1_000, work, { timeoutError }));
    await settle(999);
    expect([seen.outcome, signal?.aborted]).toEqual(['none yet', false]);
    await settle(1);
    expect(seen.outcome).toEqual(new Error('late'));
    expect(signal?.reason).toBe(seen.outcome);
    expect(armed()).toEqual([]);
  });

  it.each([true, false, undefined])('keeps the process alive if it is asked to (%s)', (ref) => {
    const { clock, armed } = lateClock();
    void deadline(clock, 1_000, never, { ref, timeoutError });
    expect(armed()).toEqual([ref ?? false]);
  });

  it('ends with the reason of an outer signal, and passes that on', async () => {
    const { clock, armed } = lateClock();
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const work = (given: AbortSignal): Promise<never> => {
      signal = given;
      return never();
    };
    const ended = deadline(clock, 1_000, work, { signal: controller.signal, timeoutError });
    controller.abort('enough');
    await expect(ended).rejects.toBe('enough');
    expect(signal?.reason).toBe('enough');
    expect(armed()).toEqual([]);
  });

  it('does not begin work whose signal has aborted', async () => {
    const { clock } = lateClock();
    let began = false;
    const work = async (): Promise<void> => {
      began = true;
    };
    await expect(deadline(clock, 1_000, work, { signal: AbortSignal.abort('enough'), timeoutError })).rejects.toBe('enough');
    expect(began).toBe(false);
  });

  it('waits for another 250 ms, once, when the process stood still', async () => {
    const { clock, settle, standStill } = lateClock();
    const seen = outcomeOf(deadline(clock, 1_000, never, { timeoutError }));
    standStill(30_000);
    await settle(1_248);
    expect(seen.outcome).toBe('none yet');
    await settle(1);
    expect(seen.outcome).toEqual(new Error('late'));
  });

  it('keeps an answer that was there when the process went on', async () => {
    const { clock, settle, standStill } = lateClock();
    const { promise, resolve } = Promise.withResolvers<string>();
    const seen = outcomeOf(deadline(clock, 1_000, () => promise, { timeoutError }));
    standStill(30_000);
    await settle(1_000);
    resolve('answer');
    await settle(1);
    expect(seen.outcome).toBe('answer');
  });

  it('keeps what takes a real process some turns to read after it stood still', async () => {
    const readOften = async (): Promise<string> => {
      let text = '';
      for (let turn = 0; turn < 30; turn += 1) text = await readFile(import.meta.filename, 'utf8');
      return text;
    };
    const read = deadline(systemClock, 20, readOften, { timeoutError });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await read).toContain('after it stood still');
  });
});

it.each([
  ['a sleep', (clock: Clock, signal: AbortSignal) => sleep(clock, 1, { signal })],
  ['a deadline', (clock: Clock, signal: AbortSignal) => deadline(clock, 1_000, async () => {}, { signal, timeoutError })],
  ['a deadline that is missed', (clock: Clock, signal: AbortSignal) => deadline(clock, 1, never, { signal, timeoutError })],
])('%s leaves no listener on a signal that lives on', async (_, wait) => {
  const { clock, settle } = lateClock();
  const { signal } = new AbortController();
  const over = wait(clock, signal).catch(() => {});
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await settle(1_000);
  await over;
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
