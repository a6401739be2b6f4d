import { authorizedFetch, createRegistry, type Fetch, memoryStore, supports } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { type BasicKeysOptions, basicKeys, basicKeysPlugin } from './basic-keys.ts';
import { basicKeysFake } from './fake.ts';

const baseUrl = 'https://api.vendor.example/';
const setUp = (options: Partial<BasicKeysOptions> = {}) => {
  const fake = basicKeysFake();
  const { clientId, key } = fake.account;
  return { ...fake, provider: basicKeys({ clientId, apiKey: key, baseUrl, fetch: fake.fetch, ...options }) };
};

describe('a vendor with static keys', () => {
  it('has no token: every request carries the keys, and the state is static', async () => {
    const { provider, calls } = setUp();
    const { id } = await provider.users.create({ reference: 'reader-1' });
    const fetch = authorizedFetch(provider.asUser(id));
    expect(await Promise.all(Array.from({ length: 50 }, async () => (await fetch(`users/${id}`)).status))).toEqual(Array(50).fill(200));
    expect(calls).toHaveLength(51);
    expect(await provider.application.status()).toMatchObject({ provider: 'basic-keys', state: 'static', expiresAt: null });
    expect(supports(provider, 'userTokens')).toBe(false);
  });

  it('writes nothing into the store, which then holds no secret', async () => {
    const written: string[] = [];
    const store = memoryStore();
    const write: typeof store.write = (key, ...rest) => {
      written.push(key);
      return store.write(key, ...rest);
    };
    const { provider } = setUp({ store: { ...store, write } });
    await provider.users.create({ reference: 'reader-1' });
    expect(written).toEqual([]);
  });

  it('takes a changed key up after a refusal, without a restart', async () => {
    let current = 'first-key';
    const { provider, account, calls } = setUp({ apiKey: async () => current });
    const { id } = await provider.users.create({ reference: 'reader-1' });
    account.key = 'second-key';
    const transport: Fetch = async (input, init) => {
      const response = await provider.application.transport(input, init);
      current = 'second-key';
      return response;
    };
    expect((await authorizedFetch(provider.asUser(id), { fetch: transport })(`users/${id}`)).status).toBe(200);
    expect(calls.map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('does not repeat what the same keys would be refused again, nor a refusal that is not about them', async () => {
    const { provider, calls } = setUp({ apiKey: 'wrong-key' });
    expect((await authorizedFetch(provider.application)('users/USR-1')).status).toBe(401);
    expect(calls).toHaveLength(1);
    const good = setUp();
    expect((await authorizedFetch(good.provider.application)('premium')).status).toBe(403);
    expect(good.calls).toHaveLength(1);
  });

  it('names a wrong key by option and variable, and does not repeat it', async () => {
    const { provider } = setUp({ apiKey: 'hunter2-wrong' });
    await expect(provider.users.create({ reference: 'reader-1' })).rejects.toMatchObject({
      code: 'invalid_credentials',
      operation: 'users.create',
      message: expect.stringMatching(/^(?!.*hunter2).*BASIC_KEYS_API_KEY/),
    });
  });

  it('finds, deletes and then misses a user', async () => {
    const { provider } = setUp();
    const { id } = await provider.users.create({ reference: 'reader-1' });
    expect(await provider.users.get(id)).toEqual({ id, createdAt: null });
    expect([await provider.users.delete(id), await provider.users.delete(id)]).toEqual([{ existed: true }, { existed: false }]);
    await expect(provider.users.get(id)).rejects.toMatchObject({ code: 'not_found', operation: 'users.get' });
  });

  it('sends nothing for an id that is no id', async () => {
    const { provider, calls } = setUp();
    await expect(provider.users.delete('../clients')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(() => provider.asUser('')).toThrow('A user id begins with USR-');
    expect(calls).toHaveLength(0);
  });

  it('does not create a user twice when the answer is lost', async () => {
    const fake = basicKeysFake();
    const { provider } = setUp({
      fetch: async (input, init) => {
        await fake.fetch(input, init);
        throw new TypeError('the line broke');
      },
    });
    await expect(provider.users.create({ reference: 'reader-1' })).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(fake.calls).toHaveLength(1);
  });

  it('is made from the environment like any other', () => {
    const registry = createRegistry([basicKeysPlugin]);
    const environment = { AUTH_PROVIDER: 'basic-keys', BASIC_KEYS_CLIENT_ID: 'client-1', BASIC_KEYS_BASE_URL: baseUrl };
    expect(() => registry.fromEnv(environment)).toThrow('apiKey (BASIC_KEYS_API_KEY) is missing');
    expect(registry.fromEnv({ ...environment, BASIC_KEYS_API_KEY: 'k' }).id).toBe('basic-keys');
  });
});
