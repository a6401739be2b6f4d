import { describe, expect, it } from 'vitest';
import { authorityOf, open } from '../../test/authority-of.ts';
import { answering } from '../../test/local-server.ts';
import { rejectionOf } from '../../test/rejection-of.ts';
import { authorizedFetch } from '../authorized-fetch.ts';
import { AuthError } from '../errors.ts';
import { fakeClock } from '../testing/index.ts';
import type { HttpOptions } from './http.ts';
import { requestAuthority } from './request-authority.ts';

/** By the code in the body, else by the status. */
const explain: HttpOptions['explain'] = ({ status, body, headers }) => {
  const { code: vendorCode } = Object(body) as { readonly code?: string };
  const requestId = headers.get('x-request-id') ?? undefined;
  return { code: vendorCode === 'plan' ? 'forbidden' : 'unavailable', message: `It answered ${status}.`, vendorCode, requestId };
};

const PLAN = '{"code":"plan"}';
const BASE_URL = 'https://api.example';
const { authority } = authorityOf(BASE_URL, { explain });

describe('errorOf', () => {
  it('is what the vendor means, with all facts of the answer, whose body is left to be read', async () => {
    const response = new Response(PLAN, { status: 403, headers: { 'retry-after': '120', 'x-request-id': 'r1' } });
    const error = await authority.errorOf(response);
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({
      code: 'forbidden',
      provider: 'acme',
      operation: 'authorizedFetch',
      message: 'It answered 403.',
      status: 403,
      vendorCode: 'plan',
      requestId: 'r1',
      retryAfter: 120_000,
    });
    expect(await response.text()).toBe(PLAN);
  });

  it('counts a date in Retry-After from the time of the answer, else by the clock', async () => {
    const clock = fakeClock({ now: Date.UTC(2026, 0, 15, 12) });
    const { errorOf } = authorityOf(BASE_URL, { explain, clock }).authority;
    const until = { 'retry-after': 'Thu, 15 Jan 2026 12:00:30 GMT' };
    const retryAfters = [until, { ...until, date: 'Thu, 15 Jan 2026 12:00:10 GMT' }].map(async (headers) => {
      const { retryAfter } = await errorOf(new Response(null, { status: 429, headers }));
      return retryAfter;
    });
    expect(await Promise.all(retryAfters)).toEqual([30_000, 20_000]);
  });

  it.each<[string, (response: Response) => unknown]>([
    ['was read', (response) => response.text()],
    ['is being read', (response) => response.body?.getReader()],
    ['was given up', (response) => response.body?.cancel()],
  ])('goes by the status alone when the body %s', async (_, use) => {
    const response = new Response(PLAN, { status: 403 });
    await use(response);
    expect(await authority.errorOf(response)).toMatchObject({ code: 'unavailable', status: 403, vendorCode: undefined });
  });

  it.each<[string, () => unknown]>([
    [
      'a body that breaks',
      () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('SECRET')) }), { status: 500 }),
    ],
    [
      'a body without an end',
      () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }), { status: 500 }),
    ],
    ['no body', () => new Response(null, { status: 500 })],
    ['a hidden answer', () => Response.error()],
    ['a success', () => new Response('{}')],
    ['nothing', () => undefined],
    ['a text', () => 'SECRET'],
    [
      'an answer that cannot be read',
      () => ({
        get status() {
          throw new Error('SECRET');
        },
      }),
    ],
  ])('never rejects: %s', async (_, make) => {
    const error = await authority.errorOf(make() as Response); // from JavaScript
    expect(error).toBeInstanceOf(AuthError);
    expect(JSON.stringify(error) + String(error)).not.toContain('SECRET');
  });

  it('never rejects when the table of the provider fails: then the answer is not explained', async () => {
    const broken = authorityOf(BASE_URL, {
      explain: () => {
        throw new Error('SECRET');
      },
    });
    const error = await broken.authority.errorOf(new Response(null, { status: 418 }));
    expect(error).toMatchObject({ code: 'invalid_response', status: 418, message: expect.stringContaining('418') });
    expect(String(error)).not.toContain('SECRET');
  });

  it('has nothing of the credentials that were sent', async () => {
    const secret = 'a-token-that-looks-like-a-code';
    const issued = { value: secret, issuedAt: 0, expiresAt: null };
    const both = { headersOf: () => ({ authorization: `Bearer ${secret}` }), bodyFieldsOf: () => ({ access_token: secret }) };
    for (const where of [{ headersOf: both.headersOf }, { headersOf: () => ({}), bodyFieldsOf: both.bodyFieldsOf }]) {
      const tokens = { ...managedLike(issued) };
      const { errorOf, authorize } = authorityOf(BASE_URL, { explain, tokens, ...where }).authority;
      await authorize(new Request(`${BASE_URL}/v1/users`));
      const answer = new Response(JSON.stringify({ code: secret }), { status: 400, headers: { 'x-request-id': secret } });
      expect(await errorOf(answer)).toMatchObject({ vendorCode: undefined, requestId: undefined });
    }
  });

  it('knows that static keys are not a token', async () => {
    const seen: boolean[] = [];
    const options = { provider: 'acme', baseUrl: `${BASE_URL}/`, transport: globalThis.fetch, account: 'one' };
    const keys = requestAuthority({
      ...options,
      headersOf: () => ({}),
      shouldRetry: async () => null,
      explain: ({ hasToken }) => {
        seen.push(hasToken);
        return { code: 'invalid_credentials', message: 'Check the keys.' };
      },
    });
    expect(await keys.errorOf(new Response(null, { status: 401 }))).toMatchObject({ code: 'invalid_credentials' });
    expect(seen).toEqual([false]);
  });
});

/** As much of managed tokens as an authority needs. */
const managedLike = (token: { readonly value: string; readonly issuedAt: number; readonly expiresAt: null }) => ({
  token: async () => token,
  peek: () => token,
  invalidate: async () => {},
  reset: async () => {},
  status: () => authority.status(),
});

describe('throwHttpErrors', () => {
  it('rejects with what the vendor means by an answer that is not a success', async () => {
    const server = await open(answering(403, PLAN), { explain });
    const fetch = authorizedFetch(server.authority, { throwHttpErrors: true });
    expect(await rejectionOf(fetch('users'))).toMatchObject({ code: 'forbidden', vendorCode: 'plan', status: 403 });
  });

  it.each<[string, string, RequestInit]>([
    ['a JSON body', 'users', { method: 'POST', body: JSON.stringify({ password: 'hunter2' }) }],
    ['a form', 'users', { method: 'POST', body: new URLSearchParams({ password: 'hunter2' }) }],
    ['a query', 'users?password=hunter2', {}],
  ])('has nothing of what the caller sent in %s', async (_, path, init) => {
    const repeats: HttpOptions['explain'] = () => ({
      code: 'invalid_request',
      message: 'No.',
      vendorCode: 'hunter2',
      requestId: 'hunter2',
    });
    const server = await open(answering(400), { explain: repeats });
    const fetch = authorizedFetch(server.authority, { throwHttpErrors: true });
    const error = await rejectionOf(fetch(path, init));
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, vendorCode: undefined, requestId: undefined });
  });

  it('leaves answers alone without it, and successes with it', async () => {
    const refusing = await open(answering(403, PLAN), { explain });
    for (const options of [{}, { throwHttpErrors: false }, { throwHttpErrors: undefined }])
      expect(await (await authorizedFetch(refusing.authority, options)('users')).text()).toBe(PLAN);
    const { authority: accepting } = await open(answering(204));
    expect((await authorizedFetch(accepting, { throwHttpErrors: true })('users')).status).toBe(204);
  });

  it('rejects after the token was renewed in vain, and not when it helped', async () => {
    const only = (helps: boolean) =>
      open((request, response) => answering(helps && request.headers.authorization === 'Bearer t2' ? 200 : 401, '{}')(request, response), {
        explain,
      });
    const [helped, vain] = [await only(true), await only(false)];
    expect((await authorizedFetch(helped.authority, { throwHttpErrors: true })('users')).status).toBe(200);
    expect(await rejectionOf(authorizedFetch(vain.authority, { throwHttpErrors: true })('users'))).toMatchObject({ status: 401 });
    expect(vain.received).toHaveLength(2);
  });

  it('resolves to a redirect that the caller asked to see, and rejects for one without a location', async () => {
    const redirecting = await open(answering(302, '', { location: 'to' }), { explain });
    const fetch = authorizedFetch(redirecting.authority, { throwHttpErrors: true });
    expect((await fetch('from', { redirect: 'manual' })).status).toBe(302);
    const nowhere = await open(answering(302), { explain });
    expect(await rejectionOf(authorizedFetch(nowhere.authority, { throwHttpErrors: true })('from'))).toMatchObject({ status: 302 });
  });

  it('resolves to a redirect that a browser hides, of which the authority is not asked', async () => {
    const hidden = Object.defineProperty(Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' }), 'status', {
      value: 0,
    });
    Object.defineProperty(hidden, 'ok', { value: false });
    const asked: Response[] = [];
    const fetch = authorizedFetch(
      {
        ...authority,
        shouldRetry: async (response) => {
          asked.push(response);
          return 'token';
        },
      },
      { fetch: async () => hidden, throwHttpErrors: true },
    );
    expect([await fetch('from'), asked]).toEqual([hidden, []]);
  });

  it('ends with the caller’s signal while a body without an end is read', async () => {
    const caller = new AbortController();
    const { fetch: transport } = { fetch: async () => new Response(new ReadableStream(), { status: 500 }) };
    const { authority: waiting } = authorityOf(BASE_URL, { explain, transport });
    const work = rejectionOf(authorizedFetch(waiting, { throwHttpErrors: true })('users', { signal: caller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    caller.abort(new Error('of the caller'));
    expect(await work).toBe(caller.signal.reason);
  });
});
