import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import type { Token } from '../authority.ts';
import { AuthError } from '../errors.ts';
import { managed } from '../managed.ts';
import type { ApiPromise } from '../provider.ts';
import type { ErrorAnswer, HttpOptions, HttpRequest } from './http.ts';
import { createHttp, readErrorAnswer } from './http.ts';
import { parser } from './schema-parser.ts';
import { tokenAuthority } from './token-authority.ts';

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const serve = async (answer: (response: ServerResponse, request: Received) => void) => {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    received.push(request);
    answer(response, request);
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
  return { baseUrl: `http://127.0.0.1:${address.port}/v1/`, received };
};

const parseAnswer: (input: unknown) => { readonly user: { readonly token: string } } = parser(
  v.object({ user: v.object({ token: v.string() }) }),
);
const answer = { user: { token: 'abc' } };

/** Sends one request that carries secrets wherever one can be: path, query, headers, body. */
const sending = (
  baseUrl: string,
  request: Partial<HttpRequest<{ readonly user: { readonly token: string } }>> = {},
  options: Partial<HttpOptions> = {},
): ApiPromise<{ readonly user: { readonly token: string } }> =>
  createHttp({
    provider: 'acme',
    baseUrl,
    fetch: globalThis.fetch,
    headers: { 'app-key': 'hunter2-key' },
    headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
    explain: ({ status }) => ({ code: status === 401 ? 'invalid_credentials' : 'unavailable', message: `Acme says ${status}.` }),
    ...options,
  }).request({
    operation: 'api.createToken',
    method: 'POST',
    path: 'token',
    query: { hint: 'hunter2-query', absent: undefined },
    json: () => ({ secret: 'hunter2-body', absent: undefined }),
    parse: parseAnswer,
    ...request,
  });

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it resolved',
    (reason: unknown) => reason,
  );

/** Everything that a log could show of an error. */
const shown = (error: unknown): string =>
  [
    inspect(error, { depth: 10, showHidden: true }),
    JSON.stringify(error),
    String(error),
    error instanceof Error ? `${error.stack} ${inspect(error.cause)}` : '',
  ].join('\n');

const answering =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): ((response: ServerResponse) => void) =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

describe('a request', () => {
  it('carries path, query, headers and JSON, without what is undefined', async () => {
    const { baseUrl, received } = await serve(answering(200, JSON.stringify(answer)));
    await sending(baseUrl);
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: '/v1/token?hint=hunter2-query',
        headers: { 'app-key': 'hunter2-key', 'content-type': 'application/json' },
        body: '{"secret":"hunter2-body"}',
      },
    ]);
    expect(received[0]?.headers.authorization).toBeUndefined();
  });

  it('sends the credential headers of the token that it is given', async () => {
    const { baseUrl, received } = await serve(answering(401, ''));
    const error = await rejectionOf(sending(baseUrl, { as: { value: 'hunter2-token', issuedAt: 0, expiresAt: null } }));
    expect(error).toMatchObject({ code: 'invalid_credentials' });
    expect(received).toMatchObject([{ headers: { authorization: 'Bearer hunter2-token', 'app-key': 'hunter2-key' } }]);
  });

  it('renews a refused token once, on behalf of an authority', async () => {
    const { baseUrl, received } = await serve((response, { headers }) =>
      headers.authorization === 'Bearer t2' ? answering(200, JSON.stringify(answer))(response) : answering(401, '{}')(response),
    );
    let count = 0;
    const tokens = managed({
      token: async (): Promise<Token> => {
        count += 1;
        return { value: `t${count}`, issuedAt: Date.now(), expiresAt: null };
      },
    });
    const authority = tokenAuthority({
      provider: 'acme',
      baseUrl,
      transport: globalThis.fetch,
      tokens,
      headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
      isTokenRefused: async ({ status }) => status === 401,
    });
    expect(await sending(baseUrl, { as: authority })).toEqual(answer);
    expect(received).toMatchObject([{ body: '{"secret":"hunter2-body"}' }, { body: '{"secret":"hunter2-body"}' }]);
  });

  it('carries a form where the vendor wants one, without what is undefined', async () => {
    const { baseUrl, received } = await serve(answering(200, JSON.stringify(answer)));
    await sending(baseUrl, { json: undefined, form: () => ({ grant_type: 'refresh_token', refresh_token: 'a+b/c=', scope: undefined }) });
    expect(received).toMatchObject([
      {
        headers: { 'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/) },
        body: 'grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D',
      },
    ]);
  });

  it('is not sent when its JSON cannot be made, and rejects with the reason', async () => {
    const { baseUrl, received } = await serve(answering(200, JSON.stringify(answer)));
    const reason = new RangeError('no secret of that length');
    const json = (): never => {
      throw reason;
    };
    expect(await rejectionOf(sending(baseUrl, { json, idempotent: false }))).toBe(reason);
    expect(received).toHaveLength(0);
  });
});

describe('an answer', () => {
  it('resolves to its parsed data, and to everything with withResponse(), from one call', async () => {
    const { baseUrl, received } = await serve(answering(201, JSON.stringify(answer), { 'x-request-id': '17' }));
    const promise = sending(baseUrl);
    const { data, status, headers } = await promise.withResponse();
    expect([await promise, data, status, headers.get('x-request-id')]).toEqual([answer, answer, 201, '17']);
    expect(received).toHaveLength(1);
  });

  it.each<[string, number, string, unknown]>([
    ['JSON', 200, '{"a":[1]}', { a: [1] }],
    ['text', 200, 'not JSON', 'not JSON'],
    ['a number', 200, '17', 17],
    ['a text in several bytes', 200, '"žluťoučký"', 'žluťoučký'],
    ['nothing', 200, '', null],
    ['blank', 200, ' \n', null],
    ['nothing, by its status', 204, '', null],
  ])('that is %s is given to parse', async (_, status, body, parsed) => {
    const { baseUrl } = await serve(answering(status, body));
    let given: unknown = 'nothing was given';
    const parse = (input: unknown): typeof answer => {
      given = input;
      return answer;
    };
    await sending(baseUrl, { parse });
    expect(given).toEqual(parsed);
  });

  it.each<[string, string, string]>([
    ['lacks a member', '{"user":{}}', 'user.token should be'],
    ['has another type', '{"user":{"token":{"value":"hunter2-answer"}}}', 'user.token should be string'],
    ['is an HTML page', '<html>hunter2-answer</html>', 'the body should be Object'],
    ['is JSON cut short', '{"user":{"token":"hunter2-answer', 'the body should be Object'],
    ['is empty', '', 'the body should be Object'],
  ])('that %s is `invalid_response`, naming the place and never the value', async (_, body, message) => {
    const { baseUrl } = await serve(answering(200, body));
    const error = await rejectionOf(sending(baseUrl));
    expect(error).toMatchObject({
      code: 'invalid_response',
      status: 200,
      operation: 'api.createToken',
      provider: 'acme',
      retryable: false,
    });
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(shown(error)).not.toContain('hunter2');
  });

  it('that parse fails on in any other way shows nothing of that', async () => {
    const { baseUrl } = await serve(answering(200, '{"token":"hunter2-answer"}'));
    const parse = (input: unknown): never => {
      throw new Error(JSON.stringify(input));
    };
    const error = await rejectionOf(sending(baseUrl, { parse }));
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect(shown(error)).not.toContain('hunter2');
  });

  it.each([
    [1_048_576, 'it resolved'],
    [1_048_577, { code: 'invalid_response' }],
  ])('of %d bytes is read: %j', async (size, outcome) => {
    const { baseUrl } = await serve(answering(200, 'x'.repeat(size)));
    const result = await rejectionOf(sending(baseUrl, { parse: () => answer }));
    if (typeof outcome === 'string') expect(result).toBe(outcome);
    else expect(result).toMatchObject(outcome);
  });
});

describe('a refusal', () => {
  it('is explained by the vendor’s table, which gets all that is known', async () => {
    const { baseUrl } = await serve(answering(401, '{"code":10001}', { 'x-request-id': '17', 'retry-after': '120' }));
    const seen: ErrorAnswer[] = [];
    const explain: HttpOptions['explain'] = (refusal) => {
      seen.push(refusal);
      return { code: 'locked', message: 'The account is locked.', vendorCode: '10001', requestId: '17' };
    };
    const error = await rejectionOf(sending(baseUrl, {}, { explain }));
    expect(seen).toMatchObject([{ operation: 'api.createToken', hasToken: false, status: 401, body: { code: 10001 } }]);
    expect({ ...(error instanceof AuthError ? error : {}) }).toEqual({
      code: 'locked',
      provider: 'acme',
      operation: 'api.createToken',
      status: 401,
      vendorCode: '10001',
      requestId: '17',
      retryAfter: 120_000,
      retryable: false,
    });
  });

  it.each<[string, string, unknown]>([
    ['JSON', '{"code":1}', { code: 1 }],
    ['XML', '<error>1</error>', '<error>1</error>'],
    ['text', 'Forbidden', 'Forbidden'],
    ['nothing', '', null],
  ])('in %s reaches the table', async (_, body, parsed) => {
    const { baseUrl } = await serve(answering(500, body));
    const seen: unknown[] = [];
    const explain: HttpOptions['explain'] = (refusal) => {
      seen.push(refusal.body);
      return { code: 'unavailable', message: 'It failed.' };
    };
    await rejectionOf(sending(baseUrl, {}, { explain }));
    expect(seen).toEqual([parsed]);
  });

  it('is told apart by whether the request carried a token', async () => {
    const { baseUrl } = await serve(answering(401, ''));
    const seen: boolean[] = [];
    const explain: HttpOptions['explain'] = ({ hasToken }) => {
      seen.push(hasToken);
      return { code: 'invalid_token', message: 'It failed.' };
    };
    await rejectionOf(sending(baseUrl, {}, { explain }));
    await rejectionOf(sending(baseUrl, { as: { value: 'a', issuedAt: 0, expiresAt: null } }, { explain }));
    expect(seen).toEqual([false, true]);
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Fri, 31 Dec 1999 23:59:59 GMT', undefined],
    ['soon', undefined],
    ['-1', undefined],
  ])('with Retry-After %j asks to wait %s ms', async (retryAfter, expected) => {
    const { baseUrl } = await serve(answering(429, '', { 'retry-after': retryAfter }));
    expect(await rejectionOf(sending(baseUrl))).toMatchObject({ status: 429, retryAfter: expected });
  });

  it('with Retry-After as a date asks to wait until then', async () => {
    const { baseUrl } = await serve((response) =>
      answering(429, '', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })(response),
    );
    const error = await rejectionOf(sending(baseUrl));
    const retryAfter = AuthError.is(error) ? error.retryAfter : undefined;
    expect(retryAfter).toBeGreaterThan(50_000);
    expect(retryAfter).toBeLessThanOrEqual(60_000);
  });

  it('is never sent again by itself', async () => {
    const { baseUrl, received } = await serve(answering(503, '', { 'retry-after': '0' }));
    await rejectionOf(sending(baseUrl, { method: 'GET', json: undefined }));
    expect(received).toHaveLength(1);
  });

  it('may be a redirect, which is not followed', async () => {
    const other = await serve(answering(200, JSON.stringify(answer)));
    const { baseUrl, received } = await serve(answering(302, '', { location: `${other.baseUrl}token` }));
    expect(await rejectionOf(sending(baseUrl))).toMatchObject({ code: 'unavailable', status: 302 });
    expect(received).toHaveLength(1);
    expect(other.received).toHaveLength(0);
  });

  it('is read the same way from the answer to an authorised request', async () => {
    expect(await readErrorAnswer(new Response('{"code":1}', { status: 403 }))).toMatchObject({
      status: 403,
      hasToken: true,
      body: { code: 1 },
    });
  });
});

describe('an unclear outcome', () => {
  const hanging = (): void => {};
  const reset = (response: ServerResponse): void => {
    response.socket?.destroy();
  };
  const cutShort = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"user"', () => response.socket?.destroy());
  };
  const stalling = (response: ServerResponse): void => {
    response.writeHead(200).write('{"user"');
  };

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['a connection that breaks', 'unavailable', reset],
    ['an answer that breaks off', 'unavailable', cutShort],
    ['no answer in time', 'timeout', hanging],
    ['an answer that does not end in time', 'timeout', stalling],
    ['a gateway that failed', 'unavailable', answering(502, 'Bad Gateway')],
    ['a gateway that gave up', 'unavailable', answering(504, 'Gateway Timeout')],
  ])('after %s is `%s` where the call may be repeated, and `outcome_unknown` where not', async (_, code, behave) => {
    const { baseUrl, received } = await serve(behave);
    // No shorter where the answer comes: a busy machine takes its time.
    const options = code === 'timeout' ? { timeout: 500 } : {};
    const repeatable = await rejectionOf(sending(baseUrl, {}, options));
    expect(repeatable).toMatchObject({ code, retryable: true });
    const once = await rejectionOf(sending(baseUrl, { idempotent: false }, options));
    expect(once).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'api.createToken' });
    expect(shown([repeatable, once])).not.toContain('hunter2');
    expect(received).toHaveLength(2);
  });

  it('after a gateway’s failure keeps what is known of it', async () => {
    const { baseUrl } = await serve(answering(502, '', { 'retry-after': '7' }));
    expect(await rejectionOf(sending(baseUrl, { idempotent: false }))).toMatchObject({
      code: 'outcome_unknown',
      status: 502,
      retryAfter: 7_000,
    });
  });

  it('is none when the vendor itself answers, so the call that must not be repeated says why', async () => {
    const { baseUrl } = await serve(answering(503, ''));
    expect(await rejectionOf(sending(baseUrl, { idempotent: false }))).toMatchObject({ code: 'unavailable', status: 503 });
  });

  it('does not know the outcome of a call made once whose success it cannot read', async () => {
    const { baseUrl } = await serve(answering(200, '{"token":17}'));
    const parse = (): never => {
      throw new Error('hunter2');
    };
    const [repeatable, once] = [
      await rejectionOf(sending(baseUrl, { parse })),
      await rejectionOf(sending(baseUrl, { parse, idempotent: false })),
    ];
    expect(repeatable).toMatchObject({ code: 'invalid_response', status: 200 });
    expect(once).toMatchObject({ code: 'outcome_unknown', status: 200 });
    expect(shown([repeatable, once])).not.toContain('hunter2');
  });

  it('is none when nothing was sent', async () => {
    const { baseUrl } = await serve(answering(200, ''));
    await opened.pop()?.();
    for (const idempotent of [false, true]) {
      const error = await rejectionOf(sending(baseUrl, { idempotent }));
      expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Nothing was sent') });
      expect(shown(error)).not.toContain('hunter2');
    }
  });

  it('follows from a caller who stops waiting after it was sent', async () => {
    const outcomes: unknown[] = [];
    for (const idempotent of [false, true]) {
      const controller = new AbortController();
      const { baseUrl } = await serve(() => controller.abort(new Error('hunter2-reason')));
      outcomes.push(await rejectionOf(sending(baseUrl, { idempotent, signal: controller.signal })));
    }
    expect(outcomes).toMatchObject([{ code: 'outcome_unknown' }, { code: 'aborted' }]);
    expect(shown(outcomes)).not.toContain('hunter2');
  });

  it('does not follow from a caller who stopped before it was sent', async () => {
    const { baseUrl, received } = await serve(answering(200, JSON.stringify(answer)));
    expect(await rejectionOf(sending(baseUrl, { idempotent: false, signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
    expect(received).toHaveLength(0);
  });
});

describe('a process that stands still beyond its timeout', () => {
  it('keeps the answer that came meanwhile', async () => {
    // In a thread of its own, as this one stands still.
    const server = new Worker(
      `const { parentPort } = require('node:worker_threads');
       const server = require('node:http').createServer((request, response) => {
         request.resume();
         setTimeout(() => response.end('${JSON.stringify(answer)}'), 50);
         parentPort.postMessage('asked');
       });
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
      { eval: true },
    );
    opened.push(async () => void (await server.terminate()));
    const [port] = await once(server, 'message');
    const asked = once(server, 'message');
    const outcome = sending(`http://127.0.0.1:${port}/v1/`, { idempotent: false }, { timeout: 300 });
    await asked;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
    expect(await outcome).toEqual(answer);
  });
});

describe('a connection that breaks', () => {
  it('is not tried again by itself, not even for a GET', async () => {
    const { baseUrl, received } = await serve((response) => response.socket?.destroy());
    expect(await rejectionOf(sending(baseUrl, { method: 'GET', json: undefined }))).toMatchObject({ code: 'unavailable' });
    expect(received).toHaveLength(1);
  });
});

describe('a rejection', () => {
  it('reaches whichever of the two is awaited, and is never unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    const { baseUrl } = await serve(answering(401, ''));
    let explained: () => void = () => {};
    const ignored = new Promise<void>((resolve) => {
      explained = resolve;
    });
    const explain: HttpOptions['explain'] = () => {
      explained();
      return { code: 'locked', message: 'Nobody awaits this.' };
    };
    sending(baseUrl, {}, { explain });
    const data = sending(baseUrl);
    const whole = sending(baseUrl);
    expect(await rejectionOf(data)).toMatchObject({ code: 'invalid_credentials' });
    expect(await rejectionOf(whole.withResponse())).toMatchObject({ code: 'invalid_credentials' });
    await ignored;
    // Node reports unhandled rejections after the microtasks of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it.each<[string, number, string]>([
    ['a refusal', 401, '{"echo":"hunter2-answer"}'],
    ['a failure', 500, 'hunter2-answer'],
    ['a mismatch', 200, '{"user":"hunter2-answer"}'],
  ])('shows no secret of request or answer: %s', async (_, status, body) => {
    const { baseUrl } = await serve(answering(status, body));
    const error = await rejectionOf(sending(baseUrl, { as: { value: 'hunter2-token', issuedAt: 0, expiresAt: null } }));
    expect(AuthError.is(error)).toBe(true);
    expect(shown(error)).not.toContain('hunter2');
  });
});
