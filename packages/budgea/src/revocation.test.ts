import { authorizedFetch, memoryStore } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, openStore, openVendor, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

describe.each(VENDORS)('revocation, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
    userId = (await provider.users.create({ reference: 'a' })).id;
  });
  afterEach(() => vendor.close());

  it('ends the token at the vendor', async () => {
    const token = await provider.asUser(userId).token();
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: true });
    expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ status: profile === '2019' ? 403 : 401 });
  });

  it('says that there was none the second time, without asking the vendor', async () => {
    await provider.revocation.revoke(userId);
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: false });
    expect(vendor.calls('DELETE', 'auth/token')).toBe(1);
  });

  it('makes no token in order to end it', async () => {
    expect(await vendor.provider().revocation.revoke(userId)).toEqual({ existed: false });
    expect(vendor.sent).toHaveLength(1);
  });

  it('leaves the user, for whom the next calls make one new token', async () => {
    await provider.revocation.revoke(userId);
    expect(provider.asUser(userId).peek()).toBeUndefined();
    const responses = await atOnce(50, () => authorizedFetch(provider.asUser(userId))('users/me/connections'));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(vendor.calls('POST', 'auth/renew')).toBe(1);
  });

  it('is heeded by a handle from before', async () => {
    const user = provider.asUser(userId);
    const { value } = await user.token();
    await provider.revocation.revoke(userId);
    expect(user.peek()).toBeUndefined();
    expect((await user.token()).value).not.toBe(value);
  });

  it('ends a token that only the store holds, and forgets it there', async () => {
    const store = openStore();
    await vendor.provider({ store }).userTokens.adopt(userId, await provider.asUser(userId).token());
    expect(await vendor.provider({ store }).revocation.revoke(userId)).toEqual({ existed: true });
    expect(store.written.at(-1)?.value).toBeUndefined();
    expect(await vendor.provider({ store }).revocation.revoke(userId)).toEqual({ existed: false });
  });

  it('says that there was none when the vendor had ended it, and forgets it', async () => {
    vendor.sandbox.expireTokens();
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: false });
    expect(provider.asUser(userId).peek()).toBeUndefined();
    expect(vendor.calls('POST', 'auth/renew')).toBe(0);
  });

  it('ends the token that another provider has stored since', async () => {
    const store = memoryStore({ clock: vendor.clock });
    const [one, other] = [vendor.provider({ store }), vendor.provider({ store })];
    const old = await one.asUser(userId).token();
    vendor.sandbox.expireTokens();
    expect((await authorizedFetch(other.asUser(userId))('users/me/connections')).status).toBe(200);
    const token = await other.asUser(userId).token();
    expect(token.value).not.toBe(old.value);
    expect(one.asUser(userId).peek()).toBe(old);

    expect(await one.revocation.revoke(userId)).toEqual({ existed: true });
    expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ status: profile === '2019' ? 403 : 401 });
    expect(one.asUser(userId).peek()).toBeUndefined();
  });

  it('keeps the token when its scope is too small to end it', async () => {
    const token = await provider.asUser(userId).token();
    const body = JSON.stringify({ code: 'forbidden' });
    vendor.sandbox.faults.add({ method: 'DELETE', path: '/2.0/auth/token', reply: { kind: 'status', status: 403, body } });
    expect(await errorOf(provider.revocation.revoke(userId))).toMatchObject({ code: 'forbidden', status: 403, vendorCode: 'forbidden' });
    expect(provider.asUser(userId).peek()).toBe(token);
    expect(await provider.api.getUser('me', { as: token })).toMatchObject({ id: userId });
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: true });
  });

  it.each([403, 503])('keeps the token when a gateway is in the way with status %i, so that it can be tried again', async (status) => {
    vendor.sandbox.faults.add({ method: 'DELETE', reply: { kind: 'status', status, body: '<html></html>' } });
    expect(await errorOf(provider.revocation.revoke(userId))).toMatchObject({ code: 'unavailable', status });
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: true });
  });

  it('leaves other users and other tokens of this user alone', async () => {
    const [other, handedOn] = [await provider.users.create({ reference: 'b' }), await provider.userTokens.issue(userId)];
    await provider.revocation.revoke(userId);
    expect(await provider.users.get(other.id)).toMatchObject({ id: other.id });
    expect(await provider.api.getUser('me', { as: handedOn })).toMatchObject({ id: userId });
  });

  it('ends a JWT too', async () => {
    const jwt = vendor.provider({ userTokenGrant: 'jwt' });
    const token = await jwt.asUser(userId).token();
    expect(await jwt.revocation.revoke(userId)).toEqual({ existed: true });
    expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ status: profile === '2019' ? 403 : 401 });
  });

  it('says so when the store is down and cannot be asked for the token', async () => {
    expect(await errorOf(vendor.provider({ store: brokenStore }).revocation.revoke(userId))).toMatchObject({ code: 'store_unavailable' });
  });

  it.each(['me', 'all', '', '0', '1/..'])('refuses the id %j', async (wrong) => {
    expect(await errorOf(provider.revocation.revoke(wrong))).toMatchObject({ code: 'invalid_request', operation: 'revocation.revoke' });
    expect(vendor.calls('DELETE', 'auth/token')).toBe(0);
  });
});
