import { type AuthEvent, authorizedFetch, type Fetch, memoryStore, type TokenAuthority } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, HOUR, MINUTE, openUser, openVendor, PROFILES, permanent, type Vendor } from '../test/setup.ts';

const DATA = 'users/me/connections';
const data = (authority: TokenAuthority): Promise<Response> => authorizedFetch(authority)(DATA);
const reference = 'customer-17';

describe('the token of a user', () => {
  it('by jwt is renewed when it ends, by one call for 50', async () => {
    const { vendor, userId } = await openUser();
    const jwts = vendor.provider({ userTokenGrant: 'jwt' });
    const first = await jwts.asUser(userId).token();
    vendor.clock.advance(HOUR / 2);
    const statuses = await atOnce(50, async () => (await data(jwts.asUser(userId))).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await jwts.asUser(userId).token()).value).not.toBe(first.value);
    expect([vendor.calls('POST', 'auth/jwt'), vendor.calls('POST', 'auth/renew')]).toEqual([2, 0]);
  });

  it.each(PROFILES)('that the vendor ended is renewed once for 50 calls, each time it ends, in the dialect of %s', async (profile) => {
    const { vendor, provider, userId } = await openUser({ profile });
    for (const round of [1, 2]) {
      vendor.sandbox.expireTokens();
      const statuses = await atOnce(50, async () => (await data(provider.asUser(userId))).status);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect([vendor.calls('POST', 'auth/renew'), vendor.calls('GET', DATA)]).toEqual([round, 100 * round]);
      // Where a dead token gets a 403, the vendor is asked about the token once.
      expect(vendor.calls('GET', 'users/me')).toBe(profile === '2019' ? round : 0);
    }
  });

  it.each([
    ['a gateway’s 401', 401, '<html><h1>Authorization Required</h1></html>'],
    ['a 403 about the scope', 403, '{"code":"forbidden","description":"not yours"}'],
  ])('stays for %s, which is returned untouched', async (_, status, body) => {
    const { vendor, provider, userId } = await openUser();
    const token = provider.asUser(userId).peek();
    vendor.answer(status, body, { path: DATA });
    const response = await data(provider.asUser(userId));
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect([vendor.calls('GET', DATA), vendor.calls('POST', 'auth/renew')]).toEqual([1, 0]);
    expect(provider.asUser(userId).peek()).toBe(token);
  });
});

describe('a 403', () => {
  it('is looked into once a minute, however often it comes, and a token that ends later is renewed', async () => {
    const { vendor, provider, userId } = await openUser();
    vendor.answer(403, { code: 'forbidden' }, { path: DATA, times: 53 });
    const statuses = await atOnce(50, async () => (await data(provider.asUser(userId))).status);
    vendor.clock.advance(MINUTE - 1);
    for (let more = 0; more < 2; more += 1) statuses.push((await data(provider.asUser(userId))).status);
    expect(new Set(statuses)).toEqual(new Set([403]));
    expect(vendor.calls('GET', 'users/me')).toBe(1);

    vendor.clock.advance(1);
    vendor.sandbox.expireTokens();
    expect((await data(provider.asUser(userId))).status).toBe(200);
    expect([vendor.calls('GET', 'users/me'), vendor.calls('POST', 'auth/renew')]).toEqual([2, 1]);
  });

  it('is looked into again where nothing could be learnt', async () => {
    const { vendor, provider, userId } = await openUser();
    for (const status of [503, 403]) {
      vendor.answer(403, { code: 'forbidden' }, { path: DATA });
      vendor.answer(status, '<html></html>', { path: 'users/me' });
      expect((await data(provider.asUser(userId))).status).toBe(403);
    }
    expect([vendor.calls('GET', 'users/me'), vendor.calls('POST', 'auth/renew')]).toEqual([2, 0]);
  });
});

describe('a call that is refused whatever the token', () => {
  /** 30 calls, a minute apart, that all get a 401. */
  const refused = async (vendor: Vendor, authority: TokenAuthority): Promise<void> => {
    for (let call = 0; call < 30; call += 1) {
      const response = await data(authority);
      expect([response.status, await response.json()]).toEqual([401, { code: 'unauthorized' }]);
      vendor.clock.advance(MINUTE);
    }
  };

  it.each(PROFILES)(
    'makes one more permanent token, in the dialect of %s, because the vendor says that this one is alive',
    async (profile) => {
      const { vendor, provider, userId } = await openUser({ profile });
      vendor.answer(401, { code: 'unauthorized' }, { path: DATA, times: 1000 });
      await refused(vendor, provider.asUser(userId));
      expect([vendor.calls('POST', 'auth/renew'), vendor.calls('GET', 'users/me')]).toEqual([1, 29]);
      expect((await authorizedFetch(provider.asUser(userId))('users/me')).status).toBe(200);
    },
  );

  it('makes three more in half an hour, if the vendor refuses everything', async () => {
    const { vendor, provider, userId } = await openUser();
    vendor.answer(401, { code: 'unauthorized' }, { method: 'GET', times: 1000 });
    await refused(vendor, provider.asUser(userId));
    expect(vendor.calls('POST', 'auth/renew')).toBe(3);
  });

  it('does not stop others from a renewal when the token does end', async () => {
    const { vendor, provider, userId } = await openUser();
    const authority = provider.asUser(userId);
    for (let round = 0; round < 5; round += 1) {
      vendor.answer(401, { code: 'unauthorized' }, { path: DATA, times: 2 });
      await data(authority);
      await data(authority);
      vendor.clock.advance(MINUTE);
      vendor.sandbox.expireTokens();
      expect((await data(authority)).status).toBe(200);
    }
    expect(vendor.calls('POST', 'auth/renew')).toBeLessThanOrEqual(10);
  });
});

describe('a wrong client secret', () => {
  it('costs one attempt in all, whatever uses it, until a function returns another, which is used at once', async () => {
    const vendor = openVendor();
    let clientSecret = 'wrong';
    const { users, codes, userTokens, serviceTokens, asUser } = vendor.provider({ clientSecret: async () => clientSecret });
    const errors = [
      ...(await atOnce(20, () => errorOf(users.create({ reference })))),
      await errorOf(codes.exchange('abc', { redirectUri: null })),
      await errorOf(userTokens.issue('1')),
      await errorOf(userTokens.issue('1', { grant: 'jwt' })),
      await errorOf(serviceTokens.issue({ scopes: ['payments'] })),
      await errorOf(asUser('1').token()),
    ];
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['invalid_credentials']));
    const operations = ['users.create', 'codes.exchange', 'userTokens.issue', 'serviceTokens.issue', 'asUser.token'];
    expect([...new Set(errors.map(({ operation }) => operation))]).toEqual(operations);
    expect(vendor.sent).toHaveLength(1);

    ({ clientSecret } = vendor.sandbox.credentials);
    const { id } = await users.create({ reference });
    expect((await data(asUser(id))).status).toBe(200);
  });
});

it('a caller who waits for an attempt of another one can stop waiting', async () => {
  const caller = new AbortController();
  const stalled: Fetch = () => {
    caller.abort();
    return new Promise(() => {});
  };
  const { users } = openVendor().provider({ fetch: stalled });
  void users.create({ reference });
  expect(await errorOf(users.create({ reference }, { signal: caller.signal }))).toMatchObject({
    code: 'aborted',
    operation: 'users.create',
  });
});

describe('a shared store', () => {
  it('keeps the tokens of two clients and of two domains apart', async () => {
    const { vendor, userId } = await openUser();
    const store = memoryStore();
    await vendor.provider({ store }).userTokens.adopt(userId, permanent('of-one-client'));
    expect(vendor.provider({ store }).asUser(userId).peek()).toBeUndefined();
    expect(await vendor.provider({ store }).asUser(userId).token()).toEqual(permanent('of-one-client'));
    const otherClient = vendor.provider({ store, clientId: '999' });
    expect(await errorOf(otherClient.asUser(userId).token())).toMatchObject({ code: 'invalid_credentials' });
    const elsewhere = vendor.provider({ store, baseUrl: 'https://other.example/2.0/' });
    expect((await elsewhere.asUser(userId).token()).value).not.toBe('of-one-client');
  });

  it('that is down stops a provider that was told so', async () => {
    const { vendor, userId } = await openUser();
    const careful = vendor.provider({ store: brokenStore, whenStoreIsDown: 'refuse' });
    expect(await errorOf(careful.asUser(userId).token())).toMatchObject({ code: 'store_unavailable', operation: 'asUser.token' });
    expect(vendor.sent).toHaveLength(1);
  });
});

it('tells each step to the observer', async () => {
  const { vendor, userId } = await openUser();
  const events: AuthEvent[] = [];
  const observed = vendor.provider({ observe: (event) => void events.push(event) });
  await observed.asUser(userId).token();
  vendor.sandbox.expireTokens();
  await data(observed.asUser(userId));
  await observed.revocation.revoke(userId);
  expect(events.map(({ type }) => type)).toEqual(['acquired', 'invalidated', 'refreshed', 'forgotten']);
  expect(await observed.asUser(userId).status()).toMatchObject({ provider: 'budgea', state: 'empty' });
});
