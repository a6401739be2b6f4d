import { inspect } from 'node:util';
import type { SecretVault, Store } from '@auth/core';
import { AuthError, memoryStore } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, finicitySandbox } from '@auth/sandbox';
import { describe, expect, it } from 'vitest';
import { hurried } from '../test/hurried-clock.ts';
import { type FinicityProvider, finicity } from './index.ts';

interface Content {
  readonly current: string;
  readonly pending: string | null;
}

type Failing = <T>(run: () => Promise<T>, clock: FakeClock) => Promise<T>;

/** No vault or store is waited for longer. In milliseconds. */
const LONG = 30_000;

const rejects: Failing = () => Promise.reject(new TypeError('It is down.'));
const rejectsAfterwards: Failing = async (run) => {
  const result = await run();
  throw new TypeError(`It is down: ${JSON.stringify(result)}`);
};
const hangs: Failing = (_, clock) => {
  setImmediate(() => clock.advance(LONG));
  return new Promise(() => {});
};

/** Counts operations, and makes one of them fail, or all from there on. */
const failingAt = (clock: FakeClock, { how, goesOn }: { readonly how: Failing; readonly goesOn: boolean }) => {
  let at = 0;
  let count = 0;
  return {
    /** Counts from here: the operation with this number fails; 0 means none. */
    arm: (number: number): void => {
      at = number;
      count = 0;
    },
    hasFailed: (): boolean => at > 0 && count >= at,
    run: <T>(operation: () => Promise<T>): Promise<T> => {
      count += 1;
      return at > 0 && (count === at || (goesOn && count > at)) ? how(operation, clock) : operation();
    },
  };
};

/** Waits while time passes, because processes wait for each other. */
const passing = async <T>(clock: FakeClock, outcome: Promise<T>): Promise<T> => {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  outcome.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (!isOver) clock.advance(50);
  }
  return outcome;
};

interface Run {
  readonly place: 'vault' | 'store';
  readonly how: Failing;
  readonly goesOn: boolean;
  readonly keepOldFor30Days: boolean;
  readonly during: 'rotate' | 'recover';
}

/** One rotation with a failure at this operation, and its recovery by another provider. Resolves to whether the failure happened. */
const interrupted = async ({ place, how, goesOn, keepOldFor30Days, during }: Run, number: number): Promise<boolean> => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const sandbox = finicitySandbox({ clock });
  const first = sandbox.credentials.partnerSecret;
  let content: Content = { current: first, pending: null };
  const kept = memoryStore({ clock });
  const failing = failingAt(clock, { how, goesOn });
  const when = <T>(where: Run['place'], run: () => Promise<T>): Promise<T> => (where === place ? failing.run(run) : run());
  const vault: SecretVault = {
    read: () => when('vault', async () => content),
    write: (next) =>
      when('vault', async () => {
        content = next;
      }),
  };
  const store: Store = {
    read: (key) => when('store', () => kept.read(key)),
    write: (key, value, options) => when('store', () => kept.write(key, value, options)),
  };
  const seen: unknown[] = [];
  const create = (): FinicityProvider => {
    const partnerSecret = (): string => content.current;
    return finicity({
      ...sandbox.credentials,
      partnerSecret,
      clock: hurried(clock),
      fetch: sandbox.fetch,
      store,
      observe: (event) => void seen.push(event),
    });
  };
  const outcomeOf = (work: Promise<void>): Promise<AuthError | undefined> =>
    passing(
      clock,
      work.then(
        () => undefined,
        (error: unknown) => {
          seen.push(error, error instanceof Error && [error.message, error.stack]);
          if (AuthError.is(error)) return error;
          throw error;
        },
      ),
    );

  if (during === 'rotate') failing.arm(number);
  else sandbox.faults.add({ method: 'PUT', reply: { kind: 'lost' } });
  const rotating = create();
  const rotation = await outcomeOf(rotating.secret.rotate({ vault, keepOldFor30Days }));
  if (rotation === undefined) expect([content.current === first, content.pending]).toEqual([false, null]);
  const wasMet = failing.hasFailed();
  failing.arm(during === 'recover' ? number : 0);
  const pending = [content.pending ?? '-'];

  const recovery = await outcomeOf(create().secret.recover({ vault }));
  const hasFailed = wasMet || failing.hasFailed();
  failing.arm(0);
  const last = create();
  if (recovery !== undefined) expect(await outcomeOf(last.secret.recover({ vault }))).toBe(undefined);
  expect(content.pending).toBe(null);
  expect(refusalsAt(sandbox)).toBeLessThanOrEqual(1);
  // Asks the vendor with the secret that the vault holds now.
  expect(await passing(clock, last.application.token())).toBeDefined();
  const text = inspect(seen, { depth: 9 });
  for (const secret of [first, content.current, ...pending].filter((one) => one !== '-')) expect(text).not.toContain(secret);
  return hasFailed;
};

const refusalsAt = ({ calls }: FinicitySandbox): number => calls.filter(({ code }) => code === '10001').length;

describe('a rotation ends with a working secret, at one refused attempt at most,', () => {
  const KINDS: readonly (readonly [string, Pick<Run, 'place' | 'how' | 'goesOn'>])[] = [
    ['when the vault fails at any one operation', { place: 'vault', how: rejects, goesOn: false }],
    ['when the vault has done an operation but says it failed', { place: 'vault', how: rejectsAfterwards, goesOn: false }],
    ['when the vault is down from any operation on', { place: 'vault', how: rejects, goesOn: true }],
    ['when the vault never answers one operation', { place: 'vault', how: hangs, goesOn: false }],
    ['when the store fails at any one operation', { place: 'store', how: rejects, goesOn: false }],
    ['when the store has done an operation but says it failed', { place: 'store', how: rejectsAfterwards, goesOn: false }],
    ['when the store is down from any operation on', { place: 'store', how: rejects, goesOn: true }],
    ['when the store never answers one operation', { place: 'store', how: hangs, goesOn: false }],
  ];
  const RUNS = KINDS.flatMap(([name, kind]) =>
    (['rotate', 'recover'] as const).flatMap((during) =>
      [true, false].map((keepOldFor30Days) => ({ name, during, keepOldFor30Days, ...kind })),
    ),
  );

  it.each(RUNS)('$name of $during (keepOldFor30Days: $keepOldFor30Days)', async (run) => {
    let number = 1;
    while (await interrupted(run, number)) number += 1;
    // A rotation reads three times and writes twice; its recovery does each once. The store is called more often.
    expect(number - 1).toBeGreaterThanOrEqual(run.during === 'rotate' && !run.goesOn ? 5 : 2);
  });
});
