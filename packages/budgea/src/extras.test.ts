import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, openVendor, permanent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

const HALF_HOUR = 1_800_000;

describe.each(VENDORS)('what only Budgea has, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
    userId = (await provider.users.create({ reference: 'a' })).id;
  });
  afterEach(() => vendor.close());

  const connect = async (id = userId): Promise<string> => {
    const { value } = await provider.asUser(id).token();
    const transport = vendor.options.fetch ?? expect.fail('no fetch');
    const response = await transport(`${provider.baseUrl}users/me/connections`, {
      method: 'POST',
      headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id_connector: 1, login: 'me', password: 'right' }),
    });
    const { id: connectionId }: { id: number } = await response.json();
    return String(connectionId);
  };

  describe('connections', () => {
    it('are those of one user', async () => {
      const other = await provider.users.create({ reference: 'b' });
      const [mine, second, theirs] = [await connect(), await connect(), await connect(other.id)];
      expect((await provider.connections.list(userId)).map(({ id }) => id)).toEqual([mine, second]);
      expect((await provider.connections.list(userId, { limit: 1, offset: 1 })).map(({ id }) => id)).toEqual([second]);
      expect(await provider.connections.get(userId, mine, { expand: 'accounts' })).toMatchObject({
        id: mine,
        expanded: { accounts: expect.any(Array) },
      });
      expect(await errorOf(provider.connections.get(userId, theirs))).toMatchObject({ code: 'not_found', operation: 'connections.get' });
      expect(await provider.connections.delete(userId, theirs)).toEqual({ existed: false });
      expect(await provider.connections.list(other.id)).toHaveLength(1);
    });

    it('are deleted one by one, twice without harm', async () => {
      const [one, other] = [await connect(), await connect()];
      expect(await provider.connections.delete(userId, one)).toEqual({ existed: true });
      expect(await provider.connections.delete(userId, one)).toEqual({ existed: false });
      expect((await provider.connections.list(userId)).map(({ id }) => id)).toEqual([other]);
    });

    it('are deleted all at once, and the user and the token stay', async () => {
      await connect();
      await connect();
      await provider.connections.deleteAll(userId);
      await provider.connections.deleteAll(userId);
      expect(await provider.connections.list(userId)).toEqual([]);
      expect(vendor.calls('DELETE', 'hash')).toBe(2);
      expect(vendor.calls('POST', 'auth/renew')).toBe(0);
    });

    it('survive a token that the vendor ended', async () => {
      const id = await connect();
      vendor.sandbox.expireTokens();
      expect(await provider.connections.get(userId, id)).toMatchObject({ id });
      expect(vendor.calls('POST', 'auth/renew')).toBe(1);
    });

    it.each(['', 'me', 'all', '0', '1/..'])('are never of the user or with the id %j, and nothing is sent', async (wrong) => {
      const before = vendor.sent.length;
      const { connections } = provider;
      for (const [operation, promise] of [
        ['list', connections.list(wrong)],
        ['get', connections.get(wrong, '1')],
        ['get', connections.get(userId, wrong)],
        ['delete', connections.delete(wrong, '1')],
        ['delete', connections.delete(userId, wrong)],
        ['deleteAll', connections.deleteAll(wrong)],
      ] as const)
        expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request', operation: `connections.${operation}` });
      expect(vendor.sent).toHaveLength(before);
    });
  });

  describe('certificates', () => {
    it('are read on behalf of whom one says', async () => {
      const expected = { type: 'tls', created: expect.any(Number) };
      expect(await provider.certificates.get('tls', { as: provider.asUser(userId) })).toMatchObject(expected);
      const as = permanent(vendor.sandbox.credentials.manageToken);
      expect(await provider.certificates.get('tls', { as, expand: 'public_key_file' })).toMatchObject({
        ...expected,
        expanded: { public_key_file: expect.anything() },
      });
    });

    it('are not_found for a type that there is not', async () => {
      const as = provider.asUser(userId);
      expect(await errorOf(provider.certificates.get('other', { as }))).toMatchObject({ code: 'not_found', operation: 'certificates.get' });
    });
  });

  describe('service tokens', () => {
    it('live for half an hour, and belong to no user', async () => {
      const issuedAt = vendor.clock.now();
      const promise = provider.serviceTokens.issue({ scopes: ['payments:admin', 'payment-links:admin'] });
      if (profile === '2019') {
        expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request', operation: 'serviceTokens.issue' });
        return;
      }
      const token = await promise;
      expect(token).toEqual({ value: expect.any(String), issuedAt, expiresAt: issuedAt + HALF_HOUR });
      expect(vendor.sent.at(-1)?.body).toMatchObject({ scope: ['payments:admin', 'payment-links:admin'] });
      expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ code: 'forbidden', status: 403 });
      vendor.clock.advance(HALF_HOUR);
      expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ code: 'invalid_token', status: 401 });
    });

    it('need a scope', async () => {
      expect(await errorOf(provider.serviceTokens.issue({ scopes: [] }))).toMatchObject({
        code: 'invalid_request',
        operation: 'serviceTokens.issue',
      });
      expect(vendor.calls('POST', 'auth/token')).toBe(0);
    });
  });

  describe('grants of userTokens.issue', () => {
    const works = async (token: { value: string }): Promise<boolean> =>
      provider.api.getUser('me', { as: permanent(token.value) }).then(
        () => true,
        () => false,
      );

    it('jwt has a scope, and an end unless told otherwise', async () => {
      const issuedAt = vendor.clock.now();
      const token = await provider.userTokens.issue(userId, { grant: 'jwt', scope: 'x' });
      expect(token).toMatchObject({ issuedAt, expiresAt: issuedAt + HALF_HOUR });
      expect(vendor.sent.at(-1)?.body).toMatchObject({ id_user: Number(userId), scope: 'x' });
      expect(await provider.userTokens.issue(userId, { grant: 'jwt', expire: false })).toMatchObject({ expiresAt: null });
      expect(vendor.sent.at(-1)?.body).toMatchObject({ expire: false });
    });

    it('token is made with the user’s own token', async () => {
      const { value } = await provider.asUser(userId).token();
      const token = await provider.userTokens.issue(userId, { grant: 'token' });
      expect(token).toMatchObject({ expiresAt: null });
      expect(vendor.sent.at(-1)).toMatchObject({ path: `/2.0/users/${userId}/token`, body: { application: 'sharedAccess' } });
      expect(vendor.sent.at(-1)?.headers.get('authorization')).toBe(`Bearer ${value}`);
      await provider.userTokens.issue(userId, { grant: 'token', application: 'web' });
      expect(vendor.sent.at(-1)?.body).toEqual({ application: 'web' });
      expect(await works(token)).toBe(true);
      expect(vendor.calls('POST', 'auth/renew')).toBe(0);
    });

    it('renew leaves the tokens from before, unless they are to be revoked', async () => {
      const stored = await provider.asUser(userId).token();
      const first = await provider.userTokens.issue(userId, { grant: 'renew' });
      expect([await works(stored), await works(first)]).toEqual([true, true]);
      const second = await provider.userTokens.issue(userId, { revokePrevious: true });
      expect([await works(stored), await works(first), await works(second)]).toEqual([false, false, true]);
    });

    it('renew that revokes forgets the stored token, so that nobody is refused with it', async () => {
      await provider.userTokens.issue(userId, { revokePrevious: true });
      const before = vendor.sandbox.calls.length;
      expect(await provider.users.get(userId)).toMatchObject({ id: userId });
      expect(vendor.sandbox.calls.slice(before).map(({ path, status }) => [path, status])).toEqual([
        ['/2.0/auth/renew', 200],
        [`/2.0/users/${userId}`, 200],
      ]);
    });

    it('renew that revokes is renew for a provider whose grant is jwt', async () => {
      const jwts = vendor.provider({ userTokenGrant: 'jwt' });
      expect(await jwts.userTokens.issue(userId, { revokePrevious: false })).toMatchObject({ expiresAt: null });
      expect(vendor.sent.at(-1)?.body).toMatchObject({ revoke_previous: false });
      expect(await jwts.userTokens.issue(userId, { grant: 'renew' })).toMatchObject({ expiresAt: null });
      expect(await jwts.userTokens.issue(userId)).toMatchObject({ expiresAt: expect.any(Number) });
    });

    it.each(['renew', 'jwt', 'token'] as const)('%s refuses ids that are no user’s', async (grant) => {
      for (const wrong of ['me', 'all', ''])
        expect(await errorOf(provider.userTokens.issue(wrong, { grant }))).toMatchObject({
          code: 'invalid_request',
          operation: 'userTokens.issue',
        });
      expect(vendor.sent).toHaveLength(1);
    });
  });
});
