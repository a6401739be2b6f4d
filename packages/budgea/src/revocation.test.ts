import { describe, expect, it } from 'vitest';
import { errorOf, openStore, openUser, PROFILES } from '../test/setup.ts';

describe('revocation', () => {
  it('ends the token that is stored, forgets it everywhere, and requests none in order to end it', async () => {
    const { vendor, provider, userId } = await openUser();
    const store = openStore();
    const token = await provider.asUser(userId).token();
    await vendor.provider({ store }).userTokens.adopt(userId, token);
    expect(await vendor.provider({ store }).revocation.revoke(userId)).toEqual({ existed: true });
    expect(store.written.at(-1)?.value).toBeUndefined();
    expect(await vendor.provider({ store }).revocation.revoke(userId)).toEqual({ existed: false });
    expect(vendor.sent.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual(['DELETE /2.0/auth/token']);
    expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ code: 'invalid_token' });
  });

  it.each(PROFILES)('says that there was none when the vendor had ended it, and forgets it, in the dialect of %s', async (profile) => {
    const { vendor, provider, userId } = await openUser({ profile });
    vendor.sandbox.expireTokens();
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: false });
    expect(provider.asUser(userId).peek()).toBeUndefined();
  });

  it.each<[string, number, unknown, string]>([
    ['its scope is too small to end it', 403, { code: 'forbidden' }, 'forbidden'],
    ['a gateway refuses the call', 403, '<html></html>', 'unavailable'],
    ['the vendor is down', 503, '', 'unavailable'],
  ])('keeps the token when %s, so that it can be tried again', async (_, status, body, code) => {
    const { vendor, provider, userId } = await openUser();
    const token = provider.asUser(userId).peek();
    vendor.answer(status, body, { method: 'DELETE' });
    expect(await errorOf(provider.revocation.revoke(userId))).toMatchObject({ code, status, operation: 'revocation.revoke' });
    expect(provider.asUser(userId).peek()).toBe(token);
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: true });
  });

  it('ends a JWT too, here and at the vendor', async () => {
    const { vendor, provider, userId } = await openUser();
    const jwts = vendor.provider({ userTokenGrant: 'jwt' });
    const token = await jwts.asUser(userId).token();
    expect(await jwts.revocation.revoke(userId)).toEqual({ existed: true });
    expect(jwts.asUser(userId).peek()).toBeUndefined();
    expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ code: 'invalid_token' });
  });
});
