import type { Fetch, SecretVault } from '@auth/core';
import { AuthError, authorizedFetch, memoryStore } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, describe, expect, it } from 'vitest';
import { hurried } from '../test/hurried-clock.ts';
import { type FinicityOptions, type FinicityProvider, finicity } from './index.ts';

const NEXT = 'brandNewSecret_1';
const INSTITUTIONS = 'institution/v2/institutions';
const HOUR = 3_600_000;
const CALLS_PER_SECOND = 50;

interface Content {
  readonly current: string;
  readonly pending: string | null;
}

let server: Listening | undefined;
const providers: FinicityProvider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider[Symbol.asyncDispose]()));
  await server?.close();
  server = undefined;
});

/** Some processes of one product: providers that share a vault and a store, and nothing else. */
const product = (
  sandbox: FinicitySandbox,
  options: Partial<FinicityOptions>,
): { readonly fleet: readonly FinicityProvider[]; readonly vault: SecretVault & { content: Content; before: () => Promise<void> } } => {
  const vault = {
    content: { current: sandbox.credentials.partnerSecret, pending: null } as Content,
    before: async (): Promise<void> => {},
    read: async () => vault.content,
    write: async (content: Content) => {
      await vault.before();
      vault.content = content;
    },
  };
  const store = memoryStore({ clock: options.clock });
  const clock = options.clock && hurried(options.clock);
  const fleet = Array.from({ length: 4 }, () =>
    finicity({ ...sandbox.credentials, partnerSecret: async () => vault.content.current, store, ...options, clock }),
  );
  providers.push(...fleet);
  return { fleet, vault };
};

const statusOf = async (fetch: Fetch): Promise<number | string> => {
  try {
    const response = await fetch(INSTITUTIONS);
    await response.text();
    return response.status;
  } catch (error) {
    return AuthError.is(error) ? error.code : String(error);
  }
};

/** Waits while time passes, because processes that wait for each other look again after some milliseconds. */
const passing = async <T>(clock: FakeClock, outcome: Promise<T>): Promise<T> => {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  outcome.then(end, end);
  while (!isOver) {
    clock.advance(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return outcome;
};

const counted = (outcomes: readonly (number | string)[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

describe('a rotation under load', () => {
  it.each([true, false])(
    'fails none of 50 calls a second in four processes, for a minute (keepOldFor30Days: %s)',
    async (keepOldFor30Days) => {
      const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
      const sandbox = finicitySandbox({ clock });
      const { fleet, vault } = product(sandbox, { clock, fetch: sandbox.fetch });
      const fetches = fleet.map(({ application }) => authorizedFetch(application));
      const calls: Promise<number | string>[] = [];
      const second = async (): Promise<void> => {
        for (let call = 0; call < CALLS_PER_SECOND; call += 1) {
          calls.push(statusOf(fetches[call % fetches.length] as Fetch)); // the rest is less than the length
          clock.advance(1_000 / CALLS_PER_SECOND);
        }
        await passing(clock, Promise.all(calls));
      };
      vault.before = async () => {
        // A second of calls before each write. Their tokens have just expired, if the old secret can still get new ones.
        if (keepOldFor30Days) sandbox.expireTokens();
        await second();
      };
      for (let past = 0; past < 30; past += 1) await second();
      await fleet[0]?.secret.rotate({ vault, next: NEXT, keepOldFor30Days });
      for (let past = 0; past < 14; past += 1) await second();
      sandbox.expireTokens();
      for (let past = 0; past < 14; past += 1) await second();

      expect(counted(await Promise.all(calls))).toEqual({ 200: 60 * CALLS_PER_SECOND });
      expect(sandbox.calls.filter(({ code }) => code === '10001')).toEqual([]);
      expect(sandbox.calls.filter(({ method }) => method === 'POST')).toHaveLength(keepOldFor30Days ? 4 : 2);
    },
  );

  it('fails none of 500 calls over HTTP, while tokens end during and after it', async () => {
    const sandbox = finicitySandbox();
    server = await sandbox.listen();
    const { fleet, vault } = product(sandbox, { baseUrl: server.url });
    const outcomes: (number | string)[] = [];
    // Twenty callers. None may meet two expired tokens in one call, because a request is repeated only once.
    const calls = async (each: number): Promise<void> => {
      const caller = async (fetch: Fetch): Promise<void> => {
        for (let call = 0; call < each; call += 1) outcomes.push(await statusOf(fetch));
      };
      await Promise.all(fleet.flatMap(({ application }) => Array.from({ length: 5 }, () => caller(authorizedFetch(application)))));
    };
    vault.before = async () => {
      if (vault.content.pending === null) sandbox.expireTokens();
    };
    await calls(5);
    await Promise.all([calls(15), fleet[0]?.secret.rotate({ vault })]);
    sandbox.expireTokens();
    await calls(5);
    expect(counted(outcomes)).toEqual({ 200: 500 });
    expect(vault.content.pending).toBe(null);
    expect(vault.content.current).not.toBe(sandbox.credentials.partnerSecret);
    expect(sandbox.calls.filter(({ code }) => code === '10001')).toEqual([]);
  });

  it('that ends the old secret at once costs all processes together one attempt, if tokens end before the vault has the new one', async () => {
    const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
    const sandbox = finicitySandbox({ clock });
    const { fleet, vault } = product(sandbox, { clock, fetch: sandbox.fetch });
    await passing(clock, Promise.all(fleet.map(({ application }) => application.token())));
    const during: (number | string)[] = [];
    vault.before = async () => {
      if (vault.content.pending === null) return;
      sandbox.expireTokens();
      during.push(...(await passing(clock, Promise.all(fleet.map(({ application }) => statusOf(authorizedFetch(application)))))));
    };
    await fleet[0]?.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false });
    expect(counted(during)).toEqual({ invalid_credentials: 4 });
    expect(sandbox.failedAttempts).toBe(1);

    clock.advance(5_000);
    const after = Promise.all(fleet.map(({ application }) => statusOf(authorizedFetch(application))));
    expect(counted(await passing(clock, after))).toEqual({ 200: 4 });
    expect(sandbox.failedAttempts).toBe(0);
    expect((await fleet[3]?.application.status())?.attemptsLeft).toBe(3);
  });
});

describe('a rotation whose answer is lost', () => {
  it.each([true, false])('fails no call, and one probe ends it (keepOldFor30Days: %s)', async (keepOldFor30Days) => {
    const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
    const sandbox = finicitySandbox({ clock });
    const { fleet, vault } = product(sandbox, { clock, fetch: sandbox.fetch });
    const [first, second] = fleet;
    if (first === undefined || second === undefined) throw new Error('There are four.');
    await first.application.token();
    sandbox.faults.add({ method: 'PUT', reply: { kind: 'lost' } });
    await expect(first.secret.rotate({ vault, next: NEXT, keepOldFor30Days })).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(await statusOf(authorizedFetch(second.application))).toBe(200);
    await expect(second.secret.rotate({ vault })).rejects.toMatchObject({ code: 'conflict' });
    await second.secret.recover({ vault });
    expect(vault.content).toEqual({ current: NEXT, pending: null });
    sandbox.expireTokens();
    for (const { application } of fleet) expect(await statusOf(authorizedFetch(application))).toBe(200);
    expect(sandbox.calls.filter(({ code }) => code === '10001')).toEqual([]);
    expect(sandbox.calls.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });
});

describe('a rotation on a machine whose wall clock steps', () => {
  it.each([2 * HOUR, -2 * HOUR])('by %i ms in the middle of it goes on, and so do the calls', async (step) => {
    const [vendors, own] = [fakeClock({ now: Date.UTC(2026, 0, 1) }), fakeClock({ now: Date.UTC(2026, 0, 1) })];
    const sandbox = finicitySandbox({ clock: vendors });
    const { fleet, vault } = product(sandbox, { clock: own, fetch: sandbox.fetch });
    const [first, second] = fleet;
    if (first === undefined || second === undefined) throw new Error('There are four.');
    await first.application.token();
    vault.before = async () => own.step(step);
    await first.secret.rotate({ vault, next: NEXT });
    for (const { application } of fleet) expect(await statusOf(authorizedFetch(application))).toBe(200);
    for (const clock of [vendors, own]) clock.advance(2 * HOUR);
    for (const { application } of fleet) expect(await statusOf(authorizedFetch(application))).toBe(200);
    expect(sandbox.calls.filter(({ code }) => code === '10001')).toEqual([]);
    expect(vault.content).toEqual({ current: NEXT, pending: null });
    vault.content = { current: NEXT, pending: `${NEXT}again` };
    own.step(-step);
    await second.secret.recover({ vault });
    expect(vault.content).toEqual({ current: NEXT, pending: null });
    expect(sandbox.calls.filter(({ code }) => code === '10001')).toHaveLength(1);
  });
});
