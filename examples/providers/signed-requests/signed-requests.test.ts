import { inspect } from 'node:util';
import { authorizedFetch, type Fetch } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { signedRequestsFake } from './fake.ts';
import { type SignedRequestsOptions, signedRequests } from './signed-requests.ts';

const baseUrl = 'https://api.vendor.example/';
const setUp = async (options: Partial<SignedRequestsOptions> = {}, fakeOptions = {}) => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const fake = await signedRequestsFake(clock, fakeOptions);
  const { fetch, privateKey, account } = fake;
  const provider = signedRequests({ appId: 'app-1', secret: account.secret, privateKey, baseUrl, fetch, clock, ...options });
  return { ...fake, clock, provider, call: authorizedFetch(provider.application) };
};

describe('a vendor that wants every request signed', () => {
  it('signs method, URL and body of each request as it is sent', async () => {
    const { call, calls } = await setUp();
    const bodies = ['', '{"a":"ä€😀"}', 'x'.repeat(100_000)];
    for (const body of bodies) {
      const response = await call('echo?q=a%20b&q=ü', { method: 'POST', body });
      expect([response.status, await response.json()]).toEqual([200, { body }]);
    }
    expect((await call('echo', { method: 'DELETE' })).status).toBe(200);
    expect(new Set(calls.map(({ headers }) => headers.get('signature'))).size).toBe(4);
  });

  it.each([
    ['bytes', new TextEncoder().encode('all of it')],
    ['a form', new URLSearchParams('all of it')],
    ['a blob', new Blob(['all of it'])],
  ])('signs %s, in the call or in a Request', async (_, body) => {
    const { call } = await setUp();
    const request = { method: 'PUT', body };
    for (const given of [call('echo', request), call(new Request(`${baseUrl}echo`, request))]) {
      const response = await given;
      expect([response.status, await response.json()]).toEqual([200, { body: await new Response(body).text() }]);
    }
  });

  it('signs anew where a signature has expired on its way, by the time that the vendor told', async () => {
    for (const skew of [7_200_000, -7_200_000, 70_000]) {
      const { call, calls } = await setUp({}, { skew });
      expect((await call('echo', { method: 'POST', body: 'all of it' })).status).toBe(200);
      expect((await call('echo', { method: 'POST', body: 'more' })).status).toBe(200);
      expect(calls.map(({ status }) => status)).toEqual([400, 200, 200]);
    }
  });

  it('repeats once at most, and never what the same keys would be refused again', async () => {
    const { call, calls } = await setUp({}, { skew: 40 * 3_600_000 });
    expect((await call('echo')).status).toBe(400);
    expect(calls).toHaveLength(2);
    for (const [path, options, status] of [
      ['premium', {}, 403],
      ['echo', { secret: 'wrong' }, 401],
    ] as const) {
      const other = await setUp(options);
      expect((await other.call(path)).status).toBe(status);
      expect(other.calls).toHaveLength(1);
    }
  });

  it('takes a changed secret up after a refusal', async () => {
    let current = 'first-secret';
    const { account, calls, call, provider } = await setUp({ secret: async () => current });
    await call('echo');
    account.secret = 'second-secret';
    const transport: Fetch = async (input, init) => {
      const response = await provider.application.transport(input, init);
      current = 'second-secret';
      return response;
    };
    expect((await authorizedFetch(provider.application, { fetch: transport })('echo')).status).toBe(200);
    expect(calls.map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('signs what the capabilities send', async () => {
    const { provider } = await setUp();
    await provider.users.create({ reference: 'reader-1' });
    await expect(provider.users.create({ reference: 'reader-1' })).rejects.toMatchObject({ code: 'conflict', operation: 'users.create' });
  });

  it('says that a key is none, without repeating a word of it', async () => {
    const { call } = await setUp({ privateKey: 'hunter2' });
    const error: unknown = await call('echo').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('SIGNED_REQUESTS_PRIVATE_KEY') });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
  });
});
