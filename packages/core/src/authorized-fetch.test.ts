import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acceptsFrom, authorityOf, linesOf, ok, open, streamed } from '../test/authority-of.ts';
import { type Answer, answering, serve } from '../test/local-server.ts';
import { rejectionOf } from '../test/rejection-of.ts';
import type { Authority, Fetch } from './index.ts';
import { AuthError, authorizedFetch, managed } from './index.ts';
import type { TokenAuthorityOptions } from './kit/index.ts';

/** Knows by the body of an answer whether it is about the token. */
const isTokenRefused = async (response: Response): Promise<boolean> => (await response.clone().text()).includes('invalid_token');

describe('what is sent', () => {
  it.each<[string, string, (origin: string) => string | URL | Request]>([
    ['a relative string', '/v1/users?a=1', () => 'users?a=1'],
    ['a path', '/v1/users?a=1', () => '/users?a=1'],
    ['a path with a colon', '/v1/a:b/c', () => '/a:b/c'],
    ['a path behind a space', '/v1/users', () => ' /users'],
    ['a path that begins with that of the base', '/v1/users', () => '/v1/users'],
    ['the path of the base', '/v1/', () => '/v1/'],
    ['the path of the base without its slash', '/v1?a=1', () => '/v1?a=1'],
    ['a path whose first segment only begins like that of the base', '/v1/v10/users', () => '/v10/users'],
    ['an absolute string', '/v1/users', (origin) => `${origin}/v1/users`],
    ['an absolute string that needs parsing', '/v1/users', (origin) => `${origin.replace('http', 'HTTP')}/v1/x/../users`],
    ['a URL', '/v1/users', (origin) => new URL(`${origin}/v1/users`)],
    ['a Request', '/v1/users', (origin) => new Request(`${origin}/v1/users`)],
  ])('goes with the authority’s headers where %s says', async (_, path, input) => {
    const { origin, received, fetch } = await open();
    expect(await (await fetch(input(origin))).text()).toBe('fine');
    expect(received).toMatchObject([{ method: 'GET', url: path, headers: { authorization: 'Bearer t1' } }]);
  });

  it('keeps the caller’s headers from an object, a list, Headers or a Request, and does not change them', async () => {
    const { origin, received, fetch } = await open();
    const headers = new Headers({ 'x-own': 'kept' });
    const request = new Request(`${origin}/v1/users`, { headers });
    for (const own of [{ 'x-own': 'kept' }, [['x-own', 'kept']] satisfies HeadersInit, headers]) await fetch('users', { headers: own });
    await fetch(request);
    expect(received).toMatchObject(Array(4).fill({ headers: { 'x-own': 'kept', authorization: 'Bearer t1' } }));
    expect([[...headers], [...request.headers]]).toEqual([[['x-own', 'kept']], [['x-own', 'kept']]]);
  });

  it('keeps the caller’s headers from whatever fetch takes as a list, such as Headers of another copy of the class', async () => {
    const { received, fetch } = await open();
    const list = new Map([['x-own', 'kept']]);
    for (const own of [list, list.entries()]) await fetch('users', { headers: own as unknown as HeadersInit });
    expect(received).toMatchObject(Array(2).fill({ headers: { 'x-own': 'kept', authorization: 'Bearer t1' } }));
  });

  it('keeps the body of a Request where init has none, as fetch does', async () => {
    const { origin, received, fetch } = await open();
    await fetch(new Request(`${origin}/v1/users`, { method: 'PUT', body: 'the body' }), { body: null });
    expect(linesOf(received)).toEqual(['PUT /v1/users Bearer t1 the body']);
  });

  it('keeps method, headers and body of a Request, and what init replaces of it', async () => {
    const { origin, received, fetch } = await open();
    const init = { method: 'PUT', headers: { 'content-type': 'text/x-own', 'x-own': 'kept' }, body: 'the body' };
    await fetch(new Request(`${origin}/v1/users`, init));
    await fetch(new Request(`${origin}/v1/users`, init), { method: 'POST', body: 'another body' });
    expect(linesOf(received)).toEqual(['PUT /v1/users Bearer t1 the body', 'POST /v1/users Bearer t1 another body']);
    expect(received).toMatchObject(Array(2).fill({ headers: init.headers }));
  });

  it('keeps method, headers and body of a Request of another copy of the class', async () => {
    const { origin, received, fetch } = await open();
    const { signal } = new AbortController();
    const members = { url: `${origin}/v1/users`, method: 'PUT', headers: new Headers({ 'x-own': 'kept' }), signal, redirect: 'follow' };
    const requestOf = (text: string | null): object => ({
      ...members,
      body: text === null ? null : new Blob([text]).stream(),
      clone: () => requestOf(text),
      arrayBuffer: () => new Blob([text ?? '']).arrayBuffer(),
    });
    for (const text of [null, 'the body']) await fetch(requestOf(text) as Request); // such as that of a polyfill or another realm
    expect(linesOf(received)).toEqual(['PUT /v1/users Bearer t1', 'PUT /v1/users Bearer t1 the body']);
    expect(received).toMatchObject(Array(2).fill({ headers: { 'x-own': 'kept' } }));
  });

  it('sends its own credentials even if the caller set that header, but accepts what the caller accepts', async () => {
    const headersOf: TokenAuthorityOptions['headersOf'] = ({ value }) => ({ authorization: `Bearer ${value}`, accept: 'application/json' });
    const { received, fetch } = await open(ok, { headersOf });
    await fetch('users', { headers: { authorization: 'Bearer stale' } });
    await fetch('statement', { headers: { accept: 'application/pdf' } });
    expect(linesOf(received)).toEqual(['GET /v1/users Bearer t1', 'GET /v1/statement Bearer t1']);
    expect(received.map(({ headers }) => headers.accept)).toEqual(['application/json', 'application/pdf']);
  });

  it('carries members of init that only the transport knows, on the repetition too', async () => {
    const seen: unknown[] = [];
    const transport: Fetch = async (_, init) => {
      seen.push(init);
      return new Response('', { status: 401 });
    };
    const init: RequestInit & { readonly dispatcher: unknown } = { dispatcher: () => 'a dispatcher', cache: 'no-store' };
    await authorityOf('https://api.example', { transport }).fetch('users', init);
    expect(seen).toMatchObject(['Bearer t1', 'Bearer t2'].map((authorization) => ({ ...init, headers: { authorization } })));
  });

  it('goes through the authority’s transport, or the one given', async () => {
    const { authority, fetch } = authorityOf('https://api.example', { transport: async () => new Response('the authority’s') });
    expect(await (await fetch('users')).text()).toBe('the authority’s');
    expect(await (await authorizedFetch(authority, { fetch: async () => new Response('mine') })('users')).text()).toBe('mine');
  });

  it('starts at another base URL of the same origin, if one is given, and refuses one of another origin', async () => {
    const { origin, received, authority } = await open();
    for (const baseUrl of [`${origin}/v2/`, `${origin}/v2`, `${origin}/v2?a=1`]) {
      const fetch = authorizedFetch(authority, { baseUrl });
      await fetch('users');
      await fetch('/users');
    }
    expect(received.map(({ url }) => url)).toEqual(Array(6).fill('/v2/users'));
    const misconfigured = expect.objectContaining({ code: 'misconfigured' });
    expect(() => authorizedFetch(authority, { baseUrl: 'https://other.example/' })).toThrow(misconfigured);
  });

  it('is read by a signer from a clone, which leaves the request as it was', async () => {
    const { origin, received, authority } = await open();
    const authorize: Authority['authorize'] = async (request) => {
      const copy = request.clone();
      const signature = `${request.method} ${new URL(request.url).pathname} ${copy.headers.get('x-own')} [${await copy.text()}]`;
      return { headers: { signature }, bodyFields: null, token: null };
    };
    const fetch = authorizedFetch({ ...authority, authorize });
    const init = { method: 'post', headers: { 'x-own': 'kept' }, body: 'the body' };
    await fetch('users', init);
    await fetch(new Request(`${origin}/v1/users`, init));
    await fetch('users', { headers: { 'x-own': 'kept' } });
    await fetch('users', streamed());
    expect(received.map(({ headers, body }) => [headers['signature'], body])).toEqual([
      ['POST /v1/users kept [the body]', 'the body'],
      ['POST /v1/users kept [the body]', 'the body'],
      ['GET /v1/users kept []', ''],
      ['POST /v1/users null [streamed]', 'streamed'],
    ]);
  });
});

describe('another origin', () => {
  it.each<[string, (origin: string) => string | URL | Request]>([
    ['a string', () => 'https://other.example/path?token=1'],
    ['a string without scheme', () => '//other.example/path?token=1'],
    ['a URL', () => new URL('https://other.example/path?token=1')],
    ['a Request', () => new Request('https://other.example/path?token=1')],
    ['another scheme', (origin) => origin.replace('http:', 'https:')],
    ['another port', (origin) => `${origin}0/path?token=1`.replace(/:(\d{4})\d+/, ':$1')],
    ['a longer host', (origin) => `${origin}.other.example/path?token=1`.replace(/:\d+\./, '.')],
    ['the origin as user name', (origin) => `${origin.replace(/:\d+$/, '')}@other.example/path?token=1`],
    ['a data URL', () => 'data:text/plain,token'],
    ['a blob of this origin', (origin) => `blob:${origin}/path?token=1`],
    ['a user name and a password', (origin) => origin.replace('//', '//user:token=1@')],
    ['a user name in a URL', (origin) => new URL(origin.replace('//', '//token=1@'))],
  ])('is refused before anything is sent or asked for: %s', async (_, input) => {
    const { origin, received, fetch, issued } = await open();
    const error = await rejectionOf(fetch(input(origin)));
    expect(error).toMatchObject({ code: 'foreign_origin', operation: 'authorizedFetch' });
    expect(String(error)).not.toContain('token=1');
    expect([received, issued()]).toEqual([[], 0]);
  });

  it.each([
    ['https://other.example/', 'Refused to send credentials to https://other.example: they are for https://api.example only.'],
    ['data:text/plain,x', 'Refused to send credentials to a data: URL: they are for https://api.example only.'],
    ['blob:https://api.example/x', 'Refused to send credentials to a blob: URL: they are for https://api.example only.'],
    ['https://user:pw@api.example/x', 'Refused a URL with a user name or a password.'],
  ])('is named: %s', async (url, sentence) => {
    const { fetch, authority } = authorityOf('https://api.example');
    const outgoing = { method: 'GET', url, clone: () => new Request('https://api.example') };
    for (const work of [fetch(url), authority.authorize(outgoing)])
      expect(await rejectionOf(work)).toMatchObject({ code: 'foreign_origin', message: expect.stringContaining(sentence) });
  });

  it.each<[string, () => Request]>([
    ['in the object', () => Object.defineProperty(new Request('https://other.example/x'), 'url', { value: 'https://api.example/v1/x' })],
    [
      'in its class',
      () =>
        new (class extends Request {
          override get url() {
            return 'https://api.example/v1/x';
          }
        })('https://other.example/x'),
    ],
  ])('is not where a Request goes whose url says something else, %s', async (_, requestOf) => {
    const sent: unknown[] = [];
    const transport: Fetch = async (input) => {
      sent.push(input);
      return new Response();
    };
    await authorityOf('https://api.example', { transport }).fetch(requestOf());
    expect(sent).toEqual(['https://api.example/v1/x']);
  });

  const OWN = 'https://api.example/v1/x';
  const FOREIGN = 'https://other.example/x';
  const turning = (): string => ((turns.shift() ?? 0) ? FOREIGN : OWN);
  let turns: number[] = [];
  it.each<[string, () => string | URL | Request]>([
    ['a Request', () => Object.defineProperty(new Request(FOREIGN), 'url', { get: turning })],
    [
      'a Proxy of a Request',
      () => new Proxy(new Request(FOREIGN), { get: (target, name) => (name === 'url' ? turning() : Reflect.get(target, name, target)) }),
    ],
    ['a URL', () => Object.assign(new URL(FOREIGN), { toString: turning })],
    ['an object', () => ({ toString: turning }) as unknown as string],
  ])('is not where %s goes that says something else each time', async (_, inputOf) => {
    for (const first of [0, 1]) {
      turns = [first, 1 - first, first, 1 - first];
      const sent: unknown[] = [];
      const transport: Fetch = async (input) => {
        sent.push(input);
        return new Response();
      };
      const work = authorityOf('https://api.example', { transport }).fetch(inputOf());
      if (first === 0) await work;
      else expect(await rejectionOf(work)).toMatchObject({ code: 'foreign_origin' });
      expect(sent).toEqual(first === 0 ? [OWN] : []);
    }
  });

  it('is not reached by what somebody put on every object', async () => {
    const stolen: unknown[] = [];
    const evil = {
      value: async (...sent: unknown[]) => {
        stolen.push(sent);
        return new Response();
      },
      configurable: true,
    };
    Object.defineProperty(Object.prototype, 'fetch', evil);
    onTestFinished(() => {
      Reflect.deleteProperty(Object.prototype, 'fetch');
    });
    const { authority } = authorityOf('https://api.example', { transport: async () => new Response() });
    for (const options of [undefined, {}]) await authorizedFetch(authority, options)('users');
    expect(stolen).toEqual([]);
  });

  it('is not a string that is not a URL: that is a TypeError, which does not repeat the string', async () => {
    const error = await rejectionOf(authorityOf('https://api.example').fetch('https://:token=1'));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain('token=1');
  });
});

describe('a redirect', () => {
  /** Answers the first request with this, all others with 200. */
  const redirecting = (status: number, location?: string): Answer => {
    const first = answering(status, 'the answer', location === undefined ? {} : { location });
    return (request, response) => (request.url === '/v1/from' ? first : ok)(request, response);
  };

  it.each([
    [301, 'GET', 'GET', ''],
    [301, 'POST', 'GET', ''],
    [301, 'post', 'GET', ''],
    [301, 'PUT', 'PUT', 'sent'],
    [302, 'POST', 'GET', ''],
    [302, 'DELETE', 'DELETE', 'sent'],
    [302, 'HEAD', 'HEAD', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [303, 'GET', 'GET', ''],
    [307, 'POST', 'POST', 'sent'],
    [307, 'GET', 'GET', ''],
    [308, 'PUT', 'PUT', 'sent'],
  ])('%d of a %s is followed within the origin as %s', async (status, method, next, body) => {
    const { origin, received, fetch } = await open(redirecting(status, 'to?x=1'));
    const withBody = method !== 'GET' && method !== 'HEAD';
    const init = { method, headers: { 'x-own': 'kept' }, ...(withBody ? { body: 'sent' } : {}) };
    const responses = [await fetch('from', init), await fetch(new Request(`${origin}/v1/from`, init))];
    expect(responses.map((response) => response.status)).toEqual([200, 200]);
    const followed = { method: next, url: '/v1/to?x=1', body, headers: { authorization: 'Bearer t1', 'x-own': 'kept' } };
    expect(received.filter(({ url }) => url !== '/v1/from')).toMatchObject([followed, followed]);
  });

  it.each([
    [303, undefined, undefined],
    [307, 'text/x-own', 'fr'],
  ])('%d of a POST sends content-type %s and content-language %s on', async (status, type, language) => {
    const { received, fetch } = await open(redirecting(status, 'to'));
    const headers = { 'content-type': 'text/x-own', 'content-language': 'fr', 'x-own': 'kept' };
    await fetch('from', { method: 'POST', body: 'sent', headers });
    const followed = received[1]?.headers;
    expect([followed?.['content-type'], followed?.['content-language'], followed?.['x-own']]).toEqual([type, language, 'kept']);
  });

  it('to another origin is refused, and that origin never sees a request', async () => {
    const other = await serve(ok);
    const { received, fetch } = await open(redirecting(302, `${other.origin}/v1/to?secret=1`));
    const error = await rejectionOf(fetch('from'));
    expect(error).toMatchObject({ code: 'foreign_origin', message: expect.not.stringContaining('secret=1') });
    expect([received.length, other.received.length]).toEqual([1, 0]);
  });

  it('to this origin with a user name and a password is refused', async () => {
    const { received, fetch } = await open((request, response) =>
      answering(302, '', { location: `http://user:hunter2@${request.headers.host}/other` })(request, response),
    );
    const error = await rejectionOf(fetch('users'));
    expect(AuthError.is(error, 'foreign_origin')).toBe(true);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
    expect(received).toHaveLength(1);
  });

  it('to something that is not a URL is a TypeError, which does not repeat where the request went', async () => {
    const { fetch } = await open(answering(302, '', { location: 'http://:token=2' }));
    const error = await rejectionOf(fetch('users?token=1'));
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/token=|users/);
  });

  it('to the same URL is followed, for a Request with a body too', async () => {
    const same = answering(303, '', { location: '/v1/same' });
    const { origin, received, fetch } = await open((request, response) => (request.method === 'POST' ? same : ok)(request, response));
    expect(await (await fetch(new Request(`${origin}/v1/same`, { method: 'POST', body: 'sent' }))).text()).toBe('fine');
    expect(linesOf(received)).toEqual(['POST /v1/same Bearer t1 sent', 'GET /v1/same Bearer t1']);
  });

  it('is followed twenty times, not more', async () => {
    const { received, fetch } = await open((request, response) => {
      const left = Number(request.url.split('/').at(-1));
      (left > 0 ? answering(302, '', { location: `${left - 1}` }) : ok)(request, response);
    });
    expect((await fetch('20')).status).toBe(200);
    expect(received).toHaveLength(21);
    expect(await rejectionOf(fetch('21'))).toBeInstanceOf(TypeError);
    expect(received).toHaveLength(42);
  });

  it('is returned as it is when the caller says `manual`, in init or in a Request, and rejects when the caller says `error`', async () => {
    const { origin, received, fetch } = await open(redirecting(302, 'to'));
    const responses = [await fetch('from', { redirect: 'manual' }), await fetch(new Request(`${origin}/v1/from`, { redirect: 'manual' }))];
    expect(responses.map(({ status, headers }) => `${status} ${headers.get('location')}`)).toEqual(['302 to', '302 to']);
    expect(await rejectionOf(fetch('from', { redirect: 'error' }))).toBeInstanceOf(TypeError);
    expect(received).toHaveLength(3);
  });

  it('without a location is an answer like any other', async () => {
    const response = await (await open(redirecting(302))).fetch('from');
    expect([response.status, await response.text()]).toEqual([302, 'the answer']);
  });

  it('does not send a stream again', async () => {
    const { received, fetch } = await open(redirecting(307, 'to'));
    expect(await rejectionOf(fetch('from', streamed()))).toBeInstanceOf(TypeError);
    expect(received).toHaveLength(1);
  });

  it('to a URL that refuses the token renews it there', async () => {
    const { received, fetch } = await open((request, response) =>
      (request.url === '/v1/from' ? redirecting(302, 'to') : acceptsFrom(2))(request, response),
    );
    expect((await fetch('from')).status).toBe(200);
    expect(linesOf(received)).toEqual(['GET /v1/from Bearer t1', 'GET /v1/to Bearer t1', 'GET /v1/to Bearer t2']);
  });
});

describe('a redirect keeps what fetch keeps', () => {
  it.each([
    ['UTF-8', Buffer.from('/v1/größe?stück=1').toString('latin1'), '/v1/gr%C3%B6%C3%9Fe?st%C3%BCck=1'],
    ['something else', '/v1/gr\u00f6', '/v1/gr%C3%B6'],
    ['nothing but ASCII', '/v1/gr%C3%B6', '/v1/gr%C3%B6'],
  ])('a location of raw bytes, which are %s', async (_, location, url) => {
    const { received, fetch } = await open((request, response) => {
      (request.url === '/v1/from' ? answering(302, '', { location }) : ok)(request, response);
    });
    const response = await fetch('from');
    expect(received[1]?.url).toBe(url);
    expect(response.redirected).toBe(true);
    expect((await fetch('to')).redirected).toBe(false);
  });

  it('the members of a Request and of init, for each request', async () => {
    const seen: (RequestInit | undefined)[] = [];
    const transport: Fetch = async (_, init) => {
      seen.push(init);
      return seen.length === 1 ? new Response(null, { status: 302, headers: { location: '/v1/to' } }) : new Response();
    };
    const kept = { cache: 'no-cache', credentials: 'include', keepalive: true, mode: 'same-origin' } as const;
    const { fetch } = authorityOf('https://api.example', { transport });
    await fetch(new Request('https://api.example/v1/from', { ...kept, referrerPolicy: 'no-referrer' }), { priority: 'high' });
    expect(seen).toMatchObject(Array(2).fill({ ...kept, referrerPolicy: 'no-referrer', priority: 'high', redirect: 'manual' }));
  });

  it('a signal that init takes away from a Request', async () => {
    const seen: unknown[] = [];
    const transport: Fetch = async (_, init) => {
      seen.push(init?.signal);
      return new Response();
    };
    const { fetch } = authorityOf('https://api.example', { transport });
    const { signal } = new AbortController();
    const request = new Request('https://api.example/v1/users', { signal });
    for (const init of [undefined, {}, { signal: undefined }, { signal: null }]) await fetch(request, init as RequestInit);
    expect(seen).toEqual([request.signal, request.signal, request.signal, null]);
  });

  it.each([
    ['the answer at its end', 'sha256-0UpYuugEorgLW3agECOciP/KH8eVGpD46RMb7aHiPBs=', false],
    ['one of several', 'sha1-x sha256-0UpYuugEorgLW3agECOciP_KH8eVGpD46RMb7aHiPBs sha256-AAAA', false],
    ['nothing that is known', 'md5-x', false],
    ['another answer', 'sha256-AAAA', true],
    ['another answer, by the strongest', 'sha256-0UpYuugEorgLW3agECOciP/KH8eVGpD46RMb7aHiPBs= sha512-AAAA', true],
  ])('integrity, which is about the last answer: %s', async (_, integrity, fails) => {
    for (const answer of [redirecting302, acceptsFrom(2)]) {
      const { fetch } = await open(answer);
      const work = fetch('from', { integrity });
      if (fails) expect(await rejectionOf(work)).toBeInstanceOf(TypeError);
      else expect(await (await work).text()).toBe('fine');
    }
  });
  const redirecting302: Answer = (request, response) =>
    (request.url === '/v1/from' ? answering(302, 'moved', { location: 'to' }) : ok)(request, response);

  it.each(['follow', undefined] as const)('by itself is refused of a transport, which was told not to: %s', async (redirect) => {
    const { origin, authority } = await open(redirecting302);
    const transport: Fetch = (input, init) => globalThis.fetch(input, { ...init, redirect: 'follow' });
    const fetch = authorizedFetch(authority, { fetch: transport });
    const error = await rejectionOf(fetch('from', redirect && { redirect }));
    expect(error).toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(/followed a redirect by itself.*redirect: 'manual'/),
    });
    expect((await fetch(`${origin}/v1/to`)).status).toBe(200);
  });
});

describe('a refused token', () => {
  it('is renewed once in a call, redirects and all', async () => {
    const { received, fetch, issued } = await open((request, response) => {
      const isFollowed = request.headers.authorization === 'Bearer t2' && request.url === '/v1/from';
      (isFollowed ? answering(302, '', { location: 'to' }) : answering(401))(request, response);
    });
    expect((await fetch('from')).status).toBe(401);
    expect(linesOf(received)).toEqual(['GET /v1/from Bearer t1', 'GET /v1/from Bearer t2', 'GET /v1/to Bearer t2']);
    expect(issued()).toBe(2);
  });

  it('is renewed once and the request repeated, also where only the body of the answer tells', async () => {
    for (const options of [{}, { isTokenRefused }]) {
      const { received, fetch, issued } = await open(acceptsFrom(2), options);
      const response = await fetch('users');
      expect([response.status, await response.text()]).toEqual([200, 'fine']);
      expect(linesOf(received)).toEqual(['GET /v1/users Bearer t1', 'GET /v1/users Bearer t2']);
      expect(issued()).toBe(2);
    }
  });

  const form = new FormData();
  form.set('field', 'the value');
  it.each<[string, unknown, () => BodyInit]>([
    ['a string', 'the body', () => 'the body'],
    ['URLSearchParams', 'a=1&b=2', () => new URLSearchParams({ a: '1', b: '2' })],
    ['an ArrayBuffer', 'the body', () => new TextEncoder().encode('the body').buffer],
    ['a typed array', 'the body', () => new TextEncoder().encode('the body')],
    ['a Blob', 'the body', () => new Blob(['the ', 'body'])],
    ['a form', expect.stringContaining('the value'), () => form],
  ])('causes %s to be sent again', async (_, text, body) => {
    const { received, fetch } = await open(acceptsFrom(2));
    expect((await fetch('users', { method: 'POST', body: body() })).status).toBe(200);
    expect(received).toMatchObject(Array(2).fill({ method: 'POST', body: text }));
    const types = received.map(({ headers }) => headers['content-type']?.replace(/boundary=.*/, 'boundary'));
    expect(types[0]).toBe(types[1]);
  });

  it('causes the body of a Request to be sent again', async () => {
    const { origin, received, fetch } = await open(acceptsFrom(2));
    const sent = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    expect((await fetch(new Request(`${origin}/v1/users`, sent))).status).toBe(200);
    expect(received).toMatchObject([sent, sent]);
  });

  it('does not cause a stream to be sent again: the refusal is returned, and the next call has a new token', async () => {
    const { received, fetch } = await open(acceptsFrom(2));
    const response = await fetch('users', streamed());
    expect([response.status, await response.text()]).toEqual([401, '{"code":"invalid_token"}']);
    expect(received).toMatchObject([{ body: 'streamed' }]);
    expect((await fetch('users')).status).toBe(200);
  });

  it('is repeated exactly once by a server that refuses everything, whose answer is returned', async () => {
    const { received, fetch, issued } = await open(acceptsFrom(Number.POSITIVE_INFINITY));
    const response = await fetch('users');
    expect([response.status, await response.text()]).toEqual([401, '{"code":"invalid_token"}']);
    expect([received.length, issued()]).toEqual([2, 2]);
  });

  it('costs one renewal for a hundred concurrent requests, all of which succeed', async () => {
    const { received, fetch, issued } = await open(acceptsFrom(2));
    const responses = await Promise.all(Array.from({ length: 100 }, (_, index) => fetch(`users/${index}`)));
    expect(responses.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect([received.length, issued()]).toEqual([200, 2]);
  });

  it('rejects with the AuthError of a renewal that fails', async () => {
    const { received, authority } = await open(acceptsFrom(2));
    const locked = new AuthError('The account is locked.', { code: 'locked', provider: 'acme', operation: 'token' });
    const authorize: Authority['authorize'] = (request, options) =>
      received.length === 0 ? authority.authorize(request, options) : Promise.reject(locked);
    expect(await rejectionOf(authorizedFetch({ ...authority, authorize })('users'))).toBe(locked);
  });
});

describe('a refusal that is not about the token', () => {
  it.each([400, 403, 404, 429, 500, 503])('is returned as it came, with its body to be read: %d', async (status) => {
    // Also when the authority had to read the body to know.
    for (const options of [{}, { isTokenRefused }]) {
      const { received, fetch, issued } = await open(answering(status, '{"code":"plan"}', { 'x-own': 'kept' }), options);
      const response = await fetch('users');
      expect([response.status, response.headers.get('x-own'), await response.json()]).toEqual([status, 'kept', { code: 'plan' }]);
      expect([received.length, issued()]).toEqual([1, 1]);
    }
  });

  it('is never looked for in a success', async () => {
    const { authority } = await open();
    let asked = 0;
    const shouldRetry: Authority['shouldRetry'] = async () => {
      asked += 1;
      return 'token';
    };
    await authorizedFetch({ ...authority, shouldRetry })('users');
    expect(asked).toBe(0);
  });
});

describe('a reason to repeat', () => {
  /** Refuses with each of these, one after the other, then accepts. */
  const refusingWith = (...reasons: readonly string[]): { readonly transport: Fetch; readonly left: string[]; readonly sent: number[] } => {
    const left = [...reasons];
    const sent: number[] = [];
    const transport: Fetch = async () => {
      sent.push(sent.length);
      const reason = left.shift();
      return reason === undefined ? new Response('fine') : new Response(reason, { status: 400 });
    };
    return { transport, left, sent };
  };
  const shouldRetry: Authority['shouldRetry'] = async (response) =>
    response.ok ? 'nonce' : ((await response.clone().text()) as Awaited<ReturnType<Authority['shouldRetry']>>);

  it.each([
    ['once for each', ['nonce', 'token', 'clock'], 4, 200],
    ['once only', ['nonce', 'nonce'], 2, 400],
    ['once in a call, whatever came between', ['nonce', 'token', 'nonce'], 3, 400],
  ])('repeats the request %s, and no success', async (_, reasons, requests, status) => {
    const { transport, sent } = refusingWith(...reasons);
    const { authority } = authorityOf('https://api.example', { transport });
    const response = await authorizedFetch({ ...authority, shouldRetry })('users');
    expect([response.status, sent.length]).toEqual([status, requests]);
  });
});

describe('the answer to a repeated request', () => {
  it.each([
    ['a success', [401, 200], [401, 200]],
    ['another refusal', [401, 401], [401, 401]],
    ['something else', [401, 503], [401, 503]],
    ['the one behind a redirect', [401, 302, 200], [401, 200]],
  ])('is shown to the authority, and is not repeated: %s', async (_, statuses, shown) => {
    const left = [...statuses];
    const { authority, received } = await open((request, response) => {
      answering(left.shift() ?? 500, 'body', { location: 'to' })(request, response);
    });
    const asked: number[] = [];
    const shouldRetry: Authority['shouldRetry'] = async ({ status }) => {
      asked.push(status);
      return 'token';
    };
    const response = await authorizedFetch({ ...authority, shouldRetry })('users');
    expect([response.status, await response.text(), asked]).toEqual([statuses.at(-1), 'body', shown]);
    expect(received).toHaveLength(statuses.length);
  });
});

describe('a transport that answers with something else than a Response', () => {
  it.each([undefined, null, 'text', {}])('is named, for %j', async (answer) => {
    const { authority } = await open();
    const fetch = authorizedFetch(authority, { fetch: async () => answer as unknown as Response });
    await expect(fetch('x')).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining('than a Response') });
  });
});

describe('a signal', () => {
  const reason = new Error('the caller’s own reason');

  it.each<[string, (fetch: Fetch, url: string, signal: AbortSignal) => Promise<Response>]>([
    ['in init', (fetch, url, signal) => fetch(url, { signal })],
    ['of a Request', (fetch, url, signal) => fetch(new Request(url, { signal }))],
  ])('%s ends a request that is under way, with its own reason, also after a redirect', async (_, send) => {
    for (const path of ['users', 'from']) {
      const controller = new AbortController();
      const { origin, fetch } = await open((request, response) => {
        if (request.url === '/v1/from') answering(302, '', { location: 'to' })(request, response);
        else controller.abort(reason);
      });
      expect(await rejectionOf(send(fetch, `${origin}/v1/${path}`, controller.signal))).toBe(reason);
    }
  });

  it('ends the wait for a transport that is deaf to it, with its own reason', async () => {
    const controller = new AbortController();
    const transport: Fetch = () => {
      queueMicrotask(() => controller.abort(reason));
      return new Promise(() => {});
    };
    const { fetch } = await open(ok, { transport });
    expect(await rejectionOf(fetch('users', { signal: controller.signal }))).toBe(reason);
  });

  it('ends the wait for a token, with its own reason, and nothing is sent', async () => {
    const controller = new AbortController();
    const tokens = managed({
      token: () => {
        queueMicrotask(() => controller.abort(reason));
        return new Promise(() => {});
      },
    });
    const { received, fetch } = await open(ok, { tokens });
    expect(await rejectionOf(fetch('users', { signal: controller.signal }))).toBe(reason);
    expect(received).toHaveLength(0);
  });
});
