import { authorizedFetch, memoryStore, type TokenAuthority } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, openStore, openVendor, permanent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

const DATA = 'users/me/connections';

describe.each(VENDORS)('asUser, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    userId = (await vendor.provider().users.create({ reference: 'a' })).id;
    provider = vendor.provider();
  });
  afterEach(() => vendor.close());

  const data = (authority: TokenAuthority): Promise<Response> => authorizedFetch(authority)(DATA);
  const renewals = (): number => vendor.calls('POST', 'auth/renew');
  const isOld = profile === '2019';

  describe('the token', () => {
    it('is made by one call for 200 concurrent callers', async () => {
      const responses = await atOnce(200, () => data(provider.asUser(userId)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      expect(renewals()).toBe(1);
      expect(vendor.calls('GET', DATA)).toBe(200);
    });

    it('is sent as Bearer, to the API of the domain only', async () => {
      const { value } = await provider.asUser(userId).token();
      await data(provider.asUser(userId));
      expect(vendor.sent.at(-1)?.headers.get('authorization')).toBe(`Bearer ${value}`);
      expect(await errorOf(authorizedFetch(provider.asUser(userId))('https://elsewhere.example/'))).toMatchObject({
        code: 'foreign_origin',
      });
    });

    it('belongs to its user', async () => {
      const other = await provider.users.create({ reference: 'b' });
      const ids = await atOnce(2, async (index) => {
        const id = index === 0 ? userId : other.id;
        const response = await authorizedFetch(provider.asUser(id))('users/me');
        return [id, String((await response.json()).id)];
      });
      for (const [asked, answered] of ids) expect(answered).toBe(asked);
    });

    it('lives on in new handles', async () => {
      const token = await provider.asUser(userId).token();
      expect(provider.asUser(userId).peek()).toBe(token);
      vendor.clock.advance(365 * 86_400_000);
      expect(await provider.asUser(userId).token()).toBe(token);
      expect(await provider.asUser(userId).status()).toMatchObject({ provider: 'budgea', state: 'fresh', expiresAt: null });
    });

    it('is made without a store that is down', async () => {
      const fragile = vendor.provider({ store: brokenStore });
      const responses = await atOnce(20, () => data(fragile.asUser(userId)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      expect(renewals()).toBe(1);
    });

    it('is not made while the store is down, where that is wished', async () => {
      const careful = vendor.provider({ store: brokenStore, whenStoreIsDown: 'refuse' });
      expect(await errorOf(careful.asUser(userId).token())).toMatchObject({ code: 'store_unavailable' });
      expect(renewals()).toBe(0);
    });

    it('is not made for an unknown user', async () => {
      expect(await errorOf(provider.asUser('4711').token())).toMatchObject({ code: 'not_found', operation: 'asUser.token' });
    });

    it('by jwt is renewed when it ends, by one call for 50', async () => {
      const jwt = vendor.provider({ userTokenGrant: 'jwt' });
      const first = await jwt.asUser(userId).token();
      vendor.clock.advance(1_800_000);
      const responses = await atOnce(50, () => data(jwt.asUser(userId)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      expect((await jwt.asUser(userId).token()).value).not.toBe(first.value);
      expect(vendor.calls('POST', 'auth/jwt')).toBe(2);
      expect(renewals()).toBe(0);
    });
  });

  it.each(['me', 'all', '', '0', '1/..'])('refuses the id %j at once', async (wrong) => {
    expect(await errorOf(() => provider.asUser(wrong))).toMatchObject({ code: 'invalid_request', operation: 'asUser' });
  });

  describe('a token that the vendor ended', () => {
    it('is renewed once for 50 concurrent calls, and none of them fails', async () => {
      await provider.asUser(userId).token();
      vendor.sandbox.expireTokens();
      const responses = await atOnce(50, () => data(provider.asUser(userId)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      expect(renewals()).toBe(2);
      expect(vendor.calls('GET', DATA)).toBe(100);
      // Where a dead token gets a 403, the vendor is asked about the token once.
      expect(vendor.calls('GET', 'users/me')).toBe(isOld ? 1 : 0);
    });

    it('is renewed again when it ends again', async () => {
      for (let round = 1; round <= 3; round += 1) {
        expect((await data(provider.asUser(userId))).status).toBe(200);
        expect(renewals()).toBe(round);
        vendor.sandbox.expireTokens();
      }
      expect(vendor.calls('GET', 'users/me')).toBe(isOld ? 2 : 0);
    });

    it('is not taken back from the store', async () => {
      const store = memoryStore();
      const [one, other] = [vendor.provider({ store }), vendor.provider({ store })];
      await one.asUser(userId).token();
      await other.asUser(userId).token();
      vendor.sandbox.expireTokens();
      expect((await data(one.asUser(userId))).status).toBe(200);
      expect((await data(other.asUser(userId))).status).toBe(200);
      // The other provider found the new one in the store.
      expect(renewals()).toBe(2);
    });

    it('costs one renewal even if the new one is refused too', async () => {
      await provider.asUser(userId).token();
      const refusal = { kind: 'status', status: 401, body: '{"code":"unauthorized"}' } as const;
      vendor.sandbox.faults.add({ path: `/2.0/${DATA}`, times: 2, reply: refusal });
      expect((await data(provider.asUser(userId))).status).toBe(401);
      expect(renewals()).toBe(2);
    });
  });

  describe('a 401 that is the page of a gateway', () => {
    it('is returned untouched, and no token is made', async () => {
      const token = await provider.asUser(userId).token();
      const body = '<html><h1>Authorization Required</h1></html>';
      vendor.sandbox.faults.add({ path: `/2.0/${DATA}`, reply: { kind: 'status', status: 401, body } });
      const response = await data(provider.asUser(userId));
      expect([response.status, await response.text()]).toEqual([401, body]);
      expect(vendor.calls('GET', DATA)).toBe(1);
      expect(renewals()).toBe(1);
      expect(provider.asUser(userId).peek()).toBe(token);
    });
  });

  describe('a 403 that is about the scope', () => {
    const body = JSON.stringify({ code: 'forbidden', description: 'not yours' });
    const forbid = (times: number, path = DATA): void => {
      vendor.sandbox.faults.add({ path: `/2.0/${path}`, times, reply: { kind: 'status', status: 403, body } });
    };

    it('is returned untouched, and no token is made', async () => {
      const token = await provider.asUser(userId).token();
      forbid(1);
      const response = await data(provider.asUser(userId));
      expect([response.status, await response.text()]).toEqual([403, body]);
      expect(vendor.calls('GET', DATA)).toBe(1);
      expect(renewals()).toBe(1);
      expect(provider.asUser(userId).peek()).toBe(token);
    });

    it('is looked into once, however often it comes', async () => {
      forbid(52);
      const responses = await atOnce(50, () => data(provider.asUser(userId)));
      for (let more = 0; more < 2; more += 1) responses.push(await data(provider.asUser(userId)));
      expect(responses.every(({ status }) => status === 403)).toBe(true);
      expect(vendor.calls('GET', 'users/me')).toBe(1);
      expect(renewals()).toBe(1);
    });

    it('does not keep the token from being renewed when it ends later', async () => {
      forbid(1);
      await data(provider.asUser(userId));
      vendor.clock.advance(60_000);
      vendor.sandbox.expireTokens();
      expect((await data(provider.asUser(userId))).status).toBe(200);
      expect(renewals()).toBe(2);
    });

    it('is looked into again where nothing could be learnt', async () => {
      for (const status of [503, 403]) {
        forbid(1);
        vendor.sandbox.faults.add({ path: '/2.0/users/me', reply: { kind: 'status', status, body: '<html></html>' } });
        expect((await data(provider.asUser(userId))).status).toBe(403);
      }
      expect(vendor.calls('GET', 'users/me')).toBe(2);
      expect(renewals()).toBe(1);
    });
  });

  describe('a wrong client secret', () => {
    it('costs one attempt, for 20 rounds of 50 callers over 10 users', async () => {
      const wrong = vendor.provider({ clientSecret: 'wrong' });
      for (let round = 0; round < 20; round += 1) {
        const errors = await atOnce(50, (index) => errorOf(data(wrong.asUser(String(1 + (index % 10))))));
        expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['invalid_credentials']));
        vendor.clock.advance(600_000);
      }
      expect(renewals()).toBe(1);
      expect(await wrong.asUser('1').status()).toMatchObject({ state: 'refused', lastError: 'invalid_credentials' });
    });

    it('is told from a wrong token whatever the vendor calls it', async () => {
      const odd = await openVendor({ profile, way }, { errorCodes: { badClient: 'somethingElse' } });
      const error = await errorOf(odd.provider({ clientSecret: 'wrong' }).asUser('1').token());
      expect(error).toMatchObject({ code: 'invalid_credentials', vendorCode: 'somethingElse', operation: 'asUser.token' });
      await odd.close();
    });

    it('is tried no more until a function gives another, which is used at once', async () => {
      let clientSecret = 'wrong';
      const changing = vendor.provider({ clientSecret: () => clientSecret });
      for (let round = 0; round < 3; round += 1) {
        expect(await errorOf(changing.asUser(userId).token())).toMatchObject({ code: 'invalid_credentials' });
        vendor.clock.advance(600_000);
      }
      expect(renewals()).toBe(1);
      clientSecret = vendor.sandbox.credentials.clientSecret;
      expect((await data(changing.asUser(userId))).status).toBe(200);
      expect(renewals()).toBe(2);
    });

    it('does not stop a user whose token is there', async () => {
      const wrong = vendor.provider({ clientSecret: 'wrong' });
      await wrong.userTokens.adopt(userId, await provider.asUser(userId).token());
      await errorOf(wrong.asUser('2').token());
      expect((await data(wrong.asUser(userId))).status).toBe(200);
    });

    it('is not suspected for the page of a gateway', async () => {
      vendor.sandbox.faults.add({ path: '/2.0/auth/renew', reply: { kind: 'status', status: 403, body: '<html></html>' } });
      expect(await errorOf(provider.asUser(userId).token())).toMatchObject({ code: 'unavailable', status: 403 });
      vendor.clock.advance(60_000);
      expect((await data(provider.asUser(userId))).status).toBe(200);
    });
  });

  describe('a shared store', () => {
    it('gives providers of one configuration one token', async () => {
      const store = memoryStore();
      const providers = [vendor.provider({ store }), vendor.provider({ store })];
      for (const each of providers) expect((await data(each.asUser(userId))).status).toBe(200);
      expect(renewals()).toBe(1);
    });

    it('keeps the tokens of two clients apart', async () => {
      const store = memoryStore();
      await vendor.provider({ store }).userTokens.adopt(userId, permanent('of-one-client'));
      const other = vendor.provider({ store, clientId: '999' });
      expect(await errorOf(other.asUser(userId).token())).toMatchObject({ code: 'invalid_credentials' });
    });

    it('keeps the tokens of two domains apart', async () => {
      const store = memoryStore();
      await vendor.provider({ store }).userTokens.adopt(userId, permanent('of-one-domain'));
      const elsewhere = await openVendor({ profile, way: 'over HTTP' }, { credentials: vendor.sandbox.credentials });
      await elsewhere.provider().users.create({ reference: 'a' });
      const { value } = await elsewhere.provider({ store }).asUser(userId).token();
      expect(value).not.toBe('of-one-domain');
      await elsewhere.close();
    });

    it('gets keys without a token, a secret, an id or a name in them', async () => {
      const store = openStore();
      const { id } = await vendor.provider({ store }).users.create({ reference: 'a' });
      const { value } = await vendor.provider({ store }).asUser(id).token();
      for (const { key } of store.written) expect(key).toMatch(/^aggregator-auth:1:[\w-]{43}(:lease)?$/);
      const kept = JSON.stringify(store.written);
      expect(kept).toContain(value);
      expect(kept).not.toContain(vendor.sandbox.credentials.clientSecret);
    });
  });

  describe('events', () => {
    it('tell each step, and of a token no more than a random name', async () => {
      const events: string[] = [];
      const told: string[] = [];
      const observed = vendor.provider({
        observe: (event) => {
          events.push(event.type);
          told.push(JSON.stringify(event));
        },
      });
      const { value } = await observed.asUser(userId).token();
      vendor.sandbox.expireTokens();
      await data(observed.asUser(userId));
      await observed.revocation.revoke(userId);
      expect(events).toEqual(['acquired', 'invalidated', 'refreshed', 'forgotten']);
      expect(told.join()).not.toContain(value);
      expect(told.join()).not.toContain(vendor.sandbox.credentials.clientSecret);
    });
  });
});
