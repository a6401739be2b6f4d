import type { Fetch, Store } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, MINUTE, openStore, openVendor, START, type Vendor } from '../test/setup.ts';

/** A temporary user, who is in the store. */
const open = async () => {
  const vendor = openVendor();
  const store = openStore();
  const provider = vendor.provider({ store });
  const { id } = await provider.users.create({ reference: 'visitor' }, { temporary: true });
  return { vendor, store, provider, id, other: () => vendor.provider({ store }) };
};
const permanentTokens = ({ calls }: Vendor): number => calls('POST', 'auth/renew') + calls('POST', 'auth/jwt');

describe('a temporary user', () => {
  it('is made without credentials, and the token is adopted with its end', async () => {
    const { vendor, provider, id } = await open();
    expect(vendor.sent.map(({ path, body }) => [path, body])).toEqual([['/2.0/auth/init', {}]]);
    expect(await provider.asUser(id).token()).toEqual({ value: expect.any(String), issuedAt: START, expiresAt: START + 30 * MINUTE });
    expect(await vendor.provider({ clientSecret: 'wrong' }).users.create({ reference: 'b' }, { temporary: true })).toMatchObject({
      id: '2',
    });
  });

  it('is not made permanent by calls on its behalf, whenever those come, and is gone after half an hour', async () => {
    const { vendor, provider, id, other } = await open();
    for (const minutes of [10, 6, 6, 6, 1.9]) {
      await vendor.clock.settle(minutes * MINUTE);
      for (const each of [provider, other()]) expect(await each.users.get(id)).toMatchObject({ id });
    }
    expect(permanentTokens(vendor)).toBe(0);
    await vendor.clock.settle(0.1 * MINUTE);
    expect(await errorOf(provider.users.get(id))).toMatchObject({ code: 'not_found' });
  });

  it('is not made permanent when the token is refused before its end, and the error says what to do', async () => {
    const { vendor, provider, id } = await open();
    vendor.sandbox.expireTokens();
    const error = await errorOf(provider.users.get(id));
    expect(error).toMatchObject({ code: 'invalid_token', operation: 'users.get' });
    expect(error.message).toMatch(/temporary.*codes\.exchange/);
    expect(permanentTokens(vendor)).toBe(0);
  });

  it('is not made permanent by the call after a revocation, in any process', async () => {
    const { vendor, provider, id, other } = await open();
    expect(await provider.revocation.revoke(id)).toEqual({ existed: true });
    for (const each of [provider, other()]) {
      expect(await errorOf(each.users.get(id))).toMatchObject({ code: 'invalid_token' });
      expect(await each.revocation.revoke(id)).toEqual({ existed: false });
    }
    expect(permanentTokens(vendor)).toBe(0);
  });

  it('is not taken for revoked when the store fails before that is noted', async () => {
    const { vendor, store, id } = await open();
    let isDown = false;
    const down = () => Promise.reject(new Error('down'));
    const fragile: Store = {
      read: (key) => (isDown ? down() : store.read(key)),
      write: (...entry) => (isDown ? down() : store.write(...entry)),
    };
    const failing: Fetch = (input, init) => {
      isDown = true;
      return vendor.options.fetch(input, init);
    };
    const error = await errorOf(vendor.provider({ store: fragile, fetch: failing }).revocation.revoke(id));
    expect(error).toMatchObject({ code: 'store_unavailable', operation: 'revocation.revoke' });
  });

  it('stays once the token is exchanged', async () => {
    const { vendor, provider, id, other } = await open();
    const { value } = await provider.asUser(id).token();
    expect(await provider.codes.exchange(value, { redirectUri: null })).toEqual({ userId: id });
    await vendor.clock.settle(60 * MINUTE);
    expect(await other().users.get(id)).toMatchObject({ id });
    vendor.sandbox.expireTokens();
    expect(await other().users.get(id)).toMatchObject({ id });
    expect(permanentTokens(vendor)).toBe(1);
  });
});
