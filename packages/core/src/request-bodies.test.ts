import { describe, expect, it } from 'vitest';
import { acceptsFrom, ok, open, streamed } from '../test/authority-of.ts';
import { answering } from '../test/local-server.ts';
import { rejectionOf } from '../test/rejection-of.ts';
import type { Authority, Fetch } from './index.ts';
import { authorizedFetch } from './index.ts';

const form = (): FormData => {
  const made = new FormData();
  made.set('field', 'the value');
  made.set('file', new File(['content'], 'name.txt', { type: 'text/plain' }));
  return made;
};

/** Another copy of the class, as npm's undici has one. */
const foreignForm = (): FormData => {
  const own = form();
  return { [Symbol.toStringTag]: 'FormData', [Symbol.iterator]: () => own[Symbol.iterator]() } as unknown as FormData;
};

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('in ');
  yield new TextEncoder().encode('chunks');
}

const iterated = (): RequestInit => ({ method: 'POST', body: chunks() as unknown as BodyInit, duplex: 'half' }) as RequestInit;
const posted = (body: unknown): RequestInit => ({ method: 'POST', body: body as BodyInit });

/** Signs each request over all its body, and remembers what was signed. */
const signing = (authority: Authority, signed: string[]): Authority => ({
  ...authority,
  authorize: async (request, options) => {
    const copy = request.clone();
    signed.push(`${copy.headers.get('content-type')} ${await copy.text()}`);
    return authority.authorize(request, options);
  },
});

describe('a body', () => {
  it.each<[string, () => RequestInit]>([
    ['a form', () => posted(form())],
    ['a form of another copy of the class', () => posted(foreignForm())],
    ['a form in a Request', () => new Request('https://unused.example', posted(form()))],
    ['URLSearchParams', () => posted(new URLSearchParams({ a: '1' }))],
    ['a Blob', () => posted(new Blob(['content'], { type: 'text/x-own' }))],
    ['a typed array', () => posted(new TextEncoder().encode('content'))],
    ['what is made a text', () => posted({ toString: () => `text ${Math.random()}` })],
  ])('reaches a signer as it is sent, each time it is sent: %s', async (_, init) => {
    const { authority, received } = await open(acceptsFrom(2));
    const signed: string[] = [];
    expect((await authorizedFetch(signing(authority, signed))('users', init())).status).toBe(200);
    const sent = received.map(({ headers, body }) => `${headers['content-type'] ?? null} ${body}`);
    expect(sent).toEqual(signed);
    expect(sent).toEqual(Array(2).fill(sent[0]));
  });

  it('keeps names and contents of a form', async () => {
    const { fetch, received } = await open(acceptsFrom(2));
    for (const body of [form(), foreignForm()]) await fetch('users', { method: 'POST', body });
    for (const { headers, body } of received) {
      const parsed = await new Response(body, { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
      const file = parsed.get('file');
      expect(parsed.get('field')).toBe('the value');
      expect(file instanceof File && [file.name, file.type, await file.text()]).toEqual(['name.txt', 'text/plain', 'content']);
    }
  });

  it('keeps the content-type that the caller gave a form', async () => {
    const { fetch, received } = await open();
    await fetch('users', { method: 'POST', body: form(), headers: { 'content-type': 'multipart/form-data; boundary=own' } });
    expect(received[0]?.headers['content-type']).toBe('multipart/form-data; boundary=own');
  });

  it.each<[string, () => RequestInit, string]>([
    ['a stream', streamed, 'streamed'],
    ['what is iterated', iterated, 'in chunks'],
  ])('that can be read once reaches a signer as it is sent: %s', async (_, init, text) => {
    const { authority, received, issued } = await open(acceptsFrom(2));
    const signed: string[] = [];
    const fetch = authorizedFetch(signing(authority, signed));
    expect((await fetch('users', init())).status).toBe(401);
    expect([signed, received.map(({ body }) => body)]).toEqual([[`null ${text}`], [text]]);
    expect([(await fetch('users')).status, issued()]).toEqual([200, 2]);
  });

  it('is sent as it was when the request was made, with its headers', async () => {
    const { fetch, received } = await open();
    const body = new TextEncoder().encode('as it was');
    const fields = new URLSearchParams({ a: 'as it was' });
    const headers = new Headers({ 'x-own': 'as it was' });
    const [list, record] = [[['x-own', 'as it was']] as [string, string][], { 'x-own': 'as it was' }];
    const works = [
      fetch('users', { method: 'POST', body, headers }),
      fetch('users', { method: 'POST', body: body.buffer, headers: list }),
      fetch('users', { method: 'POST', body: fields, headers: record }),
    ];
    body.fill(33);
    fields.set('a', 'changed');
    headers.set('x-own', 'changed');
    for (const entry of list) entry[1] = 'changed';
    record['x-own'] = 'changed';
    await Promise.all(works);
    expect(received.map((request) => request.body).sort()).toEqual(['a=as+it+was', 'as it was', 'as it was']);
    expect(received).toMatchObject(Array(3).fill({ headers: { 'x-own': 'as it was' } }));
  });
});

describe('a stream whose refusal the runtime hides', () => {
  /** As Node up to 24.14 answers a 401 to a stream. */
  const hidden = (): TypeError => new TypeError('fetch failed', { cause: new Error('expected non-null body source') });
  const transport: Fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (response.status === 401 && init?.body instanceof ReadableStream) throw hidden();
    return response;
  };

  it('heals the token, and rejects with what to do', async () => {
    const { fetch, received, issued } = await open(acceptsFrom(2), { transport });
    const message = expect.stringMatching(/401 to a streamed body.*send the request again/);
    expect(await rejectionOf(fetch('users', streamed()))).toMatchObject({ code: 'invalid_token', message });
    expect((await fetch('users', streamed())).status).toBe(200);
    expect([received.length, issued()]).toEqual([2, 2]);
  });

  it('does not hide other failures, or failures of bodies that can be sent again', async () => {
    const broken = new TypeError('fetch failed', { cause: new Error('other side closed') });
    for (const [error, init] of [
      [broken, streamed()],
      [hidden(), posted('text')],
    ] as const) {
      const { fetch, issued } = await open(ok, { transport: () => Promise.reject(error) });
      expect(await rejectionOf(fetch('users', init))).toBe(error);
      await rejectionOf(fetch('users'));
      expect(issued()).toBe(1);
    }
  });
});

describe('credentials in the body', () => {
  const headersOf = () => ({});
  const bodyFieldsOf = ({ value }: { readonly value: string }) => ({ access_token: value, client: '"é' });
  const fields = '"access_token":"t1","client":"\\"é"';
  const isTokenRefused = async ({ status }: Response) => status === 400;
  const opened = (answer = ok) => open(answer, { headersOf, bodyFieldsOf, isTokenRefused });

  it.each<[string, RequestInit, string]>([
    ['an object', posted('{"a":1}'), `{"a":1,${fields}}`],
    [
      'large numbers and repeated names, which stay as they are',
      posted('{"n":12345678901234567890,"n":1.0}'),
      `{"n":12345678901234567890,"n":1.0,${fields}}`,
    ],
    ['white space and braces in texts', posted(' { "a" : "}" } \n'), ` { "a" : "}" ,${fields}}`],
    ['nested objects', posted('{"a":{"b":{}}}'), `{"a":{"b":{}},${fields}}`],
    ['an empty object', posted('{ }'), `{${fields}}`],
    ['an empty text', posted(''), `{${fields}}`],
    ['nothing', { method: 'POST' }, `{${fields}}`],
    ['nothing, to be deleted', { method: 'DELETE' }, `{${fields}}`],
    ['bytes', posted(new TextEncoder().encode('{"a":1}')), `{"a":1,${fields}}`],
    ['a Blob', posted(new Blob(['{"a":1}'])), `{"a":1,${fields}}`],
    ['another kind of JSON', { ...posted('{"a":1}'), headers: { 'content-type': 'application/vnd.own+json; v=1' } }, `{"a":1,${fields}}`],
  ])('are added to %s', async (_, init, body) => {
    const { origin, fetch, received } = await opened();
    await fetch('users', init);
    await fetch(new Request(`${origin}/v1/users`, init));
    expect(received.map((request) => request.body)).toEqual([body, body]);
    const type = new Headers(init.headers).get('content-type') ?? 'application/json';
    const length = String(new TextEncoder().encode(body).byteLength);
    expect(received).toMatchObject(Array(2).fill({ headers: { 'content-type': type, 'content-length': length } }));
  });

  it('are those of the new token when the request is repeated', async () => {
    const { fetch, received } = await opened((request, response) =>
      (request.body.includes('t2') ? ok : answering(400, '{}'))(request, response),
    );
    expect((await fetch('users', posted('{"a":1}'))).status).toBe(200);
    expect(received.map(({ body }) => JSON.parse(body).access_token)).toEqual(['t1', 't2']);
  });

  it('leave a body as it is when there are none', async () => {
    const { authority, received } = await open();
    const authorize: Authority['authorize'] = async () => ({ headers: {}, bodyFields: {}, token: null });
    for (const text of ['{"a": 1 }', '{}', '']) await authorizedFetch({ ...authority, authorize })('users', posted(text));
    expect(received.map(({ body }) => body)).toEqual(['{"a": 1 }', '{}', '{}']);
  });

  it.each<[string, RequestInit, string]>([
    ['GET', {}, 'GET has no body'],
    ['HEAD', { method: 'head' }, 'HEAD has no body'],
    ['a form', posted(form()), 'content-type is not JSON'],
    ['URLSearchParams', posted(new URLSearchParams({ a: '1' })), 'content-type is not JSON'],
    ['a stream', streamed(), 'form or a stream'],
    ['what is iterated', iterated(), 'form or a stream'],
    ['another type', { ...posted('{"a":1}'), headers: { 'content-type': 'text/xml' } }, 'content-type is not JSON'],
    ['a list', posted('[{"a":1}]'), 'not a JSON object'],
    ['null', posted('null'), 'not a JSON object'],
    ['a text that is not JSON', posted('SECRET'), 'not a JSON object'],
    ['bytes that are not text', posted(new Uint8Array([0xff, 0xfe])), 'not text'],
    ['a member of that name', posted('{"access_token":"SECRET"}'), 'member access_token of its own'],
  ])('cannot be added to %s: nothing is sent', async (_, init, reason) => {
    const { fetch, received } = await opened();
    const error = await rejectionOf(fetch('users', init));
    expect(error).toMatchObject({ code: 'invalid_request', operation: 'authorizedFetch', message: expect.stringContaining(reason) });
    expect(String(error)).not.toMatch(/SECRET|t1/);
    expect(received).toEqual([]);
  });
});
