import { AuthError, type Store } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, openStore, openUser, openVendor, SECOND, START } from '../test/setup.ts';

const reference = 'customer-17';

describe('create', () => {
  it('makes a permanent user, stores the token before it resolves, and sends nothing of the reference', async () => {
    const vendor = openVendor();
    const store = openStore();
    const keeping = vendor.provider({ store });
    expect(await keeping.users.create({ reference })).toEqual({ id: '1', createdAt: null });
    expect(JSON.stringify(vendor.sent.map(({ body }) => body))).not.toContain(reference);
    vendor.clock.advance(365 * 86_400_000);
    expect(await vendor.provider({ store }).users.get('1')).toMatchObject({ id: '1' });
    expect(vendor.sent.map(({ path }) => path)).toEqual(['/2.0/auth/init', '/2.0/users/1']);
  });

  it('dates the token from before its own request, however long that waited for another', async () => {
    const vendor = openVendor();
    const late = vendor.provider({ fetch: vendor.slow });
    const users = await atOnce(2, () => late.users.create({ reference }));
    expect(users.map(({ id }) => late.asUser(id).peek()?.issuedAt)).toEqual([START, START + 5 * SECOND]);
  });

  it('asks the vendor for the id where the answer lacks it', async () => {
    const { vendor, provider, userId } = await openUser();
    const { value } = await provider.asUser(userId).token();
    vendor.answer(200, { auth_token: value, type: 'permanent' });
    const other = vendor.provider();
    expect(await other.users.create({ reference })).toEqual({ id: userId, createdAt: null });
    expect(vendor.sent.at(-1)).toMatchObject({ method: 'GET', path: '/2.0/users/me' });
    expect(other.asUser(userId).peek()).toMatchObject({ value });
  });

  it('is outcome_unknown when the id cannot be read, as another try makes another user', async () => {
    const vendor = openVendor();
    vendor.answer(200, { auth_token: 'abc', type: 'permanent' }, { path: 'auth/init' });
    vendor.answer(503, { code: 'bug', request_id: 7 }, { path: 'users/me' });
    const error = await errorOf(vendor.provider().users.create({ reference }));
    expect(error).toMatchObject({ code: 'outcome_unknown', operation: 'users.create', status: 503, vendorCode: 'bug', requestId: '7' });
    expect(error.message).toMatch(/made a user and a token, .*\(unavailable\)/);
  });

  it('resolves although the store is down, or turns out to be misconfigured, as the user is there', async () => {
    const vendor = openVendor();
    expect(await vendor.provider({ store: brokenStore }).users.create({ reference })).toEqual({ id: '1', createdAt: null });
    const { read, write } = openStore();
    const misconfigured = new AuthError('The key is wrong.', { code: 'misconfigured', provider: 'acme', operation: 'store' });
    const store: Store = { read, write: (...entry) => (vendor.sent.length > 1 ? Promise.reject(misconfigured) : write(...entry)) };
    expect(await vendor.provider({ store }).users.create({ reference })).toEqual({ id: '2', createdAt: null });
    expect(vendor.sent).toHaveLength(2);
  });

  it('resolves although the token has ended already, as the user is there', async () => {
    const vendor = openVendor();
    vendor.answer(200, { auth_token: 'abc', type: 'temporary', id_user: 7, expires_in: 0 });
    expect(await vendor.provider().users.create({ reference })).toMatchObject({ id: '7' });
  });
});

describe('get', () => {
  it('says when the user was created, by one call, and by two where no token is stored', async () => {
    const { vendor, provider, userId } = await openUser();
    vendor.clock.advance(200 * 86_400_000);
    expect(await provider.users.get(userId)).toEqual({ id: userId, createdAt: START });
    expect(await vendor.provider().users.get(userId)).toEqual({ id: userId, createdAt: START });
    expect(vendor.sent.map(({ path }) => path.slice(5))).toEqual(['auth/init', 'users/1', 'auth/renew', 'users/1']);
  });
});

describe('delete', () => {
  it('forgets the token, here and in the store', async () => {
    const vendor = openVendor();
    const store = openStore();
    const keeping = vendor.provider({ store });
    const { id } = await keeping.users.create({ reference });
    expect(await keeping.users.delete(id)).toEqual({ existed: true });
    expect(keeping.asUser(id).peek()).toBeUndefined();
    expect(store.written.at(-1)).toMatchObject({ value: undefined });
  });

  it('says that nobody existed where the user was deleted elsewhere, and forgets the token', async () => {
    const { vendor, provider, userId } = await openUser();
    await vendor.provider().users.delete(userId);
    expect(await provider.users.delete(userId)).toEqual({ existed: false });
    expect(provider.asUser(userId).peek()).toBeUndefined();
  });

  it('keeps the token when the vendor fails, and when a gateway says 404', async () => {
    const { vendor, provider, userId } = await openUser();
    const token = provider.asUser(userId).peek();
    for (const status of [503, 404]) {
      vendor.answer(status, '<html></html>', { method: 'DELETE' });
      expect(await errorOf(provider.users.delete(userId))).toMatchObject({ code: 'unavailable', status });
    }
    expect(provider.asUser(userId).peek()).toBe(token);
  });
});
