import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../test/rejection-of.ts';
import type { ManagedOptions, Store, Token } from '../index.ts';
import { AuthError, managed, memoryStore } from '../index.ts';
import { connectStates } from '../kit/connect-states.ts';
import { managedMany } from '../kit/managed-many.ts';
import { createVendor } from '../kit/vendor.ts';
import { fakeClock } from '../testing/index.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const clock = fakeClock({ now: START });
const token = (value: string): Token => ({ value, issuedAt: START, expiresAt: START + HOUR });

/** A store, and which of its keys were read or written. */
const watched = () => {
  const memory = memoryStore({ clock });
  const keys = new Set<string>();
  const noted = <T>(key: string, work: Promise<T>): Promise<T> => {
    keys.add(key);
    return work;
  };
  const store: Store = { read: (key) => noted(key, memory.read(key)), write: (key, ...rest) => noted(key, memory.write(key, ...rest)) };
  return { store, keys };
};

/** One tenant's engine, on a key and an account that all tenants share. */
const engineOf = (store: Store, tenant: string | undefined, value = 'token of the tenant', options: ManagedOptions = {}) => {
  let asked = 0;
  const source = {
    token: async () => {
      asked += 1;
      return token(value);
    },
  };
  const shared = { clock, random: () => 0, key: 'acme', account: 'acme', fingerprint: () => 'print', ...options };
  return { tokens: managed(source, { ...shared, store, tenant }), asked: () => asked };
};

describe('two tenants on one store', () => {
  it('have nothing of each other, although client and user have the same ids', async () => {
    const { store } = watched();
    const [one, other] = [engineOf(store, 'one', 'a'), engineOf(store, 'other', 'b')];
    expect((await one.tokens.token()).value).toBe('a');
    expect((await other.tokens.token()).value).toBe('b');
    await other.tokens.invalidate(await other.tokens.token());
    await other.tokens.adopt(token('adopted'), 'refresh');
    await other.tokens.forget();
    const again = engineOf(store, 'one', 'c');
    expect((await again.tokens.token()).value).toBe('a');
    expect([one.asked(), other.asked(), again.asked()]).toEqual([1, 1, 0]);
  });

  it('know nothing of each other\u2019s refused secrets', async () => {
    const { store } = watched();
    const refused = new AuthError('Wrong.', { code: 'invalid_credentials', provider: 'p', operation: 'o', vendorCode: '1' });
    const guess = (tenant: string, secret: string) =>
      managed(
        { token: () => Promise.reject(refused) },
        { clock, store, tenant, key: 'acme', account: 'acme', fingerprint: () => secret, random: () => 0 },
      );
    for (const secret of ['1', '2', '3']) await rejectionOf(guess('one', secret).token());
    expect(await rejectionOf(guess('one', '4').token())).toMatchObject({ code: 'attempts_exhausted' });
    expect((await guess('other', '4').status()).attemptsLeft).toBe(3);
    expect(await rejectionOf(guess('other', '4').token())).toMatchObject({ code: 'invalid_credentials' });
    await guess('other', '4').reset();
    expect((await guess('one', '4').status()).attemptsLeft).toBe(0);
  });

  it('spend states of their own', async () => {
    const { store } = watched();
    const spend = (tenant: string | undefined, state: string): Promise<string> =>
      connectStates({ provider: 'acme', account: 'acme', store, tenant, clock })
        .spend({ values: () => [state] }, { state, expiresAt: START + HOUR }, 'connect.complete')
        .then(
          () => 'accepted',
          (error: unknown) => (AuthError.is(error) ? error.code : String(error)),
        );
    const outcomes: string[] = [];
    for (const tenant of ['one', 'other', undefined, 'one']) outcomes.push(await spend(tenant, 'the-state'));
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'state_mismatch']);
  });

  it.each([undefined, 'one', 'One', 'one ', '["one"]', '0'])('share no key with what is done for the tenant %j', async (tenant) => {
    const keysOf = async (of: string | undefined): Promise<ReadonlySet<string>> => {
      const { store, keys } = watched();
      const { tokens } = engineOf(store, of, 'a', { observe: () => {} });
      await tokens.token();
      await tokens.status();
      const many = managedMany(() => ({ token: async () => token('b') }), { clock, store, tenant: of, key: 'acme', account: 'acme' });
      await many.attempt('users.create', async () => 1);
      await many.of('17').token();
      const vendor = createVendor({
        id: 'acme',
        baseUrl: 'https://acme.example/',
        explain: () => ({ code: 'unavailable', message: '' }),
        clock,
        store,
        tenant: of,
      });
      await vendor
        .tokens('acme', () => ({ token: async () => token('c') }), { operation: 'o' })
        .of('18')
        .token();
      await vendor.states('acme').spend({ values: () => ['s'] }, { state: 's', expiresAt: START + HOUR }, 'connect.complete');
      return keys;
    };
    const [mine, theirs] = [await keysOf('another'), await keysOf(tenant)];
    expect(mine.size).toBe(theirs.size);
    expect(mine.size).toBeGreaterThan(4);
    expect([...mine].filter((key) => theirs.has(key))).toEqual([]);
  });

  it('have keys of their own, whatever key, id and tenant are called', async () => {
    const names: readonly (string | undefined)[] = [undefined, 'a', 'b', 'ab', '["a"]', '["a","b"]', '', '"'];
    const { store, keys } = watched();
    let subjects = 0;
    for (const tenant of names.filter((name) => name !== ''))
      for (const key of names.filter((name) => name !== undefined))
        for (const id of names.filter((name) => name !== undefined)) {
          const many = managedMany(() => ({ token: async () => token('a') }), { clock, store, tenant, key, account: 'the account' });
          await many.of(id).adopt(token('a'));
          subjects += 1;
        }
    expect(keys.size).toBe(subjects);
  });
});

describe('one tenant', () => {
  it('shares with itself, in every process', async () => {
    const { store } = watched();
    await engineOf(store, 'one', 'a').tokens.token();
    expect((await engineOf(store, 'one', 'b').tokens.token()).value).toBe('a');
  });

  it.each(['', 7, null, {}])('cannot be called %j', (tenant) => {
    const { store } = watched();
    expect(() => engineOf(store, tenant as string)).toThrow(
      expect.objectContaining({ code: 'misconfigured', message: expect.stringMatching(/tenant must be a string that is not empty/) }),
    );
  });

  it('is not in clear in any key', async () => {
    const { store, keys } = watched();
    await engineOf(store, 'customer-of-ours').tokens.token();
    expect([...keys].join()).not.toContain('customer-of-ours');
  });
});
