import { inspect } from 'node:util';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { explain } from '../../test/authority-of.ts';
import { lateClock } from '../../test/late-clock.ts';
import { type Answer, answering, serve } from '../../test/local-server.ts';
import { pending } from '../../test/pending.ts';
import { rejectionOf } from '../../test/rejection-of.ts';
import type { Authority, Fetch, Token } from '../authority.ts';
import { AuthError } from '../errors.ts';
import { managed } from '../managed.ts';
import type { ApiPromise } from '../provider.ts';
import { fakeClock } from '../testing/index.ts';
import type { ErrorAnswer, HttpOptions, HttpRequest } from './http.ts';
import { createHttp, readErrorAnswer } from './http.ts';
import { parser } from './schema-parser.ts';
import { serverClock } from './server-clock.ts';
import { tokenAuthority } from './token-authority.ts';

interface Data {
  readonly user: { readonly token: string };
}
const parseAnswer: (input: unknown) => Data = parser(v.object({ user: v.object({ token: v.string() }) }));
const answer: Data = { user: { token: 'abc' } };
const fine = answering(200, JSON.stringify(answer));
const as: Token = { value: 'hunter2-token', issuedAt: 0, expiresAt: null };
const headersOf = ({ value }: Token) => ({ authorization: `Bearer ${value}` });

/** A server with this answer, and requests to it that carry secrets wherever one can be: path, query, headers, body. */
const open = async (answerWith: Answer, options: Partial<HttpOptions> = {}) => {
  const { origin, received, close } = await serve(answerWith);
  const baseUrl = `${origin}/v1/`;
  const { request } = createHttp({
    provider: 'acme',
    baseUrl,
    fetch: globalThis.fetch,
    headers: { 'app-key': 'hunter2-key' },
    headersOf,
    explain: ({ status }) => ({ code: status === 401 ? 'invalid_credentials' : 'unavailable', message: `Acme says ${status}.` }),
    ...options,
  });
  const send = (changes: Partial<HttpRequest<Data>> = {}): ApiPromise<Data> =>
    request({
      operation: 'api.createToken',
      method: 'POST',
      path: 'token',
      query: { hint: 'hunter2-query', absent: undefined },
      json: () => ({ secret: 'hunter2-body', absent: undefined }),
      parse: parseAnswer,
      ...changes,
    });
  return { baseUrl, received, close, send };
};

/** Everything that a log could show of an error. */
const shown = (error: unknown): string => {
  const own = error instanceof Error ? `${error.stack} ${inspect(error.cause)}` : '';
  return [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error), own].join('\n');
};

describe('a vendor that repeats what was sent', () => {
  const repeats: HttpOptions['explain'] = ({ body }) => ({
    code: 'invalid_credentials',
    message: 'Acme says no.',
    vendorCode: String(body),
    requestId: String(body),
  });
  const authority = () =>
    tokenAuthority({
      provider: 'acme',
      baseUrl: 'http://127.0.0.1/',
      transport: fetch,
      tokens: managed({ token: async () => as }),
      headersOf,
      isTokenRefused: async () => false,
      explain,
    });

  it.each<[string, string, Partial<HttpRequest<Data>>]>([
    ['a key', 'hunter2-key', {}],
    ['a token', 'hunter2-token', { as }],
    ['a parameter', 'hunter2-query', {}],
    ['a body', 'hunter2-body', {}],
    ['a form', 'hunter2-form', { json: undefined, form: () => ({ client_secret: 'hunter2-form' }) }],
    ['a secret within a word', 'bad_hunter2-body', {}],
  ])('puts %s into neither the code nor the id of the error', async (_, secret, request) => {
    const { send } = await open(answering(400, secret), { explain: repeats });
    const error = await rejectionOf(send(request));
    expect(error).toMatchObject({ code: 'invalid_credentials', status: 400, vendorCode: undefined, requestId: undefined });
    expect(shown(error)).not.toContain('hunter2');
  });

  it('puts the token of an authority into neither', async () => {
    const { send, baseUrl } = await open(answering(400, 'hunter2-token'), { explain: repeats });
    const error = await rejectionOf(
      send({ as: { ...authority(), baseUrl, authorize: async () => ({ headers: headersOf(as), bodyFields: null, token: as }) } }),
    );
    expect(error).toMatchObject({ status: 400, vendorCode: undefined, requestId: undefined });
  });

  it('may say its own words', async () => {
    const { send } = await open(answering(400, 'invalid_grant'), { explain: repeats });
    expect(await rejectionOf(send())).toMatchObject({ vendorCode: 'invalid_grant', requestId: 'invalid_grant' });
  });
});

describe('a request', () => {
  it('carries path, query, headers and JSON, without what is undefined', async () => {
    const { received, send } = await open(fine);
    await send();
    const headers = { 'app-key': 'hunter2-key', 'content-type': 'application/json' };
    expect(received).toMatchObject([{ method: 'POST', url: '/v1/token?hint=hunter2-query', headers, body: '{"secret":"hunter2-body"}' }]);
    expect(received[0]?.headers.authorization).toBeUndefined();
  });

  it('sends the credential headers of the token that it is given, once', async () => {
    const { received, send } = await open(answering(401));
    expect(await rejectionOf(send({ as }))).toMatchObject({ code: 'invalid_credentials' });
    expect(received).toMatchObject([{ headers: { authorization: 'Bearer hunter2-token', 'app-key': 'hunter2-key' } }]);
  });

  it('renews a refused token once, on behalf of an authority', async () => {
    const { baseUrl, received, send } = await open((request, response) =>
      (request.headers.authorization === 'Bearer t2' ? fine : answering(401, '{}'))(request, response),
    );
    let count = 0;
    const token = async (): Promise<Token> => {
      count += 1;
      return { value: `t${count}`, issuedAt: Date.now(), expiresAt: null };
    };
    const isTokenRefused = async ({ status }: Response) => status === 401;
    const parts = {
      provider: 'acme',
      baseUrl,
      transport: globalThis.fetch,
      tokens: managed({ token }),
      explain,
      headersOf,
      isTokenRefused,
    };
    expect(await send({ as: tokenAuthority(parts) })).toEqual(answer);
    expect(received.map(({ body }) => body)).toEqual(Array(2).fill('{"secret":"hunter2-body"}'));
  });

  it('carries a form where the vendor wants one, without what is undefined', async () => {
    const { received, send } = await open(fine);
    await send({ json: undefined, form: () => ({ grant_type: 'refresh_token', refresh_token: 'a+b/c=', scope: undefined }) });
    const headers = { 'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/) };
    expect(received).toMatchObject([{ headers, body: 'grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D' }]);
  });

  it('is not sent when its JSON cannot be made, and rejects with the reason', async () => {
    const { received, send } = await open(fine);
    const reason = new RangeError('no secret of that length');
    const json = (): never => {
      throw reason;
    };
    expect(await rejectionOf(send({ json, idempotent: false }))).toBe(reason);
    expect(received).toHaveLength(0);
  });
});

describe('an answer', () => {
  it('resolves to its parsed data, and to everything with withResponse(), from one call', async () => {
    const { received, send } = await open(answering(201, JSON.stringify(answer), { 'x-request-id': '17' }));
    const promise = send();
    const { data, status, headers } = await promise.withResponse();
    expect([await promise, data, status, headers.get('x-request-id')]).toEqual([answer, answer, 201, '17']);
    expect(received).toHaveLength(1);
  });

  it.each<[string, number, string, unknown]>([
    ['JSON', 200, '{"a":[1]}', { a: [1] }],
    ['text', 200, 'not JSON', 'not JSON'],
    ['XML', 200, '<error>1</error>', '<error>1</error>'],
    ['a number', 200, '17', 17],
    ['a text in several bytes', 200, '"žluťoučký"', 'žluťoučký'],
    ['nothing', 200, '', null],
    ['blank', 200, ' \n', null],
    ['nothing, by its status', 204, '', null],
  ])('that is %s is given to parse, and to the vendor’s table in a refusal', async (_, status, body, parsed) => {
    const given: unknown[] = [];
    const parse = (input: unknown): Data => {
      given.push(input);
      return answer;
    };
    const explain: HttpOptions['explain'] = (refusal) => {
      given.push(refusal.body);
      return { code: 'unavailable', message: 'It failed.' };
    };
    await (await open(answering(status, body))).send({ parse });
    await rejectionOf((await open(answering(500, body), { explain })).send());
    expect(given).toEqual([parsed, parsed]);
  });

  it.each<[string, string, string]>([
    ['lacks a member', '{"user":{}}', 'user.token should be'],
    ['has another type', '{"user":{"token":{"value":"hunter2-answer"}}}', 'user.token should be string'],
    ['is an HTML page', '<html>hunter2-answer</html>', 'the body should be Object'],
    ['is JSON cut short', '{"user":{"token":"hunter2-answer', 'the body should be Object'],
    ['is empty', '', 'the body should be Object'],
  ])('that %s is `invalid_response`, naming the place and never the value', async (_, body, place) => {
    const error = await rejectionOf((await open(answering(200, body))).send({ as }));
    const facts = { code: 'invalid_response', status: 200, operation: 'api.createToken', provider: 'acme', retryable: false };
    expect(error).toMatchObject({ ...facts, message: expect.stringContaining(place) });
    expect(shown(error)).not.toContain('hunter2');
  });

  it('that parse fails on in any other way shows nothing of that, and leaves unknown what a call made once did', async () => {
    const { send } = await open(answering(200, '{"token":"hunter2-answer"}'));
    const parse = (input: unknown): never => {
      throw new Error(JSON.stringify(input));
    };
    for (const idempotent of [true, false]) {
      const error = await rejectionOf(send({ parse, idempotent }));
      expect(error).toMatchObject({ code: idempotent ? 'invalid_response' : 'outcome_unknown', status: 200 });
      expect(shown(error)).not.toContain('hunter2');
    }
  });

  it('of 1,048,576 bytes is read, a longer one is `invalid_response`', async () => {
    const parse = () => answer;
    expect(await (await open(answering(200, 'x'.repeat(1_048_576)))).send({ parse })).toBe(answer);
    const error = await rejectionOf((await open(answering(200, 'x'.repeat(1_048_577)))).send({ parse }));
    expect(error).toMatchObject({ code: 'invalid_response' });
  });
});

describe('a refusal', () => {
  it('is explained by the vendor’s table, which gets all that is known, also whether the request carried a token', async () => {
    const seen: ErrorAnswer[] = [];
    const explain: HttpOptions['explain'] = (refusal) => {
      seen.push(refusal);
      return { code: 'locked', message: 'The account is locked.', vendorCode: '10001', requestId: '17' };
    };
    const { send } = await open(answering(401, '{"code":10001}', { 'x-request-id': '17', 'retry-after': '120' }), { explain });
    const error = await rejectionOf(send());
    await rejectionOf(send({ as }));
    const known = { operation: 'api.createToken', status: 401, body: { code: 10001 } };
    expect(seen).toMatchObject([false, true].map((hasToken) => ({ ...known, hasToken })));
    expect(seen[0]?.headers.get('x-request-id')).toBe('17');
    const explained = { code: 'locked', vendorCode: '10001', requestId: '17' };
    const facts = { ...explained, provider: 'acme', operation: 'api.createToken', status: 401, retryAfter: 120_000, retryable: false };
    expect({ ...(error instanceof AuthError ? error : {}) }).toEqual(facts);
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Fri, 31 Dec 1999 23:59:59 GMT', undefined],
    ['soon', undefined],
    ['-1', undefined],
    // By the vendor's clock.
    ['Fri, 02 Jan 2026 00:01:00 GMT', 60_000],
  ])('with Retry-After %j asks to wait %s ms', async (retryAfter, expected) => {
    const { send } = await open(answering(429, '', { 'retry-after': retryAfter, date: 'Fri, 02 Jan 2026 00:00:00 GMT' }));
    expect(await rejectionOf(send())).toMatchObject({ status: 429, retryAfter: expected });
  });

  it('with Retry-After as a date asks to wait until then, by the own clock where the answer has no date', async () => {
    const clock = serverClock(fakeClock({ now: Date.UTC(2026, 0, 1) }));
    const undated: Answer = (request, response) => {
      response.sendDate = false;
      answering(429, '', { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' })(request, response);
    };
    const { send } = await open(undated, { clock });
    expect(await rejectionOf(send())).toMatchObject({ status: 429, retryAfter: 60_000 });
  });

  it('may be a redirect, which is not followed', async () => {
    const other = await serve(fine);
    const { received, send } = await open(answering(302, '', { location: `${other.origin}/v1/token` }));
    expect(await rejectionOf(send())).toMatchObject({ code: 'unavailable', status: 302 });
    expect([received.length, other.received.length]).toEqual([1, 0]);
  });

  it('is read the same way from the answer to an authorised request', async () => {
    const read = await readErrorAnswer(new Response('{"code":1}', { status: 403 }));
    expect(read).toMatchObject({ operation: 'authorizedFetch', status: 403, hasToken: true, body: { code: 1 } });
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('down')) });
    expect(await readErrorAnswer(new Response(broken, { status: 403 }))).toMatchObject({ status: 403, body: null });
  });

  it.each([401, 500])('shows no secret of request or answer: %d', async (status) => {
    const error = await rejectionOf((await open(answering(status, '{"echo":"hunter2-answer"}'))).send({ as }));
    expect(AuthError.is(error)).toBe(true);
    expect(shown(error)).not.toContain('hunter2');
  });
});

describe('the transport', () => {
  const TIMEOUT = 3_600_000;
  const http = (transport: Fetch, options: Partial<HttpOptions> = {}) => {
    const explain: HttpOptions['explain'] = () => ({ code: 'unavailable', message: 'It failed.' });
    const { request } = createHttp({
      provider: 'acme',
      baseUrl: 'https://api.acme.example/v1/',
      fetch: transport,
      headersOf,
      explain,
      ...options,
    });
    return (changes: Partial<HttpRequest<unknown>> = {}) =>
      request({ operation: 'api.createToken', method: 'POST', path: 'token', parse: (body) => body, ...changes });
  };
  const isIdempotent = [true, false];

  it.each([undefined, null, 'text', {}, { status: 200 }, { ok: true, json: async () => ({}) }])(
    'is named when it answers %j instead of a Response',
    async (answer) => {
      const send = http(async () => answer as unknown as Response);
      const message = expect.stringContaining('something else than a Response');
      expect(await rejectionOf(send())).toMatchObject({ code: 'misconfigured', message });
      expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown', message });
    },
  );

  it('is called with a URL and options, as no method of anything', async () => {
    const calls: unknown[] = [];
    const transport = function (this: unknown, input: unknown, init?: RequestInit) {
      calls.push([this, input, { ...init, signal: init?.signal instanceof AbortSignal }]);
      return Promise.resolve(Response.json({}));
    };
    const send = http(transport, { headers: { 'app-key': 'k' } });
    await send({ as, query: { page: 2, q: 'a b' }, json: () => ({ a: 1 }) });
    await send({ method: 'GET' });
    await send({ form: () => ({ a: 'b c' }) });
    const always = { signal: true, cache: 'no-store', redirect: 'manual' };
    const headers = { 'app-key': 'k', authorization: 'Bearer hunter2-token', 'content-type': 'application/json' };
    const form = { 'app-key': 'k', 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
    expect(calls).toEqual([
      [undefined, 'https://api.acme.example/v1/token?page=2&q=a+b', { ...always, method: 'POST', headers, body: '{"a":1}' }],
      [undefined, 'https://api.acme.example/v1/token', { ...always, method: 'GET', headers: { 'app-key': 'k' } }],
      [undefined, 'https://api.acme.example/v1/token', { ...always, method: 'POST', headers: form, body: 'a=b+c' }],
    ]);
  });

  it('is asked for no cache mode by a runtime that has none', async () => {
    const inits: (RequestInit | undefined)[] = [];
    vi.stubGlobal(
      'Request',
      class {
        readonly url: string;
        readonly headers: Headers;
        constructor(url: string, init?: RequestInit) {
          this.url = url;
          this.headers = new Headers(init?.headers);
        }
      },
    );
    await http(async (_, init) => {
      inits.push(init);
      return Response.json({});
    })();
    expect(inits).toHaveLength(1);
    expect(inits[0]).not.toHaveProperty('cache');
  });

  it('that fails before the request leaves is told with the code of the system and with advice, and nothing is unclear', async () => {
    const send = http(async () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('hunter2'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }) });
    });
    for (const idempotent of isIdempotent) {
      const error = await rejectionOf(send({ idempotent }));
      expect(error).toMatchObject({ code: 'unavailable', retryable: true, vendorCode: 'SELF_SIGNED_CERT_IN_CHAIN' });
      expect(error).toHaveProperty(
        'message',
        'api.acme.example cannot be reached: its certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN). Nothing was sent. If it comes from a private CA, or from a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS (Deno: DENO_CERT) to the file with the certificate of that CA.',
      );
      expect(shown(error)).not.toContain('hunter2');
    }
  });

  it('that fails later is told with the code of the system', async () => {
    const send = http(async () => {
      throw Object.assign(new TypeError('hunter2'), { code: 'ECONNRESET' });
    });
    const message = expect.stringContaining('The connection to api.acme.example broke (ECONNRESET).');
    expect(await rejectionOf(send())).toMatchObject({ code: 'unavailable', vendorCode: 'ECONNRESET', message });
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown', vendorCode: 'ECONNRESET', message });
  });

  it.each([
    ['alone', {}],
    ['of a failure before the request left', { syscall: 'connect' }],
  ])('whose code repeats what was sent, %s, is told without it', async (_, more) => {
    const secret = 'HUNTER2_KEY';
    const send = http(async () => {
      throw Object.assign(new TypeError('fetch failed'), { code: secret, ...more });
    });
    for (const idempotent of isIdempotent) {
      const error = await rejectionOf(send({ idempotent, json: () => ({ secret }) }));
      expect(error).toMatchObject({ vendorCode: undefined });
      expect(shown(error)).not.toContain(secret);
    }
  });

  it.each(['code', 'digest'])('whose error throws when its %s is read has failed like any other', async (name) => {
    const error = Object.defineProperty({}, name, {
      get() {
        throw new Error('hunter2');
      },
    });
    const send = http(() => Promise.reject(error));
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown' });
  });

  it('that fails after the answer has begun has sent the request, whatever its error looks like', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
    const send = http(async () => new Response(new ReadableStream({ pull: (controller) => controller.error(refused) })));
    const message = expect.stringContaining('The connection to api.acme.example broke (ECONNREFUSED).');
    expect(await rejectionOf(send())).toMatchObject({ code: 'unavailable', message });
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown', message });
  });

  it.each(['//evil.example/x', '/\\evil.example/x', 'https://evil.example/x'])('is not called for %s, on another origin', async (path) => {
    const calls: unknown[] = [];
    const send = http(async (input) => {
      calls.push(input);
      return Response.json({});
    });
    expect(await rejectionOf(send({ path, idempotent: false }))).toMatchObject({ code: 'foreign_origin' });
    expect(calls).toEqual([]);
  });

  it('behind a proxy that wants credentials has sent nothing to the vendor', async () => {
    const send = http(async () => new Response('who are you?', { status: 407 }));
    const message = expect.stringMatching(/proxy .* wants credentials\. Nothing was sent\./);
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'unavailable', status: 407, message });
  });

  it('that follows a redirect by itself is refused', async () => {
    const send = http(async () => Object.defineProperty(Response.json({}), 'redirected', { value: true }));
    const message = expect.stringContaining('The fetch option followed a redirect');
    expect(await rejectionOf(send())).toMatchObject({ code: 'misconfigured', message });
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown', message });
  });

  it('whose framework steers its rendering by what it throws is let through', async () => {
    const controlFlow = Object.assign(new Error('Dynamic server usage'), { digest: 'DYNAMIC_SERVER_USAGE' });
    for (const idempotent of isIdempotent)
      expect(await rejectionOf(http(() => Promise.reject(controlFlow))({ idempotent }))).toBe(controlFlow);
  });

  it('that ignores its signal is not waited for, neither by a caller who leaves nor after the deadline', async () => {
    const clock = fakeClock();
    const controller = new AbortController();
    const arrived = pending<void>();
    const answers: ReturnType<typeof pending<Response>>[] = [];
    const send = http(
      () => {
        const answer = pending<Response>();
        answers.push(answer);
        arrived.succeed();
        if (answers.length > 1) queueMicrotask(() => clock.advance(TIMEOUT));
        return answer.result;
      },
      { clock: serverClock(clock), timeout: TIMEOUT },
    );
    const left = rejectionOf(send({ signal: controller.signal }));
    await arrived.result;
    controller.abort();
    expect(await left).toMatchObject({ code: 'aborted' });
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown' });
    // What comes late is released.
    const released = await Promise.all(
      answers.map(
        ({ succeed }) => new Promise((resolve) => succeed(new Response(new ReadableStream({ cancel: () => resolve('released') })))),
      ),
    );
    expect(released).toEqual(['released', 'released']);
  });

  it.each([
    ['comes to no end', () => {}],
    ['never pauses', (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1))],
  ])('whose body %s is left at once by a caller who aborts, and is released', async (_, pull) => {
    const released = pending();
    const reading = pending();
    const controller = new AbortController();
    const source: UnderlyingDefaultSource = {
      pull: async (stream) => {
        reading.succeed('reading');
        await new Promise((resolve) => setImmediate(resolve));
        pull(stream);
      },
      cancel: () => released.succeed('released'),
    };
    // Not pulled before it is read.
    const body = new ReadableStream(source, { highWaterMark: 0 });
    const left = rejectionOf(http(async () => new Response(body))({ signal: controller.signal }));
    await reading.result;
    controller.abort();
    expect(await left).toMatchObject({ code: 'aborted' });
    expect(await released.result).toBe('released');
  });

  it('is not called for a caller who leaves while the client is loaded', async () => {
    let calls = 0;
    const controller = new AbortController();
    const send = http(async () => {
      calls += 1;
      return Response.json({});
    });
    const left = rejectionOf(send({ idempotent: false, signal: controller.signal }));
    controller.abort();
    expect(await left).toMatchObject({ code: 'aborted', message: 'The caller aborted the request before it was sent.' });
    await send();
    expect(calls).toBe(1);
  });

  it('is not called when the token for the request does not come in time', async () => {
    const clock = fakeClock();
    const authority: Authority = {
      baseUrl: 'https://api.acme.example/v1/',
      transport: globalThis.fetch,
      authorize: () => {
        queueMicrotask(() => clock.advance(TIMEOUT));
        return new Promise(() => {});
      },
      shouldRetry: async () => null,
      errorOf: () => expect.unreachable('Nobody asked.'),
      status: () => expect.unreachable('Nobody asked.'),
    };
    const send = http(() => expect.unreachable('It was sent.'), { clock: serverClock(clock), timeout: TIMEOUT });
    const error = await rejectionOf(send({ as: authority, idempotent: false }));
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('Nothing was sent') });
  });

  it('whose answer arrives while the process stands still is not given up', async () => {
    const { clock, settle, standStill } = lateClock();
    const send = http(
      async () => {
        // The timer comes first, and then what arrived meanwhile.
        standStill(TIMEOUT);
        await settle(TIMEOUT);
        return Response.json({ arrived: true });
      },
      { clock: serverClock(clock), timeout: TIMEOUT },
    );
    expect(await send({ idempotent: false })).toEqual({ arrived: true });
  });
});

describe('an unclear outcome', () => {
  // So long that only the fake clock gets there.
  const TIMEOUT = 3_600_000;
  const clock = fakeClock();
  const reset: Answer = (_, response) => void response.socket?.destroy();
  const hanging: Answer = () => clock.advance(TIMEOUT);
  const cutShort: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"user"', () => response.socket?.destroy());
  };
  const stalling: Answer = (_, response) => void response.writeHead(200).write('{"user"');

  it.each<[string, string, Answer]>([
    ['a connection that breaks', 'unavailable', reset],
    ['an answer that breaks off', 'unavailable', cutShort],
    ['no answer in time', 'timeout', hanging],
    ['an answer that does not end in time', 'timeout', stalling],
    ['a gateway that failed', 'unavailable', answering(502, 'Bad Gateway')],
    ['a gateway that gave up', 'unavailable', answering(504, 'Gateway Timeout')],
  ])('after %s is `%s` where the call may be repeated, and `outcome_unknown` where not', async (_, code, behave) => {
    // The time passes while the body is waited for.
    const learn = () => (behave === stalling ? queueMicrotask(() => clock.advance(TIMEOUT)) : undefined);
    const { received, send } = await open(behave, { clock: { ...serverClock(clock), learn }, timeout: TIMEOUT });
    const repeatable = await rejectionOf(send({ method: 'GET', json: undefined }));
    const once = await rejectionOf(send({ idempotent: false }));
    expect(repeatable).toMatchObject({ code, retryable: true });
    expect(once).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'api.createToken' });
    expect(shown([repeatable, once])).not.toContain('hunter2');
    // Neither was tried again.
    expect(received).toHaveLength(2);
  });

  it('after a gateway’s failure keeps what is known of it', async () => {
    const { send } = await open(answering(502, '', { 'retry-after': '7' }));
    expect(await rejectionOf(send({ idempotent: false }))).toMatchObject({ code: 'outcome_unknown', status: 502, retryAfter: 7_000 });
  });

  it('is none when the vendor itself answers: the call says why, and is not sent again, not even a GET', async () => {
    const { received, send } = await open(answering(503, '', { 'retry-after': '0' }));
    for (const idempotent of [false, true]) {
      const error = await rejectionOf(send({ idempotent, method: 'GET', json: undefined }));
      expect(error).toMatchObject({ code: 'unavailable', status: 503, retryAfter: 0 });
    }
    expect(received).toHaveLength(2);
  });

  it('is none when nothing was sent', async () => {
    const { close, send } = await open(fine);
    await close();
    for (const idempotent of [false, true]) {
      const error = await rejectionOf(send({ idempotent }));
      expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Nothing was sent') });
      expect(shown(error)).not.toContain('hunter2');
    }
  });

  it('follows from a caller who stops waiting after it was sent, where the call must not be repeated', async () => {
    for (const idempotent of [false, true]) {
      const controller = new AbortController();
      const { send } = await open(() => controller.abort(new Error('hunter2-reason')));
      const error = await rejectionOf(send({ idempotent, signal: controller.signal }));
      expect(error).toMatchObject({ code: idempotent ? 'aborted' : 'outcome_unknown' });
      expect(shown(error)).not.toContain('hunter2');
    }
  });

  it('does not follow from a caller who stopped before it was sent', async () => {
    const { received, send } = await open(fine);
    expect(await rejectionOf(send({ idempotent: false, signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
    expect(received).toHaveLength(0);
  });
});

describe('a rejection', () => {
  it('reaches whichever of the two is awaited, and is never unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const all = Promise.withResolvers<void>();
    let explained = 0;
    const explain: HttpOptions['explain'] = () => {
      explained += 1;
      if (explained === 3) all.resolve();
      return { code: 'locked', message: 'It is locked.' };
    };
    const { send } = await open(answering(401), { explain });
    send();
    const [data, whole] = [send(), send()];
    expect(await rejectionOf(data)).toMatchObject({ code: 'locked' });
    expect(await rejectionOf(whole.withResponse())).toMatchObject({ code: 'locked' });
    await all.promise;
    // Node reports unhandled rejections after the microtasks of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});
