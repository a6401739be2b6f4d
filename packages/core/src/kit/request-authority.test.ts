import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { explain } from '../../test/authority-of.ts';
import { rejectionOf } from '../../test/rejection-of.ts';
import type { Fetch } from '../authority.ts';
import { authorizedFetch } from '../authorized-fetch.ts';
import { AuthError } from '../errors.ts';
import { memoryStore } from '../memory-store.ts';
import { type RequestAuthorityOptions, requestAuthority } from './request-authority.ts';

const authorityOf = (options: Partial<RequestAuthorityOptions> = {}) =>
  requestAuthority({
    provider: 'acme',
    baseUrl: 'https://api.acme.example/v1/',
    transport: async () => new Response(),
    account: 'the account',
    headersOf: ({ method, url }) => ({ 'acme-proof': `${method} ${new URL(url).pathname}` }),
    shouldRetry: async () => null,
    explain,
    ...options,
  });

const request = new Request('https://api.acme.example/v1/users');

describe('authorize', () => {
  it('answers the frozen credential headers of this request, and no token', async () => {
    const sent = await authorityOf().authorize(request);
    expect(sent).toEqual({ headers: { 'acme-proof': 'GET /v1/users' }, bodyFields: null, token: null });
    expect([Object.isFrozen(sent), Object.isFrozen(sent.headers)]).toEqual([true, true]);
  });

  it('refuses another origin without making headers', async () => {
    const headersOf = vi.fn(() => ({}));
    const error = await rejectionOf(authorityOf({ headersOf }).authorize(new Request('https://other.example/?token=1')));
    expect(error).toMatchObject({ code: 'foreign_origin', message: expect.not.stringContaining('token=1') });
    expect(headersOf).not.toHaveBeenCalled();
  });

  it('names the failure of its headers after itself, and repeats no credential that does not fit into a header', async () => {
    const failed = new AuthError('The function for apiKey failed.', { code: 'unavailable', provider: 'acme', operation: 'options' });
    const failing = authorityOf({ headersOf: () => Promise.reject(failed) });
    expect(await rejectionOf(failing.authorize(request))).toMatchObject({ code: 'unavailable', operation: 'authorize' });
    const error = await rejectionOf(authorityOf({ headersOf: () => ({ key: 'SECRET\n' }) }).authorize(request));
    expect(error).toMatchObject({ code: 'misconfigured', operation: 'authorize' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('SECRET');
  });

  it('rejects with aborted when the caller stops it, and after the provider is disposed of', async () => {
    const authority = authorityOf();
    await expect(authority.authorize(request, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await authority[Symbol.asyncDispose]();
    await expect(authority.authorize(request)).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('credentials that take their time', () => {
  it('do not hold a caller who aborts, for headers and for a body', async () => {
    const reason = new Error('of the caller');
    for (const slow of [{ headersOf: () => new Promise<never>(() => {}) }, { bodyFieldsOf: () => new Promise<never>(() => {}) }]) {
      const caller = new AbortController();
      const work = authorityOf(slow).authorize(request, { signal: caller.signal });
      const fetched = authorizedFetch(authorityOf(slow))('users', { method: 'POST', signal: caller.signal });
      const ends = Promise.all([rejectionOf(work), rejectionOf(fetched)]);
      caller.abort(reason);
      expect(await ends).toEqual([expect.objectContaining({ code: 'aborted', operation: 'authorize' }), reason]);
    }
  });

  it('are frozen members of the body, where the vendor wants them there', async () => {
    const sent = await authorityOf({ headersOf: () => ({}), bodyFieldsOf: async () => ({ secret: 'abc' }) }).authorize(request);
    expect(sent).toEqual({ headers: {}, bodyFields: { secret: 'abc' }, token: null });
    expect(Object.isFrozen(sent.bodyFields)).toBe(true);
  });
});

describe('shouldRetry', () => {
  it('decides by the answer and by what was sent', async () => {
    const authority = authorityOf({
      shouldRetry: async ({ status }, { headers }) => (status === 401 && headers['acme-proof'] === 'GET /v1/users' ? 'clock' : null),
    });
    const sent = await authority.authorize(request);
    const [refused, forbidden] = [new Response('', { status: 401 }), new Response('', { status: 403 })];
    expect(await Promise.all([authority.shouldRetry(refused, sent), authority.shouldRetry(forbidden, sent)])).toEqual(['clock', null]);
  });

  it('is not decided for a success, of which it hears when a request was repeated', async () => {
    const authority = authorityOf({ shouldRetry: async () => 'token' });
    expect(await authority.shouldRetry(new Response(''), await authority.authorize(request))).toBe(null);
  });

  it('has a refused request authorised again and repeated once', async () => {
    const seen: (string | null)[] = [];
    const transport: Fetch = async (_, init) => {
      seen.push(new Headers(init?.headers).get('n'));
      return new Response('', { status: 401 });
    };
    const numbers = ['1', '2', '3'].values();
    const authority = authorityOf({ transport, headersOf: () => ({ n: numbers.next().value ?? '' }), shouldRetry: async () => 'nonce' });
    expect((await authorizedFetch(authority)('users')).status).toBe(401);
    expect(seen).toEqual(['1', '2']);
  });
});

describe('status', () => {
  it('is static', async () => {
    expect(await authorityOf().status()).toEqual({
      provider: 'acme',
      authority: expect.stringMatching(/^[\w-]{43}$/),
      state: 'static',
      expiresAt: null,
      nextRefreshAt: null,
      lastSuccessAt: null,
      lastError: null,
      attemptsLeft: null,
      holdsLease: false,
    });
  });

  it('has the same name for the same account of one store, and another one elsewhere', async () => {
    const nameOf = async (changes: Partial<RequestAuthorityOptions>) => (await authorityOf(changes).status()).authority;
    const store = memoryStore();
    const name = await nameOf({ store });
    expect(await nameOf({ store })).toBe(name);
    const others = await Promise.all([
      nameOf({ store, account: 'another' }),
      nameOf({ store, tenant: 'one' }),
      nameOf({ store: memoryStore() }),
      nameOf({}),
      nameOf({}),
    ]);
    expect(new Set([name, ...others]).size).toBe(6);
    const authority = authorityOf();
    expect(await authority.status()).toEqual(await authority.status());
  });
});
