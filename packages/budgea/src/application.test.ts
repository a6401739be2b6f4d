import { type AuthEvent, authorizedFetch, memoryStore } from '@auth/core';
import type { BudgeaProfile } from '@auth/sandbox';
import { describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, HOUR, MINUTE, openStore, openVendor, PROFILES, SECOND, START } from '../test/setup.ts';
import { type BudgeaOptions, type BudgeaProviderWithApplication, budgea } from './index.ts';

const WRONG = 'wrong-manage-token-4711';

const open = (profile: BudgeaProfile = 'powens') => {
  const vendor = openVendor({ profile });
  const { clientId, manageToken } = vendor.sandbox.credentials;
  const create = (changes: Partial<BudgeaOptions> = {}): BudgeaProviderWithApplication =>
    budgea({ ...vendor.options, ...changes, manageToken: changes.manageToken ?? manageToken });
  const path = `clients/${clientId}`;
  const provider = create();
  return {
    vendor,
    create,
    provider,
    path,
    manageToken,
    get: () => authorizedFetch(provider.application)(path),
    jwtCalls: () => vendor.calls('POST', 'admin/jwt'),
    clientCalls: () => vendor.calls('GET', path),
  };
};

describe('the token', () => {
  it('is a manage JWT of an hour from before the request, which is made with the manage token', async () => {
    const { vendor, create, path, manageToken } = open();
    const { application } = create({ fetch: vendor.slow });
    const token = await application.token();
    expect(token).toEqual({ value: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/), issuedAt: START, expiresAt: START + HOUR });
    expect((await authorizedFetch(application)(path)).status).toBe(200);
    expect(vendor.sent.map(({ method, path, body, headers }) => [method, path, body, headers.get('authorization')])).toEqual([
      ['POST', '/2.0/admin/jwt', { duration: 60 }, `Bearer ${manageToken}`],
      ['GET', `/2.0/${path}`, null, `Bearer ${token.value}`],
    ]);
  });

  it.each([
    [{ iat: 1000, exp: 1060 }, START + MINUTE],
    [{ iat: 1000 }, null],
  ])('lives as long as the vendor says by %j, whatever was asked for', async (payload, expiresAt) => {
    const { vendor, provider } = open();
    vendor.answer(200, { jwt_token: 'a', payload });
    expect(await provider.application.token()).toEqual({ value: 'a', issuedAt: START, expiresAt });
  });
});

describe('a refused JWT', () => {
  it.each(PROFILES)('that the vendor ended is renewed once for 50 calls in the dialect of %s', async (profile) => {
    const { vendor, provider, get, jwtCalls, clientCalls } = open(profile);
    await provider.application.token();
    vendor.sandbox.expireTokens();
    const statuses = await atOnce(50, async () => (await get()).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // An older domain is asked once what its 403 means.
    expect([jwtCalls(), clientCalls()]).toEqual([2, profile === '2019' ? 101 : 100]);
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ])('is renewed after pauses that grow, where a %i goes on whatever the JWT', async (status, code) => {
    const { vendor, get, jwtCalls } = open();
    vendor.answer(status, { code }, { method: 'GET', times: 1000 });
    const rounds = async (): Promise<readonly number[]> => {
      const statuses: number[] = [];
      for (let round = 0; round < 20; round += 1) statuses.push((await get()).status);
      return [...new Set(statuses)];
    };
    for (const [pause, calls] of [
      [0, 2],
      [SECOND - 1, 2],
      [1, 3],
      [2 * SECOND - 1, 3],
      [1, 4],
    ] as const) {
      vendor.clock.advance(pause);
      expect([await rounds(), jwtCalls()]).toEqual([[status], calls]);
    }
  });

  it('is not what a scope is about: the vendor is asked once a minute what its 403 means', async () => {
    const { vendor, provider, get, jwtCalls, clientCalls } = open();
    const token = await provider.application.token();
    for (const calls of [2, 3]) {
      vendor.answer(403, { code: 'forbidden' }, { method: 'GET' });
      const response = await get();
      expect([response.status, await response.json(), clientCalls()]).toEqual([403, { code: 'forbidden' }, calls]);
    }
    expect([jwtCalls(), provider.application.peek()]).toEqual([1, token]);
  });

  it.each([
    [401, '<html></html>'],
    [404, '{"code":"notFound"}'],
    [429, ''],
    [502, '<html></html>'],
  ])('is not what status %i with the body %j is about: the answer is returned as it came', async (status, body) => {
    const { vendor, provider, get, jwtCalls, clientCalls } = open();
    const token = await provider.application.token();
    vendor.answer(status, body, { method: 'GET', times: 100 });
    const response = await get();
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect([jwtCalls(), clientCalls(), provider.application.peek()]).toEqual([1, 1, token]);
  });
});

describe('a wrong manage token', () => {
  it.each<[BudgeaProfile, number, string]>([
    ['powens', 401, 'unauthorized'],
    ['2019', 403, 'unauthorized'],
  ])('is named by its option and its variable, and not shown, in the dialect of %s', async (profile, status, vendorCode) => {
    const error = await errorOf(open(profile).create({ manageToken: WRONG }).application.token());
    const refusal = { code: 'invalid_credentials', operation: 'application.token', status, vendorCode, retryable: false };
    expect(error).toMatchObject({ ...refusal, requestId: profile === 'powens' ? expect.stringMatching(/^\d+$/) : undefined });
    expect(error.message).toContain('manageToken (BUDGEA_MANAGE_TOKEN)');
    expect(error.message).not.toMatch(/CLIENT|asUser|4711/);
  });

  it.each<[number, unknown, string, number]>([
    [401, '', 'invalid_credentials', 1],
    [403, '', 'invalid_credentials', 1],
    // As for the token of a user.
    [403, { code: 'forbidden' }, 'invalid_credentials', 1],
    [400, { code: 'invalid_client' }, 'invalid_credentials', 1],
    [403, '<html></html>', 'unavailable', 2],
    [503, '', 'unavailable', 2],
  ])('is suspected or not for status %i with the body %j: %s', async (status, body, code, calls) => {
    const { vendor, provider, jwtCalls } = open();
    vendor.answer(status, body);
    expect(await errorOf(provider.application.token())).toMatchObject({ code, status });
    vendor.clock.advance(HOUR);
    await provider.application.token().catch(() => {});
    expect(jwtCalls()).toBe(calls);
  });

  it('leaves the users alone, however many are tried, and a wrong client secret leaves it alone', async () => {
    const { vendor, create } = open();
    const store = memoryStore({ clock: vendor.clock });
    for (const manageToken of ['wrong-1', 'wrong-2', 'wrong-3'])
      expect(await errorOf(create({ store, manageToken }).application.token())).toMatchObject({ code: 'invalid_credentials' });
    const { id } = await create({ store }).users.create({ reference: 'a' });
    const other = create({ store: memoryStore({ clock: vendor.clock }), clientSecret: WRONG });
    expect(await errorOf(other.asUser(id).token())).toMatchObject({ code: 'invalid_credentials' });
    expect((await other.application.token()).expiresAt).toBe(START + HOUR);
  });

  it('is replaced by the new one that the function returns, without a restart', async () => {
    const { vendor, create, manageToken } = open();
    let given = WRONG;
    const { application } = create({ manageToken: async () => given });
    expect(await errorOf(application.token())).toMatchObject({ code: 'invalid_credentials' });
    given = manageToken;
    vendor.clock.advance(5 * SECOND);
    expect(await application.token()).toMatchObject({ expiresAt: START + 5 * SECOND + HOUR });
  });

  it.each(['hunter2 hunter2', 'hunter2\r\nx-other: y', 'hunter2é'])(
    'that fits into no header (%j) is misconfigured, and not sent',
    async (manageToken) => {
      const { vendor, create } = open();
      const error = await errorOf(create({ manageToken }).application.token());
      expect(error).toMatchObject({ code: 'misconfigured', operation: 'application.token' });
      expect(error.message).toContain('manageToken (BUDGEA_MANAGE_TOKEN)');
      expect(error.message).not.toContain('hunter2');
      expect(vendor.sent).toHaveLength(0);
    },
  );
});

describe('a store', () => {
  it('shares one token between providers, also after the manage token was changed, and none between clients or domains', async () => {
    const { vendor, create, jwtCalls } = open();
    const store = openStore();
    const token = await create({ store }).application.token();
    expect(await create({ store, manageToken: WRONG }).application.token()).toEqual(token);
    expect(jwtCalls()).toBe(1);
    await create({ store, clientId: '1' }).application.token();
    await create({ store, baseUrl: 'https://other.example/2.0/' }).application.token();
    expect(jwtCalls()).toBe(3);
    expect(vendor.sent).toHaveLength(3);
  });

  it('that is down is done without, unless that is refused, and each step is told to the observer', async () => {
    const { create, jwtCalls } = open();
    const events: AuthEvent[] = [];
    await create({ store: brokenStore, observe: (event) => void events.push(event) }).application.token();
    expect(events).toContainEqual(expect.objectContaining({ type: 'acquired' }));
    const careful = create({ store: brokenStore, whenStoreIsDown: 'refuse' });
    expect(await errorOf(careful.application.token())).toMatchObject({ code: 'store_unavailable', operation: 'application.token' });
    expect(jwtCalls()).toBe(1);
  });
});
