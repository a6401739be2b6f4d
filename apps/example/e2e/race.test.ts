import { describe, expect, it } from 'vitest';
import { registry } from '../src/providers.ts';
import { runRace, type Side } from '../src/race/race.ts';

/** All but the time, which is the machine's. */
const counts = ({ milliseconds: _, ...rest }: Side): Omit<Side, 'milliseconds'> => rest;

/** What the vendors make of the hand-written client: 10 calls at once in each of 2 processes, and nobody waits for another. */
const HAND_WRITTEN = {
  // 20 at the start, 20 after the end of the token, 100 with the wrong secret, and 100 in vain with the right one: the account is locked.
  finicity: { tokenRequests: 240, failedCalls: 100, attemptsBurnt: 100, locked: true },
  // This vendor locks nobody, so 20 bring back the calls.
  budgea: { tokenRequests: 160, failedCalls: 0, attemptsBurnt: 100, locked: false },
};

// It starts many processes.
const TIMEOUT = 120_000;

describe.each(registry.plugins.map(({ id }) => id))('the race at %s', (vendor) => {
  it(
    'costs us one request for each token and one attempt, and a hand-written client what it costs',
    async () => {
      const { ours, handWritten } = await runRace({ vendor });
      // The first token, the one after it, the wrong secret, the right one again.
      expect(counts(ours)).toEqual({ tokenRequests: 4, failedCalls: 0, attemptsBurnt: 1, locked: false });
      expect(counts(handWritten)).toEqual(HAND_WRITTEN[vendor]);
      expect(ours.milliseconds).toBeGreaterThan(0);
    },
    TIMEOUT,
  );
});

it(
  'costs us the same with more processes and an odd number of calls',
  async () => {
    const { ours, handWritten } = await runRace({ vendor: 'finicity', calls: 31, processes: 3 });
    expect(counts(ours)).toEqual({ tokenRequests: 4, failedCalls: 0, attemptsBurnt: 1, locked: false });
    expect(handWritten.tokenRequests).toBeGreaterThan(ours.tokenRequests);
  },
  TIMEOUT,
);
