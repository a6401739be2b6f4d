import type { Fetch, Store } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, openStore, openVendor, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

const MINUTE = 60_000;
const reference = 'visitor';

describe.each(VENDORS)('temporary users, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
  });
  afterEach(() => vendor.close());

  const permanentTokens = (): number => vendor.calls('POST', 'auth/renew') + vendor.calls('POST', 'auth/jwt');

  it('are made without credentials, and their token is adopted with its end', async () => {
    const issuedAt = vendor.clock.now();
    const { id } = await provider.users.create({ reference }, { temporary: true });
    expect(vendor.sent.map(({ path, body }) => [path, body])).toEqual([['/2.0/auth/init', {}]]);
    expect(await provider.asUser(id).token()).toEqual({ value: expect.any(String), issuedAt, expiresAt: issuedAt + 30 * MINUTE });
    expect(await provider.users.get(id)).toMatchObject({ id });
  });

  it('need no client secret that is right', async () => {
    const wrong = vendor.provider({ clientSecret: 'wrong' });
    const { id } = await wrong.users.create({ reference }, { temporary: true });
    expect(await wrong.users.get(id)).toMatchObject({ id });
  });

  it('are not made permanent by calls on their behalf, whenever those come', async () => {
    const store = openStore();
    const keeping = vendor.provider({ store });
    const { id } = await keeping.users.create({ reference }, { temporary: true });
    for (const minutes of [10, 6, 6, 6, 1.9]) {
      await vendor.clock.settle(minutes * MINUTE);
      for (const each of [keeping, vendor.provider({ store })]) expect(await each.users.get(id)).toMatchObject({ id });
    }
    expect(permanentTokens()).toBe(0);
  });

  it('say so when their token is refused before its end', async () => {
    const { id } = await provider.users.create({ reference }, { temporary: true });
    vendor.sandbox.expireTokens();
    const error = await errorOf(provider.users.get(id));
    expect(error).toMatchObject({ code: 'invalid_token', operation: 'users.get' });
    expect(error.message).toMatch(/temporary.*codes\.exchange/);
    expect(permanentTokens()).toBe(0);
  });

  it('are not made permanent by the call after a revocation, in any process', async () => {
    const store = openStore();
    const keeping = vendor.provider({ store });
    const { id } = await keeping.users.create({ reference }, { temporary: true });
    expect(await keeping.revocation.revoke(id)).toEqual({ existed: true });
    for (const each of [keeping, vendor.provider({ store })]) {
      expect(await errorOf(each.users.get(id))).toMatchObject({ code: 'invalid_token' });
      expect(await each.revocation.revoke(id)).toEqual({ existed: false });
    }
    expect(permanentTokens()).toBe(0);
  });

  it('say so when the store fails before their revocation is noted', async () => {
    const store = openStore();
    let isDown = false;
    const fragile: Store = {
      read: (key) => (isDown ? Promise.reject(new Error('down')) : store.read(key)),
      write: (key, value, options) => (isDown ? Promise.reject(new Error('down')) : store.write(key, value, options)),
    };
    const stopping: Fetch = (input, init) => {
      isDown = (input instanceof Request ? input.url : String(input)).endsWith('/auth/token');
      return (vendor.options.fetch ?? expect.fail())(input, init);
    };
    const keeping = vendor.provider({ store: fragile, fetch: stopping });
    const { id } = await keeping.users.create({ reference }, { temporary: true });
    expect(await errorOf(keeping.revocation.revoke(id))).toMatchObject({ code: 'store_unavailable', operation: 'revocation.revoke' });
  });

  it('are gone after half an hour', async () => {
    const { id } = await provider.users.create({ reference }, { temporary: true });
    await vendor.clock.settle(30 * MINUTE);
    expect(await errorOf(provider.users.get(id))).toMatchObject({ code: 'not_found' });
  });

  it('stay once their token is exchanged', async () => {
    const store = openStore();
    const keeping = vendor.provider({ store });
    const { id } = await keeping.users.create({ reference }, { temporary: true });
    const { value } = await keeping.asUser(id).token();
    expect(await keeping.codes.exchange(value, { redirectUri: null })).toEqual({ userId: id });
    await vendor.clock.settle(60 * MINUTE);
    expect(await vendor.provider({ store }).users.get(id)).toMatchObject({ id });
    vendor.sandbox.expireTokens();
    expect(await vendor.provider({ store }).users.get(id)).toMatchObject({ id });
    expect(vendor.calls('POST', 'auth/renew')).toBe(1);
  });

  it('end after 1800 seconds where the answer does not say when', async () => {
    const issuedAt = vendor.clock.now();
    const body = JSON.stringify({ auth_token: 'abc', type: 'temporary', id_user: 7 });
    vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });
    await provider.users.create({ reference }, { temporary: true });
    expect(await provider.asUser('7').token()).toEqual({ value: 'abc', issuedAt, expiresAt: issuedAt + 30 * MINUTE });
  });

  it('are outcome_unknown when the answer is lost', async () => {
    vendor.sandbox.faults.add({ reply: { kind: 'lost' } });
    expect(await errorOf(provider.users.create({ reference }, { temporary: true }))).toMatchObject({
      code: 'outcome_unknown',
      operation: 'users.create',
    });
    expect(vendor.sandbox.calls).toHaveLength(1);
  });
});
