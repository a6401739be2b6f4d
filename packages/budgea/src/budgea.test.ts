import { inspect } from 'node:util';
import { type AuthEvent, authorizedFetch, createRegistry, memoryStore, supports } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce, errorOf, openVendor, permanent, VENDORS, type Vendor } from '../test/setup.ts';
import { type BudgeaOptions, budgea, budgeaPlugin } from './index.ts';

describe('budgea', () => {
  const options: BudgeaOptions = { domain: 'demo-sandbox', clientId: '12345678', clientSecret: 'hunter2' };

  it('is a provider of contract 1, at the API of its domain', () => {
    expect(budgea(options)).toMatchObject({ id: 'budgea', contract: 1, baseUrl: 'https://demo-sandbox.biapi.pro/2.0/' });
  });

  it('has the capabilities that the vendor has, and no others', () => {
    const provider = budgea(options);
    for (const capability of ['users', 'userTokens', 'codes', 'revocation', 'connect'] as const)
      expect(supports(provider, capability)).toBe(true);
    for (const capability of ['application', 'secret'] as const) expect(supports(provider, capability)).toBe(false);
  });

  it('has application when it is given a manage token', () => {
    expect('application' in budgea(options)).toBe(false);
    expect('application' in budgea({ ...options, manageToken: undefined })).toBe(false);
    const provider = budgea({ ...options, manageToken: 'hunter2' });
    expect(provider.application.baseUrl).toBe(provider.baseUrl);
    expect(supports(provider, 'application', 'users')).toBe(true);
    expect(supports(budgeaPlugin.create({ ...options, manageToken: () => 'hunter2' }), 'application')).toBe(true);
  });

  it('sends nothing until it is asked', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'in process' });
    const provider = vendor.provider();
    const user = provider.asUser('1');
    expect([user.peek(), (await user.status()).state]).toEqual([undefined, 'empty']);
    await provider[Symbol.asyncDispose]();
    expect(vendor.sent).toHaveLength(0);
  });

  it('rejects calls that need a token once it is disposed of', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'in process' });
    const provider = vendor.provider();
    await provider[Symbol.asyncDispose]();
    expect(await errorOf(provider.asUser('1').token())).toMatchObject({ code: 'aborted' });
  });

  it('uses the runtime’s fetch where none is given, as it is at the time of the call', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'over HTTP' });
    const provider = budgea({ ...vendor.options, fetch: undefined });
    expect(await provider.users.create({ reference: 'a' })).toMatchObject({ id: '1' });
    expect(vendor.sandbox.calls).toHaveLength(1);
    await vendor.close();
  });

  it('is made by a registry from the environment of a sandbox', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'over HTTP' });
    const env = { AUTH_PROVIDER: 'budgea', ...vendor.sandbox.environment(vendor.options.baseUrl ?? '') };
    const provider = createRegistry([budgeaPlugin]).fromEnv(env, { clock: vendor.clock });
    const { id } = await provider.users.create({ reference: 'a' });
    expect((await authorizedFetch(provider.asUser(id))('users/me')).status).toBe(200);
    if (!supports(provider, 'application')) expect.fail('no application');
    const { clientId } = vendor.sandbox.credentials;
    expect((await authorizedFetch(provider.application)(`clients/${clientId}`)).status).toBe(200);
    await vendor.close();
  });

  it('holds no state that another provider sees', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'in process' });
    const { id } = await vendor.provider().users.create({ reference: 'a' });
    await atOnce(2, () => vendor.provider().asUser(id).token());
    expect(vendor.calls('POST', 'auth/renew')).toBe(2);
  });
});

/** Everything that a log, a debugger or an error tracker can get out of a value. */
const everythingIn = (value: unknown): string =>
  [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? `${value.message} ${value.stack} ${inspect(value.cause)}` : '',
  ].join('\n');

describe.each(VENDORS)('secrets, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let secrets: string[];
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    const { clientSecret, manageToken } = vendor.sandbox.credentials;
    secrets = [clientSecret, manageToken];
  });
  afterEach(() => vendor.close());

  const expectNone = (value: unknown): void => {
    const text = everythingIn(value);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(8);
      expect(text).not.toContain(secret);
      expect(text).not.toContain(encodeURIComponent(secret));
    }
  };

  it('cannot be found in a provider, its handles, its events or its status', async () => {
    const events: AuthEvent[] = [];
    const store = memoryStore();
    const { manageToken } = vendor.sandbox.credentials;
    const provider = budgea({ ...vendor.options, manageToken, store, observe: (event) => void events.push(event) });
    const { id } = await provider.users.create({ reference: 'a' });
    const user = provider.asUser(id);
    await authorizedFetch(user)('users/me');
    secrets.push((await user.token()).value, (await provider.codes.issue(id)).value);
    await provider.revocation.revoke(id);
    secrets.push((await user.token()).value);
    const { application } = provider;
    await authorizedFetch(application)('clients/1');
    secrets.push((await application.token()).value);
    const handles = [provider, user, authorizedFetch(user), application, authorizedFetch(application)];
    for (const value of [...handles, store, events, await user.status(), await application.status()]) expectNone(value);
    expect(events.map(({ type }) => type)).toEqual(['adopted', 'forgotten', 'acquired', 'acquired']);
  });

  it('cannot be found in any error', async () => {
    const { sandbox } = vendor;
    const provider = vendor.provider();
    const wrongSecret = 'wrong-secret-4711';
    const code = 'code+with/slash-4711';
    const { id } = await provider.users.create({ reference: 'a' });
    const token = await provider.asUser(id).token();
    secrets.push(wrongSecret, code, token.value);
    const { clientId, clientSecret, manageToken } = sandbox.credentials;
    const administrator = () => budgea({ ...vendor.options, manageToken });
    const client = { clientId, clientSecret };
    /** A vendor that repeats what it was sent, as many do. */
    const description = `${clientSecret} ${manageToken} ${token.value} ${code}`;
    const echo = JSON.stringify({ code: 'invalidValue', description, message: clientSecret, jwt_token: [manageToken] });
    const page = `<html><body>${clientSecret} ${token.value}</body></html>`;
    const faulty = (reply: Parameters<typeof sandbox.faults.add>[0]['reply'], send: () => Promise<unknown>): Promise<unknown> => {
      sandbox.faults.clear();
      sandbox.faults.add({ reply });
      return send();
    };
    const exchange = () => provider.api.exchangeCode({ ...client, code });
    const me = () => provider.api.getUser('me', { as: token });
    const init = () => provider.users.create({ reference: 'a' });

    const errors = [
      await errorOf(vendor.provider({ clientSecret: wrongSecret }).asUser(id).token()),
      await errorOf(vendor.provider({ clientSecret: wrongSecret }).users.create({ reference: 'a' })),
      await errorOf(vendor.provider({ clientSecret: wrongSecret }).userTokens.issue(id)),
      await errorOf(budgea({ ...vendor.options, manageToken: wrongSecret }).application.token()),
      await errorOf(budgea({ ...vendor.options, manageToken: `${wrongSecret} ${wrongSecret}` }).application.token()),
      await errorOf(faulty({ kind: 'status', status: 401, body: echo }, () => administrator().application.token())),
      await errorOf(faulty({ kind: 'status', status: 200, body: echo }, () => administrator().application.token())),
      await errorOf(faulty({ kind: 'lost' }, () => administrator().application.token())),
      await errorOf(exchange()),
      await errorOf(provider.codes.exchange(code, { redirectUri: null })),
      await errorOf(provider.api.createUserJwt({ ...client, idUser: '4711' })),
      await errorOf(provider.users.get(token.value)),
      await errorOf(() => provider.asUser(code)),
      await errorOf(provider.api.getUser(token.value, { as: token })),
      await errorOf(provider.userTokens.adopt(id, { ...token, expiresAt: 0 })),
      await errorOf(() => vendor.provider({ clientId: clientSecret })),
      await errorOf(() => vendor.provider({ domain: `https://${clientSecret}.example` })),
      await errorOf(() => vendor.provider({ baseUrl: `http://${clientSecret}.example` })),
      await errorOf(authorizedFetch(provider.asUser(id))('https://elsewhere.example/')),
    ];
    for (const send of [exchange, me, init]) {
      errors.push(
        await errorOf(faulty({ kind: 'lost' }, send)),
        await errorOf(faulty({ kind: 'unreachable' }, send)),
        await errorOf(faulty({ kind: 'status', status: 400, body: echo }, send)),
        await errorOf(faulty({ kind: 'status', status: 401, body: echo }, send)),
        await errorOf(faulty({ kind: 'status', status: 403, body: page }, send)),
        await errorOf(faulty({ kind: 'status', status: 502, body: page }, send)),
        await errorOf(faulty({ kind: 'status', status: 302, headers: { location: `https://x.example/?t=${clientSecret}` } }, send)),
        await errorOf(faulty({ kind: 'status', status: 200, body: page }, send)),
        await errorOf(faulty({ kind: 'status', status: 200, body: JSON.stringify({ access_token: [clientSecret] }) }, send)),
        await errorOf(faulty({ kind: 'status', status: 200, body: JSON.stringify({ auth_token: { [token.value]: 1 } }) }, send)),
      );
    }
    for (const error of errors) expectNone(error);
    expect(new Set(errors.map((error) => error.code)).size).toBeGreaterThan(7);
  });

  it('are not in an error of a token that the store cannot keep', async () => {
    const failing = {
      read: async () => undefined,
      write: async (_key: string, value: string | undefined) => Promise.reject(new Error(`cannot write ${value}`)),
    };
    secrets.push('adopted-token-4711');
    const error = await errorOf(vendor.provider({ store: failing }).userTokens.adopt('1', permanent('adopted-token-4711')));
    expect(error.code).toBe('store_unavailable');
    expectNone(error);
  });
});
