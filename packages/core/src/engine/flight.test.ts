import { describe, expect, it } from 'vitest';
import { lateClock } from '../../test/late-clock.ts';
import { Flight, type FlightContext } from './flight.ts';

const SECOND = 1_000;
const never = (): Promise<never> => new Promise(() => {});

/** A flight, and what is seen of it. */
const setUp = (run: (course: FlightContext) => Promise<string> = never) => {
  const { clock, ...time } = lateClock();
  let course: FlightContext | undefined;
  let landings = 0;
  const flight: Flight<string> = new Flight({
    clock,
    run: (given) => {
      course = given;
      return run(given);
    },
    abandonable: true,
    landed: () => {
      landings += 1;
    },
    errors: { aborted: () => new Error('aborted'), stuck: () => new Error('stuck') },
  });
  const joined = (signal?: AbortSignal) => {
    const seen = { outcome: 'waits' };
    flight.join(signal).then(
      (value) => {
        seen.outcome = value;
      },
      ({ message }) => {
        seen.outcome = message;
      },
    );
    return seen;
  };
  return {
    ...time,
    flight,
    joined,
    moves: () => course?.moves(),
    isAborted: () => course?.signal.aborted,
    landings: () => landings,
  };
};

describe('a flight', () => {
  it('ends the wait of each caller 32 seconds after it moved last, and is given up', async () => {
    const { joined, flight, settle, moves, isAborted, landings, armed } = setUp();
    const one = joined();
    await settle(20 * SECOND);
    const other = joined();
    moves();
    await settle(32 * SECOND - 1);
    expect([one.outcome, other.outcome, flight.isStuck(), isAborted()]).toEqual(['waits', 'waits', false, false]);
    await settle(1);
    expect([one.outcome, other.outcome, flight.isStuck(), isAborted()]).toEqual(['stuck', 'stuck', true, true]);
    expect(landings()).toBeGreaterThan(0);
    expect(armed()).toEqual([]);
  });

  it('is waited for as long as it moves', async () => {
    const { joined, settle, moves } = setUp();
    const one = joined();
    for (let time = 0; time < 100; time += 1) {
      await settle(31 * SECOND);
      moves();
    }
    expect(one.outcome).toBe('waits');
  });

  it('keeps the process alive by the timers of those who wait, and by no others', async () => {
    const { joined, armed, settle } = setUp();
    expect(armed()).toEqual([]);
    const controller = new AbortController();
    joined();
    joined(controller.signal);
    expect(armed()).toEqual([true, true]);
    controller.abort();
    await settle(0);
    expect(armed()).toEqual([true]);
  });

  it('leaves no timer behind', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { joined, settle, armed } = setUp(() => promise);
    const all = [joined(), joined(new AbortController().signal), joined(AbortSignal.abort())];
    resolve('token');
    await settle(0);
    expect(all.map(({ outcome }) => outcome)).toEqual(['token', 'token', 'aborted']);
    expect(armed()).toEqual([]);
  });

  it('is waited for another 250 ms when the process stood still, and then gives its answer', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { joined, settle, standStill, flight } = setUp(() => promise);
    const one = joined();
    standStill(40 * SECOND);
    await settle(32 * SECOND);
    expect(one.outcome).toBe('waits');
    await settle(249);
    expect(one.outcome).toBe('waits');
    resolve('token');
    await settle(0);
    expect(one.outcome).toBe('token');
    await flight.ended();
  });

  it('is waited for those 250 ms once', async () => {
    const { joined, settle, standStill } = setUp();
    const one = joined();
    standStill(40 * SECOND);
    await settle(32 * SECOND + 250);
    expect(one.outcome).toBe('stuck');
  });

  it('is waited for longer if it moved in those 250 ms', async () => {
    const { joined, settle, standStill, moves } = setUp();
    const one = joined();
    standStill(40 * SECOND);
    await settle(32 * SECOND);
    moves();
    await settle(32 * SECOND - 1);
    expect(one.outcome).toBe('waits');
    await settle(1);
    expect(one.outcome).toBe('stuck');
  });

  it('has ended for those who dispose of it when its work has, or when it is stuck', async () => {
    const { flight, settle, armed } = setUp();
    let isOver = false;
    void flight.ended().then(() => {
      isOver = true;
    });
    flight.cancel(new Error('disposed of'));
    await settle(32 * SECOND - 1);
    expect(isOver).toBe(false);
    await settle(1);
    expect([isOver, armed()]).toEqual([true, []]);
  });
});
