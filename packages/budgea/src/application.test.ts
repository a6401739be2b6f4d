import { type AuthEvent, authorizedFetch, type Fetch, memoryStore } from '@auth/core';
import type { FaultReply } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, openStore, openVendor, START, VENDORS, type Vendor } from '../test/setup.ts';
import { type BudgeaOptions, type BudgeaProviderWithApplication, budgea } from './index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WRONG = 'wrong-manage-token-4711';

describe.each(VENDORS)('application, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProviderWithApplication;
  let clientPath: string;
  const create = (changes: Partial<BudgeaOptions> = {}): BudgeaProviderWithApplication =>
    budgea({ ...vendor.options, ...changes, manageToken: changes.manageToken ?? vendor.sandbox.credentials.manageToken });
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = create();
    clientPath = `clients/${vendor.sandbox.credentials.clientId}`;
  });
  afterEach(async () => {
    await provider[Symbol.asyncDispose]();
    await vendor.close();
  });

  const jwtCalls = (): number => vendor.calls('POST', 'admin/jwt');
  const clientCalls = (): number => vendor.calls('GET', clientPath);
  const statuses = async (count: number): Promise<readonly number[]> => {
    const send = authorizedFetch(provider.application);
    return [...new Set((await atOnce(count, () => send(clientPath))).map(({ status }) => status))];
  };
  const tally = async (count: number, { application } = provider): Promise<Readonly<Record<string, number>>> => {
    const counts: Record<string, number> = {};
    const outcomes = await atOnce(count, () =>
      application.token().then(
        () => 'resolved',
        (error: unknown) => String(Object(error).code),
      ),
    );
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
    return counts;
  };
  const jwtReply = (jwt_token: string, payload: object): FaultReply => ({
    kind: 'status',
    status: 200,
    body: JSON.stringify({ jwt_token, payload }),
  });

  describe('the token', () => {
    it('is a manage JWT of an hour, asked for with the manage token', async () => {
      expect(await provider.application.token()).toEqual({
        value: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
        issuedAt: START,
        expiresAt: START + HOUR,
      });
      const [sent] = vendor.sent;
      expect([sent?.method, sent?.path, sent?.body]).toEqual(['POST', '/2.0/admin/jwt', { duration: 60 }]);
      expect(sent?.headers.get('authorization')).toBe(`Bearer ${vendor.sandbox.credentials.manageToken}`);
    });

    it('goes into the requests, and the manage token does not', async () => {
      const response = await authorizedFetch(provider.application)(clientPath);
      expect([response.status, await response.json()]).toMatchObject([200, { id: Number(vendor.sandbox.credentials.clientId) }]);
      const { value } = await provider.application.token();
      expect(vendor.sent.at(-1)?.headers.get('authorization')).toBe(`Bearer ${value}`);
    });

    it('is asked for once by 200 concurrent calls', async () => {
      expect(await statuses(200)).toEqual([200]);
      expect([jwtCalls(), clientCalls()]).toEqual([1, 200]);
    });

    it('is not asked for before it is needed', async () => {
      const { application } = provider;
      expect([application.peek(), (await application.status()).state]).toEqual([undefined, 'empty']);
      await provider.users.create({ reference: 'a' });
      expect(jwtCalls()).toBe(0);
    });

    it('counts its life from before the request', async () => {
      const slow: Fetch = async (input, init) => {
        vendor.clock.advance(5 * SECOND);
        return (vendor.options.fetch ?? expect.fail())(input, init);
      };
      const { application } = create({ fetch: slow });
      expect(await application.token()).toMatchObject({ issuedAt: START, expiresAt: START + HOUR });
    });

    it('lives as long as the vendor says, whatever was asked for', async () => {
      vendor.sandbox.faults.add({ reply: jwtReply('short', { iat: 1000, exp: 1060 }) });
      vendor.sandbox.faults.add({ reply: jwtReply('endless', { iat: 1000 }) });
      expect(await create().application.token()).toEqual({ value: 'short', issuedAt: START, expiresAt: START + MINUTE });
      expect(await create().application.token()).toEqual({ value: 'endless', issuedAt: START, expiresAt: null });
    });

    it('is renewed in the background from 45 minutes of age', async () => {
      const events: AuthEvent['type'][] = [];
      let refreshed = (): void => {};
      const renewal = new Promise<void>((resolve) => {
        refreshed = resolve;
      });
      const { application } = create({
        observe: ({ type }) => {
          events.push(type);
          if (type === 'refreshed') refreshed();
        },
      });
      const first = await application.token();
      vendor.clock.advance(43 * MINUTE);
      expect(application.peek()).toBe(first);
      vendor.clock.advance(2 * MINUTE);
      expect(await application.token()).toBe(first);
      await renewal;
      const second = await application.token();
      expect(second).toMatchObject({ issuedAt: START + 45 * MINUTE, expiresAt: START + 105 * MINUTE });
      expect(second.value).not.toBe(first.value);
      expect([jwtCalls(), events]).toEqual([2, ['acquired', 'refreshed']]);
    });

    it('is served while the vendor is down, but never past its end', async () => {
      const first = await provider.application.token();
      vendor.sandbox.faults.add({ method: 'POST', times: 1000, reply: { kind: 'status', status: 503 } });
      vendor.clock.advance(HOUR - SECOND);
      expect(await provider.application.token()).toBe(first);
      vendor.clock.advance(SECOND);
      expect(await tally(5)).toEqual({ unavailable: 5 });
    });

    it('that is lost on its way is asked for again, as another JWT does no harm', async () => {
      vendor.sandbox.faults.add({ reply: { kind: 'lost' } });
      expect(await tally(5)).toEqual({ unavailable: 5 });
      vendor.clock.advance(5 * SECOND);
      expect(await tally(5)).toEqual({ resolved: 5 });
      expect(jwtCalls()).toBe(2);
    });
  });

  describe('a refused JWT', () => {
    it('is renewed, and the call repeated', async () => {
      const first = await provider.application.token();
      // Two JWTs made within one second are equal.
      vendor.clock.advance(SECOND);
      vendor.sandbox.faults.add({ method: 'GET', reply: { kind: 'status', status: 401 } });
      expect(await statuses(1)).toEqual([200]);
      expect((await provider.application.token()).value).not.toBe(first.value);
      expect([jwtCalls(), clientCalls()]).toEqual([2, 2]);
    });

    it('that the vendor ended is renewed once for 50 calls, at older domains after a look at what their 403 means', async () => {
      await provider.application.token();
      vendor.sandbox.expireTokens();
      expect(await statuses(50)).toEqual([200]);
      expect([jwtCalls(), clientCalls()]).toEqual([2, profile === '2019' ? 101 : 100]);
    });

    it('is renewed once a minute and no more, where a 403 goes on whatever the JWT', async () => {
      vendor.sandbox.faults.add({ method: 'GET', probability: 1, reply: { kind: 'status', status: 403, body: '{"code":"forbidden"}' } });
      for (let round = 0; round < 20; round += 1) expect(await statuses(1)).toEqual([403]);
      expect(jwtCalls()).toBe(2);
      vendor.clock.advance(MINUTE);
      for (let round = 0; round < 20; round += 1) expect(await statuses(1)).toEqual([403]);
      expect(jwtCalls()).toBe(3);
    });

    it('is renewed once per call and no more, when the vendor goes on refusing', async () => {
      const body = '{"code":"unauthorized"}';
      vendor.sandbox.faults.add({ method: 'GET', times: 100, reply: { kind: 'status', status: 401, body } });
      const response = await authorizedFetch(provider.application)(clientPath);
      expect([response.status, await response.text()]).toEqual([401, body]);
      expect([jwtCalls(), clientCalls()]).toEqual([2, 2]);
    });

    it('is not what a scope is about: the answer is returned as it came, and the vendor asked once a minute what its 403 means', async () => {
      const token = await provider.application.token();
      const body = '{"code":"forbidden"}';
      for (const calls of [2, 3]) {
        vendor.sandbox.faults.add({ method: 'GET', reply: { kind: 'status', status: 403, body } });
        const response = await authorizedFetch(provider.application)(clientPath);
        expect([response.status, await response.text(), clientCalls()]).toEqual([403, body, calls]);
      }
      expect([jwtCalls(), provider.application.peek()]).toEqual([1, token]);
    });

    it.each([
      ['another client', 404, '{"code":"notFound"}'],
      ['a limit', 429, ''],
      ['a failure', 500, '{"code":"bug"}'],
      ['a gateway', 502, '<html></html>'],
    ])('is not what %s is about: the answer is returned as it came', async (_, status, body) => {
      const token = await provider.application.token();
      vendor.sandbox.faults.add({ method: 'GET', times: 100, reply: { kind: 'status', status, body } });
      const response = await authorizedFetch(provider.application)(clientPath);
      expect([response.status, await response.text()]).toEqual([status, body]);
      expect([jwtCalls(), clientCalls()]).toEqual([1, 1]);
      expect(provider.application.peek()).toBe(token);
    });
  });

  describe('a wrong manage token', () => {
    it('costs one attempt at the vendor in 20 rounds of 50 callers', async () => {
      const wrong = create({ manageToken: WRONG });
      for (let round = 0; round < 20; round += 1) {
        expect(await tally(50, wrong)).toEqual({ invalid_credentials: 50 });
        vendor.clock.advance(MINUTE);
      }
      expect(jwtCalls()).toBe(1);
      expect(await wrong.application.status()).toMatchObject({ state: 'refused', lastError: 'invalid_credentials', attemptsLeft: 2 });
    });

    it('is named by its option and its variable, and not shown', async () => {
      const error = await errorOf(create({ manageToken: WRONG }).application.token());
      expect(error).toMatchObject({
        code: 'invalid_credentials',
        operation: 'application.token',
        status: profile === '2019' ? 403 : 401,
        vendorCode: 'unauthorized',
        retryable: false,
      });
      expect(error.message).toContain('manageToken (BUDGEA_MANAGE_TOKEN)');
      expect(error.message).not.toMatch(/CLIENT|asUser|4711/);
    });

    it('can be the token of a user', async () => {
      const { id } = await provider.users.create({ reference: 'a' });
      const { value } = await provider.asUser(id).token();
      expect(await errorOf(create({ manageToken: value }).application.token())).toMatchObject({
        code: 'invalid_credentials',
        vendorCode: 'forbidden',
      });
    });

    it.each([401, 403])('counts where the vendor refuses it with %i and without a word', async (status) => {
      vendor.sandbox.faults.add({ times: 100, reply: { kind: 'status', status } });
      for (let round = 0; round < 5; round += 1) {
        expect(await tally(5)).toEqual({ invalid_credentials: 5 });
        vendor.clock.advance(MINUTE);
      }
      expect(jwtCalls()).toBe(1);
    });

    it('is not what the page of a gateway is about', async () => {
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 403, body: '<html></html>' } });
      expect(await tally(5)).toEqual({ unavailable: 5 });
      vendor.clock.advance(5 * SECOND);
      expect(await tally(5)).toEqual({ resolved: 5 });
    });

    it('leaves the users alone, and a wrong client secret leaves it alone', async () => {
      const store = memoryStore({ clock: vendor.clock });
      const wrong = create({ store, manageToken: WRONG });
      expect(await tally(5, wrong)).toEqual({ invalid_credentials: 5 });
      const { id } = await wrong.users.create({ reference: 'a' });
      await wrong.revocation.revoke(id);
      expect((await authorizedFetch(wrong.asUser(id))('users/me')).status).toBe(200);

      const other = create({ store: memoryStore({ clock: vendor.clock }), clientSecret: WRONG });
      expect(await errorOf(other.asUser(id).token())).toMatchObject({ code: 'invalid_credentials' });
      expect(await tally(5, other)).toEqual({ resolved: 5 });
    });

    it('is replaced by the new one that the function gives, without a restart', async () => {
      let manageToken = WRONG;
      const changing = create({ manageToken: async () => manageToken });
      expect(await tally(5, changing)).toEqual({ invalid_credentials: 5 });
      manageToken = vendor.sandbox.credentials.manageToken;
      vendor.clock.advance(5 * SECOND);
      expect(await tally(5, changing)).toEqual({ resolved: 5 });
      expect(jwtCalls()).toBe(2);
    });

    it.each(['hunter2 hunter2', 'hunter2\r\nx-other: y', 'hunter2é'])(
      'that fits into no header (%j) is misconfigured, and not sent',
      async (manageToken) => {
        const error = await errorOf(create({ manageToken }).application.token());
        expect(error).toMatchObject({ code: 'misconfigured', operation: 'application.token' });
        expect(error.message).toContain('manageToken (BUDGEA_MANAGE_TOKEN)');
        expect(error.message).not.toContain('hunter2');
        expect(vendor.sent).toHaveLength(0);
      },
    );
  });

  describe('two providers', () => {
    it('share nothing by themselves', async () => {
      await provider.application.token();
      await create().application.token();
      expect(jwtCalls()).toBe(2);
    });

    it('share one token through one store, also after the manage token was changed', async () => {
      const store = openStore();
      const one = await create({ store }).application.token();
      expect(await create({ store }).application.token()).toEqual(one);
      expect(await create({ store, manageToken: WRONG }).application.token()).toEqual(one);
      expect(jwtCalls()).toBe(1);
      expect(store.written.map(({ key }) => key).join()).not.toContain(vendor.sandbox.credentials.manageToken);
    });

    it('of different clients or domains never share one, even in one store', async () => {
      const store = memoryStore({ clock: vendor.clock });
      await create({ store }).application.token();
      await create({ store, clientId: '1' }).application.token();
      const { fetch } = vendor.sandbox;
      await create({ store, baseUrl: 'https://other.example/2.0/', fetch }).application.token();
      expect(jwtCalls()).toBe(3);
    });

    it('do without a store that is down', async () => {
      expect(await tally(20, create({ store: brokenStore }))).toEqual({ resolved: 20 });
      expect(jwtCalls()).toBe(1);
    });

    it('are not asked for while the store is down, where that is wished', async () => {
      expect(await tally(20, create({ store: brokenStore, whenStoreIsDown: 'refuse' }))).toEqual({ store_unavailable: 20 });
      expect(jwtCalls()).toBe(0);
    });
  });

  it('sends credentials to its own origin only', async () => {
    const send = authorizedFetch(provider.application);
    expect(await errorOf(send('https://elsewhere.example/'))).toMatchObject({ code: 'foreign_origin' });
    expect(vendor.sent).toHaveLength(0);
  });

  it('ends with the provider', async () => {
    await provider[Symbol.asyncDispose]();
    expect(await errorOf(provider.application.token())).toMatchObject({ code: 'aborted' });
    expect(await errorOf(provider.asUser('1').token())).toMatchObject({ code: 'aborted' });
    expect(vendor.sent).toHaveLength(0);
  });
});
