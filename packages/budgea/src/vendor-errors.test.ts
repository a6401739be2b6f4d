import { type AuthErrorCode, authorizedFetch } from '@auth/core';
import type { BudgeaErrorName } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, openVendor, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

/** The code that each of the vendor's errors becomes on a call with a user's token, once that token is known to be good. */
const MEANINGS: Readonly<Record<Exclude<BudgeaErrorName, 'missingToken' | 'badToken' | 'badClient' | 'authFailure'>, AuthErrorCode>> = {
  badCode: 'invalid_token',
  forbidden: 'forbidden',
  notFound: 'not_found',
  methodNotAllowed: 'invalid_request',
  missingParameter: 'invalid_request',
  invalidValue: 'invalid_request',
  badRedirectUri: 'invalid_request',
  badBody: 'invalid_request',
  conflict: 'conflict',
  noAccount: 'not_found',
  wrongpass: 'reconnect_required',
  websiteUnavailable: 'unavailable',
  tooManySync: 'rate_limited',
  connectionLocked: 'conflict',
  bankMessage: 'reconnect_required',
  actionNeeded: 'reconnect_required',
  rateLimiting: 'rate_limited',
  notSupported: 'invalid_request',
  config: 'invalid_request',
  keymanager: 'unavailable',
  dataError: 'invalid_request',
  bug: 'unavailable',
  rateLimited: 'rate_limited',
  unavailable: 'unavailable',
  cloudfront: 'unavailable',
};
const TABLE = Object.entries(MEANINGS) as readonly (readonly [keyof typeof MEANINGS, AuthErrorCode])[]; // `Object.entries` forgets the names

describe.each(VENDORS)('errors of the vendor, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
    userId = (await provider.users.create({ reference: 'a' })).id;
  });
  afterEach(() => vendor.close());

  /** Sets the next answer about connections. A probe of the token still gets the true answer. */
  const fail = (error: BudgeaErrorName, times = 1): void =>
    vendor.sandbox.faults.add({ path: `/2.0/users/${userId}/connections`, times, reply: { kind: 'error', error } });

  it.each(TABLE)('%s is %s, and needs no other token', async (error, code) => {
    fail(error, 2);
    const refusal = await errorOf(provider.connections.list(userId));
    expect(refusal).toMatchObject({ code, provider: 'budgea', operation: 'connections.list', status: expect.any(Number) });
    expect(refusal.message).toMatch(/[.?]$/);
    expect(vendor.calls('POST', 'auth/renew')).toBe(0);
  });

  it.each(['missingToken', 'badToken'] as const)('%s is renewed once, and told if that does not help', async (error) => {
    fail(error);
    if (profile === 'powens') {
      expect(await provider.connections.list(userId)).toEqual([]);
      expect(vendor.calls('POST', 'auth/renew')).toBe(1);
    } else {
      // On a 403 the vendor is asked about the token, which is alive.
      expect(await errorOf(provider.connections.list(userId))).toMatchObject({ code: 'forbidden', status: 403 });
      expect(vendor.calls('POST', 'auth/renew')).toBe(0);
    }
    fail(error, 2);
    expect(await errorOf(provider.connections.list(userId))).toMatchObject({ code: profile === 'powens' ? 'invalid_token' : 'forbidden' });
  });

  it.each(TABLE)('%s reaches the caller of an authorised fetch as it came', async (error) => {
    fail(error);
    const response = await authorizedFetch(provider.asUser(userId))(`users/${userId}/connections`);
    expect(response.ok).toBe(false);
    expect((await response.text()).length).toBeGreaterThan(0);
    expect(vendor.calls('POST', 'auth/renew')).toBe(0);
  });

  it.each(['badClient', 'authFailure'] as const)('%s is invalid_credentials where the client sends its credentials', async (error) => {
    vendor.sandbox.faults.add({ reply: { kind: 'error', error } });
    expect(await errorOf(provider.users.create({ reference: 'b' }))).toMatchObject({
      code: 'invalid_credentials',
      operation: 'users.create',
    });
  });

  it('says of a page of the CDN what it is', async () => {
    fail('cloudfront');
    const error = await errorOf(provider.connections.list(userId));
    expect(error).toMatchObject({ code: 'unavailable', status: 503, retryable: true });
    expect(error.message).toContain('"ERROR The request could not be satisfied"');
  });
});
