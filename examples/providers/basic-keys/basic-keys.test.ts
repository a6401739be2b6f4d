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

  it('does not repeat what the same keys would be refused again, nor what is not about them, and names a wrong key by option and variable', async () => {
    const { provider, calls } = setUp({ apiKey: 'hunter2-wrong' });
    expect((await authorizedFetch(provider.application)('users/USR-1')).status).toBe(401);
    await expect(provider.users.create({ reference: 'reader-1' })).rejects.toMatchObject({
      code: 'invalid_credentials',
      operation: 'users.create',
      message: expect.stringMatching(/^(?!.*hunter2).*BASIC_KEYS_API_KEY/),
    });
    expect(calls).toHaveLength(2);
    const good = setUp();
    expect((await authorizedFetch(good.provider.application)('premium')).status).toBe(403);
    expect(good.calls).toHaveLength(1);
  });

  it('says how an id begins when it is given another text', () => {
    expect(() => setUp().provider.asUser('../clients')).toThrow('A user id begins with USR-');
  });

  it('is made from the environment like any other', () => {
    const registry = createRegistry([basicKeysPlugin]);
    const environment = { AUTH_PROVIDER: 'basic-keys', BASIC_KEYS_CLIENT_ID: 'client-1', BASIC_KEYS_BASE_URL: baseUrl };
    expect(() => registry.fromEnv(environment)).toThrow('apiKey (BASIC_KEYS_API_KEY) is missing');
    expect(registry.fromEnv({ ...environment, BASIC_KEYS_API_KEY: 'k' }).id).toBe('basic-keys');
  });
});
