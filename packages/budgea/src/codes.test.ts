import type { Fetch } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenStore, errorOf, openStore, openVendor, permanent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

const HALF_HOUR = 1_800_000;

describe.each(VENDORS)('codes, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
    userId = (await provider.users.create({ reference: 'a' })).id;
  });
  afterEach(() => vendor.close());

  const refused = profile === '2019' ? 403 : 401;
  const lastBody = () => vendor.sent.filter(({ path }) => path === '/2.0/auth/token/access').at(-1)?.body;

  describe('issue', () => {
    it('makes a code that stands for the user for half an hour', async () => {
      const code = await provider.codes.issue(userId);
      expect(code).toEqual({ value: expect.any(String), expiresAt: vendor.clock.now() + HALF_HOUR, singleUse: false });
      const as = permanent(code.value);
      vendor.clock.advance(HALF_HOUR - 1);
      expect(await provider.api.getUser('me', { as })).toMatchObject({ id: userId });
      vendor.clock.advance(1);
      expect(await errorOf(provider.api.getUser('me', { as }))).toMatchObject({ status: refused });
    });

    it('makes a code for one call when asked', async () => {
      const { value, singleUse } = await provider.codes.issue(userId, { singleUse: true });
      expect(singleUse).toBe(true);
      expect(vendor.sent.at(-1)?.path).toBe('/2.0/auth/token/code?type=singleAccess');
      expect(await provider.api.getUser('me', { as: permanent(value) })).toMatchObject({ id: userId });
      expect(await errorOf(provider.api.getUser('me', { as: permanent(value) }))).toMatchObject({ status: refused });
    });

    it('counts the life from before the request', async () => {
      const slow: Fetch = async (input, init) => {
        vendor.clock.advance(5000);
        return (vendor.options.fetch ?? expect.fail())(input, init);
      };
      const late = vendor.provider({ fetch: slow });
      await late.userTokens.adopt(userId, await provider.asUser(userId).token());
      const before = vendor.clock.now();
      expect(await late.codes.issue(userId)).toMatchObject({ expiresAt: before + HALF_HOUR });
    });

    it('renews a token that the vendor ended, once', async () => {
      vendor.sandbox.expireTokens();
      expect(await provider.codes.issue(userId)).toMatchObject({ singleUse: false });
      expect(vendor.calls('POST', 'auth/renew')).toBe(1);
    });

    it('gives another code each time, and keeps none', async () => {
      const [one, other] = [await provider.codes.issue(userId), await provider.codes.issue(userId)];
      expect(one.value).not.toBe(other.value);
    });

    it.each(['me', 'all', '', '0', '1/..'])('refuses the id %j', async (wrong) => {
      expect(await errorOf(provider.codes.issue(wrong))).toMatchObject({ code: 'invalid_request', operation: 'codes.issue' });
    });
  });

  describe('exchange', () => {
    it('spends the code, keeps a permanent token and says whose it is', async () => {
      const { value } = await provider.codes.issue(userId);
      const store = openStore();
      const other = vendor.provider({ store });
      expect(await other.codes.exchange(value, { redirectUri: null })).toEqual({ userId });

      vendor.clock.advance(2 * HALF_HOUR);
      expect(await vendor.provider({ store }).users.get(userId)).toMatchObject({ id: userId });
      expect(await other.asUser(userId).token()).toMatchObject({ expiresAt: null });
      expect(vendor.calls('POST', 'auth/renew')).toBe(0);
    });

    it('exchanges the temporary token of an anonymous user, who stays then', async () => {
      const { authToken, idUser } = await provider.api.createAnonymousUser();
      expect(await provider.codes.exchange(authToken, { redirectUri: null })).toEqual({ userId: idUser });
      vendor.clock.advance(2 * HALF_HOUR);
      expect(await provider.users.get(idUser ?? '')).toMatchObject({ id: idUser });
    });

    it('does not take a code twice, and does not try to', async () => {
      const { value } = await provider.codes.issue(userId);
      await provider.codes.exchange(value, { redirectUri: null });
      const error = await errorOf(provider.codes.exchange(value, { redirectUri: null }));
      expect(error).toMatchObject({ code: 'invalid_token', retryable: false });
      expect(error.message).not.toContain(value);
      expect(vendor.calls('POST', 'auth/token/access')).toBe(2);
    });

    it('does not take a code that has expired', async () => {
      const { value } = await provider.codes.issue(userId);
      vendor.clock.advance(HALF_HOUR);
      expect(await errorOf(provider.codes.exchange(value, { redirectUri: null }))).toMatchObject({ code: 'invalid_token' });
    });

    it('passes the redirect URI on', async () => {
      const { value } = await provider.codes.issue(userId);
      await provider.codes.exchange(value, { redirectUri: 'https://shop.example/back' });
      expect(lastBody()).toMatchObject({ code: value, redirect_uri: 'https://shop.example/back' });
    });

    it('leaves the redirect URI out if none was sent', async () => {
      const { value } = await provider.codes.issue(userId);
      await provider.codes.exchange(value, { redirectUri: null });
      expect(lastBody()).not.toHaveProperty('redirect_uri');
    });

    it('is outcome_unknown when the answer is lost, after one call', async () => {
      const { value } = await provider.codes.issue(userId);
      vendor.sandbox.faults.add({ path: '/2.0/auth/token/access', reply: { kind: 'lost' } });
      const error = await errorOf(provider.codes.exchange(value, { redirectUri: null }));
      expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false });
      expect(vendor.calls('POST', 'auth/token/access')).toBe(1);
    });

    it('is outcome_unknown when it cannot learn whose token it got, as the code is spent', async () => {
      const { value } = await provider.codes.issue(userId);
      vendor.sandbox.faults.add({ path: '/2.0/users/me', reply: { kind: 'status', status: 503 } });
      const error = await errorOf(provider.codes.exchange(value, { redirectUri: null }));
      expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'codes.exchange', status: 503 });
    });

    it('finishes for a caller who stops waiting once the code is spent', async () => {
      const { value } = await provider.codes.issue(userId);
      const controller = new AbortController();
      const stopping: Fetch = (input, init) => {
        if ((input instanceof Request ? input.url : String(input)).endsWith('/users/me')) controller.abort();
        return (vendor.options.fetch ?? expect.fail())(input, init);
      };
      const other = vendor.provider({ fetch: stopping });
      expect(await other.codes.exchange(value, { redirectUri: null, signal: controller.signal })).toEqual({ userId });
      expect(other.asUser(userId).peek()).toBeDefined();
    });

    it('resolves although the store is down', async () => {
      const { value } = await provider.codes.issue(userId);
      const fragile = vendor.provider({ store: brokenStore });
      expect(await fragile.codes.exchange(value, { redirectUri: null })).toEqual({ userId });
      expect(await fragile.users.get(userId)).toMatchObject({ id: userId });
      expect(vendor.calls('POST', 'auth/renew')).toBe(0);
    });

    it('does not take a wrong client for a wrong code', async () => {
      const { value } = await provider.codes.issue(userId);
      const wrong = vendor.provider({ clientSecret: 'wrong' });
      expect(await errorOf(wrong.codes.exchange(value, { redirectUri: null }))).toMatchObject({ code: 'invalid_credentials' });
      expect(await provider.codes.exchange(value, { redirectUri: null })).toEqual({ userId });
    });
  });
});
