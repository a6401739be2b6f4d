import { inspect } from 'node:util';
import { authorizedFetch, memoryStore } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { signedJwtFake } from './fake.ts';
import { type SignedJwtOptions, signedJwt } from './signed-jwt.ts';

const baseUrl = 'https://api.vendor.example/';
const NOW = Date.UTC(2026, 0, 1);
const setUp = async (options: Partial<SignedJwtOptions> = {}, fakeOptions = {}) => {
  const clock = fakeClock({ now: NOW });
  const fake = await signedJwtFake(clock, fakeOptions);
  const { fetch, privateKey } = fake;
  const provider = signedJwt({ applicationId: 'app-1', privateKey, baseUrl, fetch, clock, ...options });
  return { ...fake, clock, provider, call: authorizedFetch(provider.asUser('session-1')) };
};

describe('a vendor that takes JWTs of your own', () => {
  it('names the application, and ends when the token does', async () => {
    const { provider } = await setUp();
    const { value, issuedAt, expiresAt } = await provider.application.token();
    expect([issuedAt, expiresAt]).toEqual([NOW, NOW + 3_600_000]);
    expect(decodeJwt(value)).toMatchObject({ iss: 'app-1', aud: 'api.vendor.example', iat: NOW / 1000 - 10, exp: NOW / 1000 + 3_600 });
  });

  it('signs another before the end of the first, in time for every call', async () => {
    const { call, calls, clock, tokens } = await setUp();
    for (let minute = 0; minute < 180; minute += 5) {
      expect((await call('accounts')).status).toBe(200);
      await clock.settle(5 * 60_000);
    }
    expect(calls).toHaveLength(36);
    expect(tokens()).toBeGreaterThan(2);
    expect(tokens()).toBeLessThan(7);
  });

  it('gets one JWT for all calls, no request for it, and one more for a hundred calls that were refused', async () => {
    const { call, calls, refuseTokens, tokens } = await setUp();
    await call('accounts');
    await Promise.all(Array.from({ length: 50 }, () => call('accounts')));
    expect([calls.length, tokens()]).toEqual([51, 1]);
    refuseTokens();
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await call('accounts')).status));
    expect(statuses).toEqual(Array(100).fill(200));
    expect([calls.length, tokens()]).toEqual([251, 2]);
  });

  it.each([-3_600_000, 2 * 3_600_000, 4_000, -4_000])("signs by the vendor's time where that is %i ms ahead", async (skew) => {
    const { call, calls } = await setUp({}, { skew });
    expect((await call('accounts')).status).toBe(200);
    expect(calls.length).toBe(Math.abs(skew) > 5_000 ? 2 : 1);
  });

  it('leaves a refusal alone that another JWT would not mend', async () => {
    const other = { privateKey: (await signedJwtFake(fakeClock())).privateKey };
    for (const [path, options] of [
      ['premium', {}],
      ['accounts', other],
    ] as const) {
      const { call, calls } = await setUp(options);
      expect((await call(path)).status).toBe(401);
      expect(calls.length).toBe(1);
    }
  });

  it('shares the JWT with other processes through the store', async () => {
    const store = memoryStore();
    const { provider, privateKey, clock } = await setUp({ store });
    const other = signedJwt({ applicationId: 'app-1', privateKey, baseUrl, clock, store });
    expect((await other.application.token()).value).toBe((await provider.application.token()).value);
  });

  it('says that a key is none, without repeating a word of it', async () => {
    const { provider, calls, call } = await setUp({ privateKey: '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----' });
    const error: unknown = await call('accounts').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('SIGNED_JWT_PRIVATE_KEY') });
    expect(inspect([error, provider, await provider.application.status()], { depth: 10, showHidden: true })).not.toContain('hunter2');
    expect(calls).toHaveLength(0);
  });
});
