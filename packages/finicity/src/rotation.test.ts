import { AuthError, authorizedFetch, type Fetch, memoryStore } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { passing } from '../test/clocks.ts';
import { type MemoryVault, memoryVault } from '../test/vaults.ts';
import { counted, INSTITUTIONS, NEXT, openVendor, type Vendor } from '../test/vendor.ts';
import type { FinicityProvider } from './index.ts';

const CALLS_PER_SECOND = 50;

/** Four processes of one product: providers that share a vault and a store, and nothing else. */
const product = (): Vendor & {
  readonly vault: MemoryVault;
  readonly first: FinicityProvider;
  readonly second: FinicityProvider;
  readonly fleet: readonly FinicityProvider[];
} => {
  const vendor = openVendor();
  const vault = memoryVault(vendor.sandbox.credentials.partnerSecret);
  const store = memoryStore({ clock: vendor.clock });
  const create = (): FinicityProvider => vendor.provider({ partnerSecret: async () => vault.content.current, store });
  const [first, second] = [create(), create()];
  return { ...vendor, vault, first, second, fleet: [first, second, create(), create()] };
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
/** What a request of each process is answered with, in numbers. */
const statuses = async (fleet: readonly FinicityProvider[]): Promise<Readonly<Record<string, number>>> =>
  counted(await Promise.all(fleet.map(({ application }) => statusOf(authorizedFetch(application)))));
/** The requests with a wrong secret, and those for tokens. */
const attempts = ({ sandbox: { calls } }: Vendor): readonly number[] => [
  calls.filter(({ code }) => code === '10001').length,
  calls.filter(({ method }) => method === 'POST').length,
];

describe('a rotation under load', () => {
  it.each([true, false])('fails none of 50 calls a second in four processes (keepOldFor30Days: %s)', async (keepOldFor30Days) => {
    const made = product();
    const { clock, sandbox, vault, first, fleet } = made;
    const fetches = fleet.map(({ application }) => authorizedFetch(application));
    const calls: Promise<number | string>[] = [];
    const seconds = async (count: number): Promise<void> => {
      for (let call = 0; call < count * CALLS_PER_SECOND; call += 1) {
        calls.push(statusOf(fetches[call % fetches.length] as Fetch)); // the rest is less than the length
        clock.advance(1_000 / CALLS_PER_SECOND);
        if (call % CALLS_PER_SECOND === 0) await passing(clock, Promise.all(calls));
      }
      await passing(clock, Promise.all(calls));
    };
    vault.before = async () => {
      // A second of calls before each write. Their tokens have just expired, if the old secret can still get new ones.
      if (keepOldFor30Days) sandbox.expireTokens();
      await seconds(1);
    };
    await seconds(3);
    await first.secret.rotate({ vault, next: NEXT, keepOldFor30Days });
    await seconds(3);
    sandbox.expireTokens();
    await seconds(3);
    expect(counted(await Promise.all(calls))).toEqual({ 200: 11 * CALLS_PER_SECOND });
    expect(attempts(made)).toEqual([0, keepOldFor30Days ? 4 : 2]);
  });

  it('that ends the old secret at once costs all processes together one attempt, if tokens end before the vault has the new one', async () => {
    const { clock, sandbox, vault, first, fleet } = product();
    await passing(clock, Promise.all(fleet.map(({ application }) => application.token())));
    const during: unknown[] = [];
    vault.before = async ({ pending }) => {
      if (pending !== null) return;
      sandbox.expireTokens();
      during.push(await passing(clock, statuses(fleet)));
    };
    await first.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false });
    expect([during, sandbox.failedAttempts]).toEqual([[{ invalid_credentials: 4 }], 1]);
    clock.advance(5_000);
    expect([await passing(clock, statuses(fleet)), sandbox.failedAttempts]).toEqual([{ 200: 4 }, 0]);
    expect((await fleet[3]?.application.status())?.attemptsLeft).toBe(3);
  });
});
