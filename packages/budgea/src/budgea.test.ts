import { authorizedFetch, memoryStore, supports } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { openUser, openVendor } from '../test/setup.ts';
import { type BudgeaOptions, budgea, budgeaPlugin } from './index.ts';

const rejectionOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it resolved',
    (error: unknown) => error,
  );

describe('budgea', () => {
  const options: BudgeaOptions = { domain: 'demo-sandbox', clientId: '12345678', clientSecret: 'hunter2' };

  it('is a provider of contract 1, at the API of its domain', () => {
    expect(budgea(options)).toMatchObject({ id: 'budgea', contract: 1, baseUrl: 'https://demo-sandbox.biapi.pro/2.0/' });
  });

  it('has application when it is given a manage token, and only then', () => {
    for (const without of [options, { ...options, manageToken: undefined }]) expect('application' in budgea(without)).toBe(false);
    const provider = budgea({ ...options, manageToken: 'hunter2' });
    expect(provider.application.baseUrl).toBe(provider.baseUrl);
    expect(supports(budgeaPlugin.create({ ...options, manageToken: () => 'hunter2' }), 'application', 'users')).toBe(true);
  });

  it('sends nothing until it is asked, by itself or by the application', async () => {
    const { sandbox, options, sent } = openVendor();
    const provider = budgea({ ...options, manageToken: sandbox.credentials.manageToken });
    for (const authority of [provider.asUser('1'), provider.application])
      expect([authority.peek(), (await authority.status()).state]).toEqual([undefined, 'empty']);
    await provider[Symbol.asyncDispose]();
    expect(sent).toHaveLength(0);
  });

  it('serves a customer’s tokens to nobody who only knows the public ids: tenants share nothing', async () => {
    const { vendor, userId } = await openUser();
    const store = memoryStore({ clock: vendor.clock });
    const owner = vendor.provider({ store, tenant: 'owner' });
    await owner.asUser(userId).token();
    const stranger = { store, clientSecret: 'I do not know it' };
    const guesses = [vendor.provider({ ...stranger, tenant: 'stranger' }), vendor.provider(stranger)];
    for (const provider of guesses) {
      expect(await rejectionOf(provider.asUser(userId).token())).toMatchObject({ code: 'invalid_credentials' });
      expect(await rejectionOf(provider.users.delete(userId))).toMatchObject({ code: 'invalid_credentials' });
    }
    // What a stranger has tried is not held against the owner.
    expect((await owner.asUser(userId).status()).attemptsLeft).toBe(3);
    expect((await authorizedFetch(vendor.provider({ store, tenant: 'owner' }).asUser(userId))('users/me')).status).toBe(200);
  });

  it('forgets the refusals of both its accounts by reset(), for every process of the store', async () => {
    const { vendor, userId } = await openUser();
    const store = memoryStore({ clock: vendor.clock });
    const { clientSecret, manageToken } = vendor.sandbox.credentials;
    const wrong = { ...vendor.options, store, clientSecret: `${clientSecret}x`, manageToken: `${manageToken}x` };
    const [provider, other] = [budgea(wrong), budgea({ ...vendor.options, store, manageToken })];
    const left = async (): Promise<readonly unknown[]> =>
      [await provider.asUser(userId).status(), await provider.application.status()].map(({ attemptsLeft }) => attemptsLeft);
    for (const authority of [provider.asUser(userId), provider.application])
      expect(await rejectionOf(authority.token())).toMatchObject({ code: 'invalid_credentials' });
    expect(await left()).toEqual([2, 2]);
    await other.reset();
    expect(await left()).toEqual([3, 3]);
  });

  it('holds no state that another provider sees', async () => {
    const { vendor, userId } = await openUser();
    for (const provider of [vendor.provider(), vendor.provider()]) await provider.asUser(userId).token();
    expect(vendor.calls('POST', 'auth/renew')).toBe(2);
  });

  it.each([
    [undefined, 'https://sandbox.example/2.0/auth/webview/en/connect'],
    ['https://pages.example/own', 'https://pages.example/own/en/connect'],
  ])('has the pages of the Webview at the URL %s', async (webviewUrl, page) => {
    const { connect } = openVendor().provider({ webviewUrl });
    const { url } = await connect.startAnonymous({ redirectUri: 'https://app.example/back' });
    expect(url.replace(/\?.*/, '')).toBe(page);
  });
});
