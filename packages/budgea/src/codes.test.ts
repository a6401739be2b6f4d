import type { Fetch } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, HOUR, openStore, openUser, permanent, START } from '../test/setup.ts';

describe('issue', () => {
  it.each([
    [undefined, false, 'requestAccess'],
    [true, true, 'singleAccess'],
  ])('makes a code for half an hour from before the request, with singleUse %s', async (asked, singleUse, type) => {
    const { vendor, provider, userId } = await openUser();
    const late = vendor.provider({ fetch: vendor.slow });
    await late.userTokens.adopt(userId, await provider.asUser(userId).token());
    const code = await late.codes.issue(userId, { singleUse: asked });
    expect(code).toEqual({ value: expect.any(String), expiresAt: START + HOUR / 2, singleUse });
    expect(vendor.sent.at(-1)?.path).toBe(`/2.0/auth/token/code?type=${type}`);
    expect(await provider.api.getUser('me', { as: permanent(code.value) })).toMatchObject({ id: userId });
  });
});

describe('exchange', () => {
  it('spends the code, says whose it was, and stores a permanent token that is dated from before the request', async () => {
    const { vendor, provider, userId } = await openUser();
    const { value } = await provider.codes.issue(userId);
    const store = openStore();
    expect(await vendor.provider({ store, fetch: vendor.slow }).codes.exchange(value, { redirectUri: null })).toEqual({ userId });
    expect(await vendor.provider({ store }).asUser(userId).token()).toEqual({
      value: expect.any(String),
      issuedAt: START,
      expiresAt: null,
    });
    expect(vendor.calls('POST', 'auth/renew')).toBe(0);
  });

  it.each([
    ['https://shop.example/back', { redirect_uri: 'https://shop.example/back' }],
    [null, {}],
  ])('sends the redirect URI %s', async (redirectUri, sent) => {
    const { vendor, provider, userId } = await openUser();
    const { value: code } = await provider.codes.issue(userId);
    await provider.codes.exchange(code, { redirectUri });
    const { clientId: client_id, clientSecret: client_secret } = vendor.options;
    expect(vendor.sent.at(-2)?.body).toEqual({ grant_type: 'authorization_code', client_id, client_secret, code, ...sent });
  });

  it('is outcome_unknown when it cannot learn whose token it got, as the code is spent', async () => {
    const { vendor, provider, userId } = await openUser();
    const { value } = await provider.codes.issue(userId);
    vendor.answer(503, '', { path: 'users/me' });
    const error = await errorOf(provider.codes.exchange(value, { redirectUri: null }));
    expect(error).toMatchObject({ code: 'outcome_unknown', operation: 'codes.exchange', status: 503 });
    expect(error.message).toMatch(/spent the code and made a token/);
  });

  it('finishes for a caller who stops waiting once the code is spent', async () => {
    const { vendor, provider, userId } = await openUser();
    const { value } = await provider.codes.issue(userId);
    const caller = new AbortController();
    const fetch: Fetch = (input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith('/users/me')) caller.abort();
      return vendor.options.fetch(request);
    };
    const other = vendor.provider({ fetch });
    expect(await other.codes.exchange(value, { redirectUri: null, signal: caller.signal })).toEqual({ userId });
    expect(caller.signal.aborted).toBe(true);
    expect(other.asUser(userId).peek()).toMatchObject({ expiresAt: null });
  });
});
