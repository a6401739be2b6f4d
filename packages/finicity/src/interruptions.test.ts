import { inspect } from 'node:util';
import type { AuthError, SecretVault, Store } from '@auth/core';
import { memoryStore } from '@auth/core';
import type { FakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { passing } from '../test/clocks.ts';
import { memoryVault } from '../test/vaults.ts';
import { errorOf, openVendor } from '../test/vendor.ts';
import type { FinicityProvider } from './index.ts';

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

interface Run {
  readonly place: 'vault' | 'store';
  readonly how: Failing;
  readonly goesOn: boolean;
  readonly during: 'rotate' | 'recover';
}

/** One rotation with a failure at this operation, and its recovery by another provider. Resolves to whether the failure happened. */
const interrupted = async ({ place, how, goesOn, during }: Run, number: number): Promise<boolean> => {
  const { clock, sandbox, provider, events } = openVendor();
  const first = sandbox.credentials.partnerSecret;
  const memory = memoryVault(first);
  const kept = memoryStore({ clock });
  const failing = failingAt(clock, { how, goesOn });
  const when = <T>(where: Run['place'], run: () => Promise<T>): Promise<T> => (where === place ? failing.run(run) : run());
  const vault: SecretVault = { read: () => when('vault', memory.read), write: (next) => when('vault', () => memory.write(next)) };
  const store: Store = {
    read: (key) => when('store', () => kept.read(key)),
    write: (key, value, options) => when('store', () => kept.write(key, value, options)),
  };
  const errors: AuthError[] = [];
  const create = (): FinicityProvider => provider({ partnerSecret: () => memory.content.current, store });
  /** Whether this succeeds while time passes, because processes wait for each other. */
  const succeeds = async (work: Promise<void>): Promise<boolean> => {
    const error = work.then(
      () => undefined,
      () => errorOf(work),
    );
    const failure = await passing(clock, error);
    if (failure) errors.push(failure);
    return failure === undefined;
  };

  if (during === 'rotate') failing.arm(number);
  else sandbox.faults.add({ method: 'PUT', reply: { kind: 'lost' } });
  const hasRotated = await succeeds(create().secret.rotate({ vault, keepOldFor30Days: false }));
  if (hasRotated) expect([memory.content.current === first, memory.content.pending]).toEqual([false, null]);
  const wasMet = failing.hasFailed();
  failing.arm(during === 'recover' ? number : 0);
  const pending = memory.content.pending ?? first;

  const hasRecovered = await succeeds(create().secret.recover({ vault }));
  const hasFailed = wasMet || failing.hasFailed();
  failing.arm(0);
  const last = create();
  if (!hasRecovered) expect(await succeeds(last.secret.recover({ vault }))).toBe(true);
  expect(memory.content.pending).toBe(null);
  expect(sandbox.calls.filter(({ code }) => code === '10001').length).toBeLessThanOrEqual(1);
  // Asks the vendor with the secret that the vault holds now.
  expect((await passing(clock, last.application.token())).value).toMatch(/^\w{20}$/);
  const text = inspect([events, errors, errors.map(({ message, stack }) => [message, stack])], { depth: 9 });
  for (const secret of [first, memory.content.current, pending]) expect(text).not.toContain(secret);
  return hasFailed;
};

describe('a rotation ends with a working secret, at one refused attempt at most,', () => {
  const KINDS: readonly (readonly [string, Omit<Run, 'during'>])[] = [
    ['when the vault fails at any one operation', { place: 'vault', how: rejects, goesOn: false }],
    ['when the vault has done an operation but says it failed', { place: 'vault', how: rejectsAfterwards, goesOn: false }],
    ['when the vault is down from any operation on', { place: 'vault', how: rejects, goesOn: true }],
    ['when the vault never answers one operation', { place: 'vault', how: hangs, goesOn: false }],
    ['when the store fails at any one operation', { place: 'store', how: rejects, goesOn: false }],
    ['when the store has done an operation but says it failed', { place: 'store', how: rejectsAfterwards, goesOn: false }],
    ['when the store is down from any operation on', { place: 'store', how: rejects, goesOn: true }],
    ['when the store never answers one operation', { place: 'store', how: hangs, goesOn: false }],
  ];
  const RUNS = KINDS.flatMap(([name, kind]) => (['rotate', 'recover'] as const).map((during) => ({ name, during, ...kind })));

  // The old secret ends at once, so that only one of the two works after the change.
  it.each(RUNS)('$name of $during', async (run) => {
    let number = 1;
    while (await interrupted(run, number)) number += 1;
    // Of the vault a rotation reads three times and writes twice, of the store it does each twice; its recovery does each once.
    expect(number - 1).toBeGreaterThanOrEqual(run.during === 'rotate' && !run.goesOn ? 4 : 2);
  });
});
