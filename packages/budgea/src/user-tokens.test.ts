import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, openStore, openVendor, permanent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

describe.each(VENDORS)('userTokens, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
    userId = (await vendor.provider().users.create({ reference: 'a' })).id;
  });
  afterEach(() => vendor.close());

  describe('issue', () => {
    it('makes a permanent token by renew, and leaves those from before', async () => {
      const issuedAt = vendor.clock.now();
      const first = await provider.userTokens.issue(userId);
      const second = await provider.userTokens.issue(userId);
      expect(first).toEqual({ value: expect.any(String), issuedAt, expiresAt: null });
      expect(second.value).not.toBe(first.value);
      for (const token of [first, second]) expect(await provider.api.getUser('me', { as: token })).toMatchObject({ id: userId });
      expect(vendor.calls('POST', 'auth/renew')).toBe(2);
      expect(JSON.stringify(vendor.sent)).not.toContain('revoke_previous');
    });

    it('makes a token with an end by jwt', async () => {
      const issuedAt = vendor.clock.now();
      const token = await vendor.provider({ userTokenGrant: 'jwt' }).userTokens.issue(userId);
      expect(token).toEqual({ value: expect.stringMatching(/^ey/), issuedAt, expiresAt: issuedAt + 1_800_000 });
      expect(await provider.api.getUser('me', { as: token })).toMatchObject({ id: userId });
      vendor.clock.advance(1_800_000);
      expect(await errorOf(provider.api.getUser('me', { as: token }))).toMatchObject({ status: profile === '2019' ? 403 : 401 });
      expect(vendor.calls('POST', 'auth/renew')).toBe(0);
    });

    it('stores nothing', async () => {
      const store = openStore();
      const keeping = vendor.provider({ store });
      const { value } = await keeping.userTokens.issue(userId);
      expect(JSON.stringify(store.written)).not.toContain(value);
      expect(keeping.asUser(userId).peek()).toBeUndefined();
      await keeping.asUser(userId).token();
      expect(vendor.calls('POST', 'auth/renew')).toBe(2);
    });

    it('rejects with not_found for an unknown user', async () => {
      expect(await errorOf(provider.userTokens.issue('4711'))).toMatchObject({ code: 'not_found' });
    });

    it('never creates a user', async () => {
      for (const userTokenGrant of ['renew', 'jwt'] as const)
        for (const wrong of ['', 'me', 'all', '0', '1/..'])
          expect(await errorOf(vendor.provider({ userTokenGrant }).userTokens.issue(wrong))).toMatchObject({
            code: 'invalid_request',
            operation: 'userTokens.issue',
          });
      expect(vendor.calls('POST', 'auth/init')).toBe(1);
      expect(vendor.sent).toHaveLength(1);
    });
  });

  describe('adopt', () => {
    it('makes the token the one that asUser sends', async () => {
      const token = await provider.userTokens.issue(userId);
      const other = vendor.provider();
      await other.userTokens.adopt(userId, token);
      expect(other.asUser(userId).peek()).toEqual(token);
      await atOnce(20, () => other.users.get(userId));
      expect(vendor.calls('POST', 'auth/renew')).toBe(1);
    });

    it('takes the place of the token from before', async () => {
      await provider.asUser(userId).token();
      await provider.userTokens.adopt(userId, permanent('from-another-service'));
      expect(await provider.asUser(userId).token()).toEqual(permanent('from-another-service'));
    });

    it('keeps it in the store for others', async () => {
      const store = openStore();
      await vendor.provider({ store }).userTokens.adopt(userId, permanent('from-another-service'));
      expect(await vendor.provider({ store }).asUser(userId).token()).toEqual(permanent('from-another-service'));
    });

    it('sends nothing', async () => {
      const before = vendor.sent.length;
      await provider.userTokens.adopt(userId, permanent('abc'));
      expect(vendor.sent).toHaveLength(before);
    });

    it('says so when the store is down, and holds for this process', async () => {
      const fragile = vendor.provider({ store: brokenStore });
      expect(await errorOf(fragile.userTokens.adopt(userId, permanent('abc')))).toMatchObject({ code: 'store_unavailable' });
      expect(await fragile.asUser(userId).token()).toEqual(permanent('abc'));
    });

    it('refuses a token that has ended', async () => {
      const ended = { value: 'abc', issuedAt: 0, expiresAt: vendor.clock.now() };
      expect((await errorOf(provider.userTokens.adopt(userId, ended))).message).not.toContain('abc');
      expect(provider.asUser(userId).peek()).toBeUndefined();
    });

    it.each(['', ' ', 'hunter2\n', 'hunter2 hunter2', 'hunter2\r\nx-other: y', 'hunter2é'])(
      'refuses %j, which fits into no header, and does not quote it',
      async (value) => {
        const error = await errorOf(provider.userTokens.adopt(userId, permanent(value)));
        expect(error).toMatchObject({ code: 'invalid_request', operation: 'userTokens.adopt' });
        expect(error.message).not.toContain('hunter2');
        expect(provider.asUser(userId).peek()).toBeUndefined();
      },
    );

    it.each(['me', 'all', '', '0', '1/..'])('refuses the id %j', async (wrong) => {
      expect(await errorOf(provider.userTokens.adopt(wrong, permanent('abc')))).toMatchObject({
        code: 'invalid_request',
        operation: 'userTokens.adopt',
      });
    });
  });
});
