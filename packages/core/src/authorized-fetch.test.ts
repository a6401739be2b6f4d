import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Authority, Fetch, Token, TokenAuthority } from './index.ts';
import { AuthError, authorizedFetch, managed } from './index.ts';
import type { TokenAuthorityOptions } from './kit/index.ts';
import { tokenAuthority } from './kit/index.ts';
import { fakeClock } from './testing/index.ts';

/** One request as it arrived. */
interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface LocalServer {
  readonly origin: string;
  readonly received: readonly Received[];
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A real server on a free port of the loopback interface. */
const serve = async (answer: (request: Received, response: ServerResponse) => void): Promise<LocalServer> => {
  const received: Received[] = [];
  const server = createServer(async (incoming: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString('latin1') };
    received.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { origin: `http://127.0.0.1:${address.port}`, received };
};

const ok = (_: Received, response: ServerResponse): void => {
  response.end('fine');
};

/** Accepts the `n`th token and later ones, refuses those before with 401. */
const acceptsFrom =
  (n: number): ((request: Received, response: ServerResponse) => void) =>
  ({ headers }, response) => {
    const [, issued] = /^Bearer t(\d+)$/.exec(headers.authorization ?? '') ?? [];
    response.statusCode = Number(issued) >= n ? 200 : 401;
    response.end(response.statusCode === 200 ? 'fine' : '{"code":"invalid_token"}');
  };

/** An authority with tokens t1, t2, … that live for two hours. */
const authorityOf = (
  origin: string,
  options: Partial<TokenAuthorityOptions> = {},
): { readonly authority: TokenAuthority; readonly issued: () => number } => {
  const clock = fakeClock();
  let count = 0;
  const tokens = managed(
    {
      token: async (): Promise<Token> => {
        count += 1;
        return { value: `t${count}`, issuedAt: clock.now(), expiresAt: clock.now() + 7_200_000 };
      },
    },
    { clock },
  );
  const authority = tokenAuthority({
    provider: 'acme',
    baseUrl: `${origin}/v1/`,
    transport: globalThis.fetch,
    tokens,
    headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
    isTokenRefused: async ({ status }) => status === 401,
    ...options,
  });
  return { authority, issued: () => count };
};

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it resolved',
    (reason: unknown) => reason,
  );

describe('what is sent', () => {
  it.each<[string, string, (origin: string) => string | URL | Request]>([
    ['a relative string', '/v1/users?a=1', () => 'users?a=1'],
    ['a path', '/users', () => '/users'],
    ['an absolute string', '/v1/users', (origin) => `${origin}/v1/users`],
    ['an absolute string that needs parsing', '/v1/users', (origin) => `${origin.replace('http', 'HTTP')}/v1/x/../users`],
    ['a URL', '/v1/users', (origin) => new URL(`${origin}/v1/users`)],
    ['a Request', '/v1/users', (origin) => new Request(`${origin}/v1/users`)],
  ])('goes with the authority’s headers where %s says', async (_, path, input) => {
    const { origin, received } = await serve(ok);
    const fetch = authorizedFetch(authorityOf(origin).authority);
    const response = await fetch(input(origin));
    expect(await response.text()).toBe('fine');
    expect(received).toMatchObject([{ method: 'GET', url: path, headers: { authorization: 'Bearer t1' } }]);
  });

  it.each<[string, HeadersInit]>([
    ['an object', { 'x-own': 'kept' }],
    ['a list', [['x-own', 'kept']]],
    ['Headers', new Headers({ 'x-own': 'kept' })],
  ])('keeps the caller’s headers from %s', async (_, headers) => {
    const { origin, received } = await serve(ok);
    await authorizedFetch(authorityOf(origin).authority)('users', { headers });
    expect(received).toMatchObject([{ headers: { 'x-own': 'kept', authorization: 'Bearer t1' } }]);
  });

  it('keeps method, headers and body of a Request, and what init replaces of it', async () => {
    const { origin, received } = await serve(ok);
    const fetch = authorizedFetch(authorityOf(origin).authority);
    const init = { method: 'PUT', headers: { 'content-type': 'text/x-own', 'x-own': 'kept' }, body: 'the body' };
    await fetch(new Request(`${origin}/v1/users`, init));
    await fetch(new Request(`${origin}/v1/users`, init), { method: 'POST', body: 'another body' });
    expect(received).toMatchObject([
      { method: 'PUT', body: 'the body', headers: { 'content-type': 'text/x-own', 'x-own': 'kept', authorization: 'Bearer t1' } },
      { method: 'POST', body: 'another body', headers: { 'content-type': 'text/x-own', 'x-own': 'kept' } },
    ]);
  });

  it('keeps method, headers and body of a Request of another copy of the class', async () => {
    const text = 'the body';
    class OtherRequest {
      readonly method = 'PUT';
      readonly headers = new Headers({ 'x-own': 'kept' });
      readonly signal = new AbortController().signal;
      readonly redirect = 'follow';
      readonly url: string;
      readonly body: ReadableStream | null;
      constructor(url: string, body: string | null) {
        this.url = url;
        this.body = body === null ? null : new Blob([body]).stream();
      }
      readonly clone = (): OtherRequest => new OtherRequest(this.url, text);
      readonly arrayBuffer = (): Promise<ArrayBuffer> => new Blob([text]).arrayBuffer();
    }
    const signed: string[] = [];
    const sent: (RequestInit | undefined)[] = [];
    const { authority } = authorityOf('https://api.example');
    const signing: Authority = {
      ...authority,
      authorize: (outgoing, options) => {
        signed.push(`${outgoing.method} ${outgoing.url}`);
        return authority.authorize(outgoing, options);
      },
    };
    const fetch = authorizedFetch(signing, {
      fetch: async (_, init) => {
        sent.push(init);
        return new Response('fine');
      },
    });
    for (const body of [null, text]) {
      const request = new OtherRequest('https://api.example/v1/users', body);
      expect((await fetch(request as unknown as Request)).status).toBe(200); // such as that of a polyfill or another realm
    }
    expect(signed).toEqual(['PUT https://api.example/v1/users', 'PUT https://api.example/v1/users']);
    expect(sent.map((init) => init?.method)).toEqual(['PUT', 'PUT']);
    expect(sent.map((init) => Object.fromEntries(new Headers(init?.headers)))).toEqual([
      { 'x-own': 'kept', authorization: 'Bearer t1' },
      { 'x-own': 'kept', authorization: 'Bearer t1' },
    ]);
    expect(await new Response(sent[1]?.body ?? null).text()).toBe(text);
  });

  it('sends its own credentials even if the caller set that header, but accepts what the caller accepts', async () => {
    const { origin, received } = await serve(ok);
    const headersOf: TokenAuthorityOptions['headersOf'] = ({ value }) => ({ authorization: `Bearer ${value}`, accept: 'application/json' });
    const fetch = authorizedFetch(authorityOf(origin, { headersOf }).authority);
    await fetch('users', { headers: { authorization: 'Bearer stale' } });
    await fetch('statement', { headers: { accept: 'application/pdf' } });
    expect(received).toMatchObject([
      { headers: { authorization: 'Bearer t1', accept: 'application/json' } },
      { headers: { authorization: 'Bearer t1', accept: 'application/pdf' } },
    ]);
  });

  it('does not change the caller’s Request or Headers', async () => {
    const { origin } = await serve(ok);
    const headers = new Headers({ 'x-own': 'kept' });
    const request = new Request(`${origin}/v1/users`, { headers });
    const fetch = authorizedFetch(authorityOf(origin).authority);
    await fetch(request);
    await fetch('users', { headers });
    expect([...headers, ...request.headers]).toEqual([
      ['x-own', 'kept'],
      ['x-own', 'kept'],
    ]);
  });

  it('carries members of init that only the transport knows, on the repetition too', async () => {
    const seen: unknown[] = [];
    const transport: Fetch = async (_, init) => {
      seen.push(init);
      return new Response('', { status: 401 });
    };
    const dispatcher = { name: 'a dispatcher' };
    const init: RequestInit & { readonly dispatcher: object } = { dispatcher, cache: 'no-store' };
    await authorizedFetch(authorityOf('https://api.example', { transport }).authority)('users', init);
    expect(seen).toMatchObject([
      { dispatcher, cache: 'no-store', headers: { authorization: 'Bearer t1' } },
      { dispatcher, cache: 'no-store', headers: { authorization: 'Bearer t2' } },
    ]);
    expect(seen.map((given) => typeof given === 'object' && given && 'dispatcher' in given && given.dispatcher === dispatcher)).toEqual([
      true,
      true,
    ]);
  });

  it('goes through the authority’s transport, or the one given', async () => {
    const carry =
      (name: string): Fetch =>
      async () =>
        new Response(name);
    const { authority } = authorityOf('https://api.example', { transport: carry('the authority’s') });
    expect(await (await authorizedFetch(authority)('users')).text()).toBe('the authority’s');
    expect(await (await authorizedFetch(authority, { fetch: carry('mine') })('users')).text()).toBe('mine');
  });

  it('starts at another base URL of the same origin, if one is given', async () => {
    const { origin, received } = await serve(ok);
    await authorizedFetch(authorityOf(origin).authority, { baseUrl: `${origin}/v2/` })('users');
    expect(received).toMatchObject([{ url: '/v2/users' }]);
  });

  it('is read by a signer from a clone, which leaves the request as it was', async () => {
    const { origin, received } = await serve(ok);
    const signer: Authority = {
      ...authorityOf(origin).authority,
      authorize: async (request) => {
        const copy = request.clone();
        return {
          headers: { signature: `${request.method} ${new URL(request.url).pathname} ${copy.headers.get('x-own')} [${await copy.text()}]` },
          token: null,
        };
      },
    };
    const fetch = authorizedFetch(signer);
    const init = { method: 'post', headers: { 'x-own': 'kept' }, body: 'the body' };
    await fetch('users', init);
    await fetch(new Request(`${origin}/v1/users`, init));
    await fetch('users', { headers: { 'x-own': 'kept' } });
    expect(received.map(({ headers, body }) => [headers['signature'], body])).toEqual([
      ['POST /v1/users kept [the body]', 'the body'],
      ['POST /v1/users kept [the body]', 'the body'],
      ['GET /v1/users kept []', ''],
    ]);
  });

  it('is a stream that a signer’s clone does not touch', async () => {
    const { origin, received } = await serve(ok);
    const signer: Authority = {
      ...authorityOf(origin).authority,
      authorize: async (request) => ({ headers: { signature: `[${await request.clone().text()}]` }, token: null }),
    };
    const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' };
    await authorizedFetch(signer)('users', init);
    expect(received).toMatchObject([{ body: 'streamed', headers: { signature: '[]' } }]);
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
    const { origin, received } = await serve(ok);
    const { authority, issued } = authorityOf(origin);
    const error = await rejectionOf(authorizedFetch(authority)(input(origin)));
    expect(error).toMatchObject({ code: 'foreign_origin', operation: 'authorizedFetch' });
    expect(String(error)).not.toContain('token=1');
    expect(received).toHaveLength(0);
    expect(issued()).toBe(0);
  });

  it('is refused as a base URL', () => {
    const { authority } = authorityOf('https://api.example');
    expect(() => authorizedFetch(authority, { baseUrl: 'https://other.example/' })).toThrow(
      expect.objectContaining({ code: 'misconfigured' }),
    );
  });

  it('is not a string that is not a URL: that is a TypeError, which does not repeat the string', async () => {
    const error = await rejectionOf(authorizedFetch(authorityOf('https://api.example').authority)('https://:token=1'));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain('token=1');
  });
});

describe('a redirect', () => {
  /** Answers the first request with this, all others with 200. */
  const redirecting =
    (status: number, location?: string): ((request: Received, response: ServerResponse) => void) =>
    ({ url }, response) => {
      response.statusCode = url === '/v1/from' ? status : 200;
      if (url === '/v1/from' && location !== undefined) response.setHeader('location', location);
      response.end('the answer');
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
    const { origin, received } = await serve(redirecting(status, 'to?x=1'));
    const fetch = authorizedFetch(authorityOf(origin).authority);
    const withBody = method !== 'GET' && method !== 'HEAD';
    const init = { method, headers: { 'x-own': 'kept' }, ...(withBody ? { body: 'sent' } : {}) };
    for (const input of ['from', new Request(`${origin}/v1/from`, init)]) {
      const response = await fetch(input, input instanceof Request ? undefined : init);
      expect(response.status).toBe(200);
    }
    const headers = { authorization: 'Bearer t1', 'x-own': 'kept' };
    expect(received.filter(({ url }) => url !== '/v1/from')).toMatchObject([
      { method: next, url: '/v1/to?x=1', body, headers },
      { method: next, url: '/v1/to?x=1', body, headers },
    ]);
  });

  it.each([
    [303, undefined, undefined],
    [307, 'text/x-own', 'fr'],
  ])('%d of a POST sends content-type %s and content-language %s on', async (status, type, language) => {
    const { origin, received } = await serve(redirecting(status, 'to'));
    const headers = { 'content-type': 'text/x-own', 'content-language': 'fr', 'x-own': 'kept' };
    await authorizedFetch(authorityOf(origin).authority)('from', { method: 'POST', body: 'sent', headers });
    const [, followed] = received.map((request) => request.headers);
    expect([followed?.['content-type'], followed?.['content-language'], followed?.['x-own']]).toEqual([type, language, 'kept']);
  });

  it('to another origin is refused, and that origin never sees a request', async () => {
    const other = await serve(ok);
    const { origin, received } = await serve(redirecting(302, `${other.origin}/v1/to?secret=1`));
    const error = await rejectionOf(authorizedFetch(authorityOf(origin).authority)('from'));
    expect(error).toMatchObject({ code: 'foreign_origin' });
    expect(String(error)).not.toContain('secret=1');
    expect(received).toHaveLength(1);
    expect(other.received).toHaveLength(0);
  });

  it('to the same URL is followed, for a Request with a body too', async () => {
    const { origin, received } = await serve(({ method }, response) => {
      if (method === 'POST') response.writeHead(303, { location: '/v1/same' });
      response.end('the answer');
    });
    const fetch = authorizedFetch(authorityOf(origin).authority);
    const response = await fetch(new Request(`${origin}/v1/same`, { method: 'POST', body: 'sent' }));
    expect(await response.text()).toBe('the answer');
    expect(received).toMatchObject([
      { method: 'POST', body: 'sent' },
      { method: 'GET', body: '' },
    ]);
  });

  it('is followed twenty times, not more', async () => {
    const { origin, received } = await serve(({ url }, response) => {
      const left = Number(url.split('/').at(-1));
      if (left > 0) response.writeHead(302, { location: `${left - 1}` });
      response.end('the answer');
    });
    const fetch = authorizedFetch(authorityOf(origin).authority);
    expect((await fetch('20')).status).toBe(200);
    expect(received).toHaveLength(21);
    expect(await rejectionOf(fetch('21'))).toBeInstanceOf(TypeError);
    expect(received).toHaveLength(42);
  });

  it('is returned as it is when the caller says `manual`, in init or in a Request', async () => {
    const { origin, received } = await serve(redirecting(302, 'to'));
    const fetch = authorizedFetch(authorityOf(origin).authority);
    const responses = [await fetch('from', { redirect: 'manual' }), await fetch(new Request(`${origin}/v1/from`, { redirect: 'manual' }))];
    expect(responses.map(({ status, headers }) => [status, headers.get('location')])).toEqual([
      [302, 'to'],
      [302, 'to'],
    ]);
    expect(received).toHaveLength(2);
  });

  it('rejects when the caller says `error`', async () => {
    const { origin, received } = await serve(redirecting(302, 'to'));
    expect(await rejectionOf(authorizedFetch(authorityOf(origin).authority)('from', { redirect: 'error' }))).toBeInstanceOf(TypeError);
    expect(received).toHaveLength(1);
  });

  it('to something that is not a URL is a TypeError, which does not repeat where the request went', async () => {
    const { origin } = await serve((_, response) => response.writeHead(302, { location: 'http://:token=2' }).end());
    const error = await rejectionOf(authorizedFetch(authorityOf(origin).authority)('users?token=1'));
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/token=|users/);
  });

  it('to this origin with a user name and a password is refused', async () => {
    const { origin, received } = await serve(({ headers }, response) =>
      response.writeHead(302, { location: `http://user:hunter2@${headers.host}/other` }).end(),
    );
    const error = await rejectionOf(authorizedFetch(authorityOf(origin).authority)('users'));
    expect(error).toMatchObject({ code: 'foreign_origin' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
    expect(received).toHaveLength(1);
  });

  it('without a location is an answer like any other', async () => {
    const { origin } = await serve(redirecting(302));
    const response = await authorizedFetch(authorityOf(origin).authority)('from');
    expect([response.status, await response.text()]).toEqual([302, 'the answer']);
  });

  it('does not send a stream again', async () => {
    const { origin, received } = await serve(redirecting(307, 'to'));
    const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' };
    expect(await rejectionOf(authorizedFetch(authorityOf(origin).authority)('from', init))).toBeInstanceOf(TypeError);
    expect(received).toHaveLength(1);
  });

  it('to a URL that refuses the token renews it there', async () => {
    const { origin, received } = await serve((request, response) =>
      request.url === '/v1/from' ? response.writeHead(302, { location: 'to' }).end() : acceptsFrom(2)(request, response),
    );
    const response = await authorizedFetch(authorityOf(origin).authority)('from');
    expect(response.status).toBe(200);
    expect(received.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/from', 'Bearer t1'],
      ['/v1/to', 'Bearer t1'],
      ['/v1/to', 'Bearer t2'],
    ]);
  });
});

describe('a refused token', () => {
  it('is renewed once in a call, redirects and all', async () => {
    const { origin, received } = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer t2' && request.url === '/v1/from') response.writeHead(302, { location: 'to' }).end();
      else response.writeHead(401).end();
    });
    const { authority, issued } = authorityOf(origin);
    expect((await authorizedFetch(authority)('from')).status).toBe(401);
    expect(received.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/from', 'Bearer t1'],
      ['/v1/from', 'Bearer t2'],
      ['/v1/to', 'Bearer t2'],
    ]);
    expect(issued()).toBe(2);
  });

  it('is renewed once and the request repeated', async () => {
    const { origin, received } = await serve(acceptsFrom(2));
    const { authority, issued } = authorityOf(origin);
    const response = await authorizedFetch(authority)('users');
    expect([response.status, await response.text()]).toEqual([200, 'fine']);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
    expect(issued()).toBe(2);
  });

  it('is found in the body of the answer too', async () => {
    const { origin } = await serve(acceptsFrom(2));
    const isTokenRefused: TokenAuthorityOptions['isTokenRefused'] = async (response) =>
      (await response.clone().text()).includes('invalid_token');
    const response = await authorizedFetch(authorityOf(origin, { isTokenRefused }).authority)('users');
    expect(response.status).toBe(200);
  });

  it.each<[string, string, () => BodyInit]>([
    ['a string', 'the body', () => 'the body'],
    ['URLSearchParams', 'a=1&b=2', () => new URLSearchParams({ a: '1', b: '2' })],
    ['an ArrayBuffer', 'the body', () => new TextEncoder().encode('the body').buffer],
    ['a typed array', 'the body', () => new TextEncoder().encode('the body')],
    ['a Blob', 'the body', () => new Blob(['the ', 'body'])],
  ])('causes %s to be sent again', async (_, text, body) => {
    const { origin, received } = await serve(acceptsFrom(2));
    const response = await authorizedFetch(authorityOf(origin).authority)('users', { method: 'POST', body: body() });
    expect(response.status).toBe(200);
    expect(received).toMatchObject([
      { method: 'POST', body: text },
      { method: 'POST', body: text },
    ]);
    expect(new Set(received.map(({ headers }) => headers['content-type'])).size).toBe(1);
  });

  it('causes a form to be sent again', async () => {
    const { origin, received } = await serve(acceptsFrom(2));
    const body = new FormData();
    body.set('field', 'the value');
    const response = await authorizedFetch(authorityOf(origin).authority)('users', { method: 'POST', body });
    expect(response.status).toBe(200);
    expect(received.map((request) => request.body.includes('the value'))).toEqual([true, true]);
  });

  it('causes the body of a Request to be sent again', async () => {
    const { origin, received } = await serve(acceptsFrom(2));
    const request = new Request(`${origin}/v1/users`, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    const response = await authorizedFetch(authorityOf(origin).authority)(request);
    expect(response.status).toBe(200);
    const sent = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    expect(received).toMatchObject([sent, sent]);
  });

  it('does not cause a stream to be sent again: the refusal is returned, and the next call has a new token', async () => {
    const { origin, received } = await serve(acceptsFrom(2));
    const fetch = authorizedFetch(authorityOf(origin).authority);
    const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' };
    const response = await fetch('users', init);
    expect([response.status, await response.text()]).toEqual([401, '{"code":"invalid_token"}']);
    expect(received).toMatchObject([{ body: 'streamed' }]);
    expect((await fetch('users')).status).toBe(200);
  });

  it('is repeated exactly once by a server that refuses everything, whose answer is returned', async () => {
    const { origin, received } = await serve(acceptsFrom(Number.POSITIVE_INFINITY));
    const { authority, issued } = authorityOf(origin);
    const response = await authorizedFetch(authority)('users');
    expect([response.status, await response.text()]).toEqual([401, '{"code":"invalid_token"}']);
    expect(received).toHaveLength(2);
    expect(issued()).toBe(2);
  });

  it('costs one renewal for a hundred concurrent requests, all of which succeed', async () => {
    const { origin, received } = await serve(acceptsFrom(2));
    const { authority, issued } = authorityOf(origin);
    const fetch = authorizedFetch(authority);
    const responses = await Promise.all(Array.from({ length: 100 }, (_, index) => fetch(`users/${index}`)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(issued()).toBe(2);
    expect(received).toHaveLength(200);
  });

  it('rejects with the AuthError of a renewal that fails', async () => {
    const { origin, received } = await serve(acceptsFrom(2));
    const { authority } = authorityOf(origin);
    const locked = new AuthError('The account is locked.', { code: 'locked', provider: 'acme', operation: 'token' });
    const renewing: Authority = {
      ...authority,
      authorize: (request, options) => (received.length === 0 ? authority.authorize(request, options) : Promise.reject(locked)),
    };
    expect(await rejectionOf(authorizedFetch(renewing)('users'))).toBe(locked);
  });
});

describe('a refusal that is not about the token', () => {
  it.each([400, 403, 404, 429, 500, 503])('is returned as it came, with its body to be read: %d', async (status) => {
    const { origin, received } = await serve((_, response) => response.writeHead(status, { 'x-own': 'kept' }).end('{"code":"plan"}'));
    const { authority, issued } = authorityOf(origin);
    const response = await authorizedFetch(authority)('users');
    expect([response.status, response.headers.get('x-own'), await response.json()]).toEqual([status, 'kept', { code: 'plan' }]);
    expect(received).toHaveLength(1);
    expect(issued()).toBe(1);
  });

  it('keeps its body when the authority had to read it to know', async () => {
    const { origin } = await serve((_, response) => response.writeHead(403).end('{"code":"plan"}'));
    const isTokenRefused: TokenAuthorityOptions['isTokenRefused'] = async (response) =>
      (await response.clone().text()).includes('invalid_token');
    const response = await authorizedFetch(authorityOf(origin, { isTokenRefused }).authority)('users');
    expect(await response.json()).toEqual({ code: 'plan' });
  });

  it('is never looked for in a success', async () => {
    const { origin } = await serve(ok);
    const { authority } = authorityOf(origin);
    let asked = 0;
    const counting: Authority = {
      ...authority,
      shouldRetry: async () => {
        asked += 1;
        return 'token';
      },
    };
    await authorizedFetch(counting)('users');
    expect(asked).toBe(0);
  });
});

describe('a signal', () => {
  const reason = new Error('the caller’s own reason');

  it.each<[string, (fetch: Fetch, url: string, signal: AbortSignal) => Promise<Response>]>([
    ['in init', (fetch, url, signal) => fetch(url, { signal })],
    ['of a Request', (fetch, url, signal) => fetch(new Request(url, { signal }))],
  ])('%s ends a request that is under way, with its own reason', async (_, send) => {
    const controller = new AbortController();
    const { origin } = await serve(() => controller.abort(reason));
    const fetch = authorizedFetch(authorityOf(origin).authority);
    expect(await rejectionOf(send(fetch, `${origin}/v1/users`, controller.signal))).toBe(reason);
  });

  it('ends the wait for a token, with its own reason, and nothing is sent', async () => {
    const { origin, received } = await serve(ok);
    const controller = new AbortController();
    const tokens = managed({
      token: () => {
        queueMicrotask(() => controller.abort(reason));
        return new Promise(() => {});
      },
    });
    const fetch = authorizedFetch(authorityOf(origin, { tokens }).authority);
    expect(await rejectionOf(fetch('users', { signal: controller.signal }))).toBe(reason);
    expect(received).toHaveLength(0);
  });

  it('stays in force after a redirect of a Request', async () => {
    const controller = new AbortController();
    const { origin } = await serve(({ url }, response) => {
      if (url === '/v1/from') response.writeHead(302, { location: 'to' }).end();
      else controller.abort(reason);
    });
    const fetch = authorizedFetch(authorityOf(origin).authority);
    expect(await rejectionOf(fetch(new Request(`${origin}/v1/from`, { signal: controller.signal })))).toBe(reason);
  });
});
