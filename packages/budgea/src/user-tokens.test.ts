import { describe, expect, it } from 'vitest';
import { brokenStore, errorOf, HOUR, openStore, openUser, permanent, START } from '../test/setup.ts';
import type { BudgeaOptions, BudgeaProvider } from './index.ts';

type IssueOptions = Parameters<BudgeaProvider['userTokens']['issue']>[1];

describe('issue', () => {
  const ENDS = START + HOUR / 2;
  it.each<[BudgeaOptions['userTokenGrant'], IssueOptions, path: string, body: object, expiresAt: number | null]>([
    [undefined, {}, 'auth/renew', { grant_type: 'client_credentials', id_user: 1 }, null],
    [undefined, { grant: 'renew' }, 'auth/renew', { grant_type: 'client_credentials', id_user: 1 }, null],
    [undefined, { revokePrevious: true }, 'auth/renew', { grant_type: 'client_credentials', id_user: 1, revoke_previous: true }, null],
    [undefined, { grant: 'jwt', scope: 'x' }, 'auth/jwt', { id_user: 1, scope: 'x' }, ENDS],
    [undefined, { grant: 'jwt', expire: false }, 'auth/jwt', { id_user: 1, expire: false }, null],
    [undefined, { grant: 'token' }, 'users/1/token', { application: 'sharedAccess' }, null],
    [undefined, { grant: 'token', application: 'web' }, 'users/1/token', { application: 'web' }, null],
    ['renew', {}, 'auth/renew', { grant_type: 'client_credentials', id_user: 1 }, null],
    ['jwt', {}, 'auth/jwt', { id_user: 1 }, ENDS],
    ['jwt', { revokePrevious: undefined }, 'auth/jwt', { id_user: 1 }, ENDS],
    ['jwt', { grant: 'renew' }, 'auth/renew', { grant_type: 'client_credentials', id_user: 1 }, null],
    ['jwt', { revokePrevious: false }, 'auth/renew', { grant_type: 'client_credentials', id_user: 1, revoke_previous: false }, null],
  ])(
    'for a provider whose grant is %s makes a token with %j by %s, and stores none',
    async (userTokenGrant, options, path, body, expiresAt) => {
      const { vendor, provider, userId } = await openUser();
      const { value } = await provider.asUser(userId).token();
      const store = openStore();
      const late = vendor.provider({ store, fetch: vendor.slow, userTokenGrant });
      if (path === 'users/1/token') await late.userTokens.adopt(userId, permanent(value));

      const token = await late.userTokens.issue(userId, options);
      expect(token).toEqual({ value: expect.any(String), issuedAt: START, expiresAt });
      const sent = vendor.sent.at(-1);
      expect(sent).toMatchObject({ method: 'POST', path: `/2.0/${path}` });
      const { clientId: client_id, clientSecret: client_secret } = vendor.options;
      expect(sent?.body).toEqual(path === 'users/1/token' ? body : { client_id, client_secret, ...body });
      expect(sent?.headers.get('authorization')).toBe(path === 'users/1/token' ? `Bearer ${value}` : null);
      expect(await provider.api.getUser('me', { as: token })).toMatchObject({ id: userId });
      expect(JSON.stringify(store.written)).not.toContain(token.value);
    },
  );

  it('with revokePrevious forgets the stored token, so that nobody is refused with it', async () => {
    const { vendor, provider, userId } = await openUser();
    await provider.userTokens.issue(userId, { revokePrevious: false });
    expect(provider.asUser(userId).peek()).toMatchObject({ expiresAt: null });
    await provider.userTokens.issue(userId, { revokePrevious: true });
    const before = vendor.sent.length;
    expect(await provider.users.get(userId)).toMatchObject({ id: userId });
    expect(vendor.sent.slice(before).map(({ path }) => path)).toEqual(['/2.0/auth/renew', '/2.0/users/1']);
  });

  it('with revokePrevious keeps a stored JWT, which has not ended, and resolves although the store is down', async () => {
    const { vendor, userId } = await openUser();
    const jwts = vendor.provider({ userTokenGrant: 'jwt' });
    const jwt = await jwts.asUser(userId).token();
    await jwts.userTokens.issue(userId, { revokePrevious: true });
    expect(jwts.asUser(userId).peek()).toBe(jwt);
    const fragile = vendor.provider({ store: brokenStore });
    expect(await fragile.userTokens.issue(userId, { revokePrevious: true })).toMatchObject({ expiresAt: null });
  });
});

describe('adopt', () => {
  it('makes the token the one that asUser sends, here and for all who share the store, and sends nothing', async () => {
    const { vendor, userId } = await openUser();
    const store = openStore();
    const keeping = vendor.provider({ store });
    await keeping.userTokens.adopt(userId, permanent('first'));
    await keeping.userTokens.adopt(userId, permanent('second'));
    for (const each of [keeping, vendor.provider({ store })]) expect(await each.asUser(userId).token()).toEqual(permanent('second'));
    expect(vendor.sent).toHaveLength(1);
  });

  it('says so when the store is down', async () => {
    const { vendor, userId } = await openUser();
    const adopted = vendor.provider({ store: brokenStore }).userTokens.adopt(userId, permanent('abc'));
    expect(await errorOf(adopted)).toMatchObject({ code: 'store_unavailable', operation: 'userTokens.adopt' });
  });

  it.each(['', ' ', 'hunter2\n', 'hunter2 hunter2', 'hunter2\r\nx-other: y', 'hunter2é'])(
    'refuses %j, which fits into no header, and does not quote it',
    async (value) => {
      const { vendor, userId } = await openUser();
      const provider = vendor.provider();
      const error = await errorOf(provider.userTokens.adopt(userId, permanent(value)));
      expect(error).toMatchObject({ code: 'invalid_request', operation: 'userTokens.adopt' });
      expect(error.message).not.toContain('hunter2');
      expect(provider.asUser(userId).peek()).toBeUndefined();
    },
  );
});
