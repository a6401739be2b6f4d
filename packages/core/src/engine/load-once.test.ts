import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/index.ts';
import { loadOnce } from './load-once.ts';

const SECOND = 1_000;

const never = (): Promise<never> => new Promise(() => {});

/** What is loaded when, by these answers in turn; the first is for the engine itself. */
const setUp = (...answers: readonly (() => Promise<string>)[]) => {
  const clock = fakeClock();
  let asked = 0;
  const load = (): Promise<string> => {
    asked += 1;
    return (answers[asked - 1] ?? never)();
  };
  const open = loadOnce(clock, load, () => new Error('It did not load.'));
  const outcome = (): { readonly of: () => string } => {
    let seen = 'waits';
    open().then(
      (value) => {
        seen = value;
      },
      ({ message }) => {
        seen = message;
      },
    );
    return { of: () => seen };
  };
  return { clock, outcome, asked: () => asked };
};

const answers = (value: string) => async (): Promise<string> => value;
const fails = async (): Promise<never> => {
  throw new Error('no such file');
};

describe('what is loaded once for an engine', () => {
  it('is loaded before the first call, and never again', async () => {
    const { clock, outcome, asked } = setUp(answers('first'), answers('second'));
    await clock.settle(0);
    const [one, other] = [outcome(), outcome()];
    await clock.settle(0);
    expect([one.of(), other.of(), asked()]).toEqual(['first', 'first', 1]);
  });

  it('is loaded by each caller for itself until it is there, and is the same for all', async () => {
    const { clock, outcome, asked } = setUp(never, never, answers('third'), never);
    const [one, other, last] = [outcome(), outcome(), outcome()];
    await clock.settle(0);
    expect([one.of(), other.of(), last.of(), asked()]).toEqual(['waits', 'third', 'waits', 4]);
    // Those who wait look again.
    await clock.settle(10 * SECOND);
    expect([one.of(), last.of(), outcome().of()]).toEqual(['third', 'third', 'waits']);
    expect(asked()).toBe(4);
  });

  it('is loaded again if it has not come for ten seconds', async () => {
    const { clock, outcome } = setUp(never, never, answers('third'));
    const one = outcome();
    await clock.settle(10 * SECOND - 1);
    expect(one.of()).toBe('waits');
    await clock.settle(1);
    expect(one.of()).toBe('third');
  });

  it('is given up after thirty seconds', async () => {
    const { clock, outcome, asked } = setUp();
    const one = outcome();
    await clock.settle(30 * SECOND - 1);
    expect(one.of()).toBe('waits');
    await clock.settle(1);
    expect([one.of(), asked()]).toEqual(['It did not load.', 4]);
  });

  it('may fail for one caller and not for the next', async () => {
    const { clock, outcome } = setUp(fails, fails, answers('third'));
    const one = outcome();
    await clock.settle(0);
    const other = outcome();
    await clock.settle(0);
    expect([one.of(), other.of()]).toEqual(['no such file', 'third']);
  });
});
