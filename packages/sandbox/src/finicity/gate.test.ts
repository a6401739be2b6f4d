import { type FakeClock, fakeClock } from '@auth/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import catalogue from './fixtures/errors.json' with { type: 'json' };
import { type FinicityErrorName, type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox } from './sandbox.ts';

const AUTHENTICATION = '/aggregation/v2/partners/authentication';
const INSTITUTIONS = '/institution/v2/institutions';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const JSON_TYPE = 'application/json';

let clock: FakeClock;
let sandbox: FinicitySandbox;
let origin = 'https://api.finicity.com';
let transport: typeof sandbox.fetch;
let close = async (): Promise<void> => {};
afterEach(() => close());

const create = (options: FinicitySandboxOptions = {}): void => {
  clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  sandbox = finicitySandbox({ clock, ...options });
  transport = sandbox.fetch;
  origin = 'https://api.finicity.com';
  close = async () => {};
};
const listen = async (): Promise<void> => {
  const server = await sandbox.listen();
  origin = server.url.slice(0, -1);
  transport = fetch;
  close = server.close;
};
const send = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Response> =>
  transport(origin + path, {
    method,
    headers: { accept: JSON_TYPE, 'content-type': JSON_TYPE, ...headers },
    ...(body !== undefined && { body }),
  });
const withKey = (headers: Record<string, string> = {}): Record<string, string> => ({
  'finicity-app-key': sandbox.credentials.appKey,
  ...headers,
});
const createToken = (headers = withKey(), changes: object = {}): Promise<Response> =>
  send('POST', AUTHENTICATION, headers, JSON.stringify({ ...sandbox.credentials, ...changes }));
const token = async (headers = withKey()): Promise<string> => (await (await createToken(headers)).json()).token;
const codeWith = async (appToken: string, headers = withKey()): Promise<unknown> => {
  const response = await send('GET', INSTITUTIONS, { ...headers, 'finicity-app-token': appToken });
  return response.status === 200 ? 200 : (await response.json()).code;
};
const answer = async (response: Response): Promise<unknown[]> => [response.status, await response.text()];
const error = (status: number, code: number, message: string): unknown[] => [status, JSON.stringify({ code, message })];

describe('the way in', () => {
  it.each([
    ['region', 403],
    ['maintenance', 503],
  ] as const)('is closed by the outage %s before anything else is looked at', async (outage, status) => {
    create({ outage });
    for (const path of [AUTHENTICATION, INSTITUTIONS, '/connect', '/nowhere']) {
      expect(await answer(await send('GET', path, {}))).toEqual([status, '']);
    }
    expect((await createToken(withKey(), { partnerSecret: 'wrong' })).status).toBe(status);
    expect(sandbox.failedAttempts).toBe(0);
  });

  it('is not for the app key of another partner', async () => {
    const theirs = { 'finicity-app-key': 'b'.repeat(32) };
    create({ foreignAppKeys: ['b'.repeat(32)], lockAfter: 1 });
    const mine = await token();
    const refusal = error(401, 10021, 'You are not authorized.');
    expect(await answer(await createToken(theirs))).toEqual(refusal);
    expect(await answer(await createToken(theirs, { partnerSecret: 'wrong' }))).toEqual(refusal);
    expect(sandbox.failedAttempts).toBe(0);
    expect((await createToken(theirs, { partnerId: '1' })).status).toBe(404);
    expect([await codeWith(mine), await codeWith(mine, theirs), await codeWith('', theirs)]).toEqual([200, 10022, 10024]);
    await createToken(withKey(), { partnerSecret: 'wrong' });
    expect((await createToken(theirs)).status).toBe(500);
  });

  it('refuses an unknown app key with an errorCode on demand', async () => {
    create({ invalidAppKey: 'json-errorCode' });
    expect(await answer(await send('GET', INSTITUTIONS, { 'finicity-app-key': 'x' }))).toEqual([
      401,
      '{"errorCode":401,"message":"Invalid Finicity-App-Key"}',
    ]);
  });
});

describe('in Australia', () => {
  it('headers have other names, and errors name them', async () => {
    create({ region: 'au' });
    const headers = { 'app-key': sandbox.credentials.appKey };
    expect(await answer(await createToken())).toEqual(error(401, 10026, 'Missing parameter (App-Key)'));
    const appToken = await token(headers);
    const list = (more: Record<string, string>): Promise<Response> => send('GET', INSTITUTIONS, { ...headers, ...more });
    expect((await list({ 'app-token': appToken })).status).toBe(200);
    expect(await answer(await list({ 'finicity-app-token': appToken }))).toEqual(error(401, 10024, 'Missing parameter (App-Token)'));
    expect(await answer(await list({ 'app-token': 'x' }))).toEqual(error(401, 10022, 'Invalid (App-Token)'));
    expect(await answer(await createToken({ 'app-key': 'x' }))).toEqual([401, 'Invalid (App-Key)']);
    expect((await createToken(headers, { partnerId: '1' })).status).toBe(500);
    clock.advance(90 * MINUTE - 1);
    expect((await list({ 'app-token': appToken })).status).toBe(200);
    clock.advance(1);
    expect(await answer(await list({ 'app-token': appToken }))).toEqual(error(401, 10023, 'Expired (App-Token)'));
  });
});

describe('an error of the catalogue', () => {
  it.each(catalogue)('is met on demand: $name', async ({ name, status, contentType, body }) => {
    create();
    // The names in the fixture are those of the catalogue, as another test checks.
    sandbox.faults.add({ reply: { kind: 'error', error: name as FinicityErrorName } });
    const response = await createToken();
    const wire = typeof body === 'string' || body === null ? (body ?? '') : JSON.stringify(body);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([status, contentType, wire]);
    expect((await createToken()).status).toBe(200);
  });
});

describe('what can be seen from behind', () => {
  it('is how many there are of everything, and nothing secret', async () => {
    create();
    const headers = withKey({ 'finicity-app-token': await token() });
    await token();
    const enrolled = await send('POST', '/aggregation/v2/customers/testing', headers, '{"username":"customer1"}');
    const { id: customerId } = await enrolled.json();
    const { partnerId } = sandbox.credentials;
    const redirectUri = 'https://product.example/';
    const generated = await send('POST', '/connect/v2/generate', headers, JSON.stringify({ partnerId, customerId, redirectUri }));
    const { link } = await generated.json();
    await sandbox.fetch(`${link}&auto=approve`, { redirect: 'manual' });
    await createToken(withKey(), { partnerSecret: 'wrong' });
    const state = { failedAttempts: 1, locked: false, liveTokens: 2, customers: 1, accounts: 2 };
    const seen = await sandbox.fetch(`${origin}/__sandbox`);
    expect(await seen.json()).toMatchObject({ vendor: 'finicity', state });
    const log = JSON.stringify(sandbox.calls);
    expect(log).toContain('auto=approve');
    for (const hidden of [new URL(link).searchParams.get('signature'), customerId, 'product.example']) expect(log).not.toContain(hidden);
    sandbox.reset();
    const after = await sandbox.fetch(`${origin}/__sandbox`);
    expect((await after.json()).state).toEqual({ failedAttempts: 0, locked: false, liveTokens: 0, customers: 0, accounts: 0 });
  });
});

describe('what the vendor remembers', () => {
  it('is an expired token, for a day', async () => {
    create();
    const first = await token();
    clock.advance(120 * MINUTE + DAY - 1);
    await token();
    expect(await codeWith(first)).toBe(10023);
    clock.advance(1);
    await token();
    expect(await codeWith(first)).toBe(10022);
  });

  it('is a token that it ended, as an expired one', async () => {
    create();
    const [ended, other] = [await token(), await token()];
    sandbox.faults.add({ reply: { kind: 'endedToken' } });
    expect(await codeWith(ended)).toBe(10023);
    expect([await codeWith(ended), await codeWith(other)]).toEqual([10023, 200]);
    sandbox.faults.add({ reply: { kind: 'endedToken' } });
    expect(await codeWith('madeUp')).toBe(10022);
  });

  it('is no more than 10,000 tokens, the latest', async () => {
    create();
    const [first, second] = [await token(), await token()];
    for (let count = 0; count < 9_999; count += 1) await createToken();
    expect([await codeWith(first), await codeWith(second)]).toEqual([10022, 200]);
  });
});

const bomb = (count: number): string =>
  `<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "aaaaaaaaaa">${Array.from(
    { length: count },
    (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`,
  ).join('')}]><credentials><partnerId>&a${count};</partnerId></credentials>`;
const XML = 'application/xml';

const malformed: readonly (readonly [what: string, type: string, body: string])[] = [
  ['broken JSON', JSON_TYPE, '{"partnerId":'],
  ['a deep array', JSON_TYPE, '['.repeat(100_000)],
  ['a deep object', JSON_TYPE, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`.replace('{"a":1', '{"a":[')],
  ['no text at all', JSON_TYPE, '\u0000\uFFFD'],
  ['a type that nobody knows', 'image/png', '{}'],
  ['multipart without a boundary', 'multipart/form-data', '{}'],
  ['10 MB', JSON_TYPE, JSON.stringify({ username: 'x'.repeat(10_000_000) })],
];

describe.each(['in process', 'over HTTP'])('a hostile request, %s,', (way) => {
  const open = async (options: FinicitySandboxOptions = {}): Promise<Record<string, string>> => {
    create({ plan: 'production', ...options });
    if (way === 'over HTTP') await listen();
    return withKey({ 'finicity-app-token': await token() });
  };

  it.each(malformed)('with %s is a bad request', async (_, type, body) => {
    const headers = { ...(await open()), 'content-type': type };
    for (const [method, path] of [
      ['POST', AUTHENTICATION],
      ['PUT', AUTHENTICATION],
      ['POST', '/aggregation/v2/customers/testing'],
      ['POST', '/aggregation/v2/customers/active'],
      ['POST', '/connect/v2/generate'],
      ['POST', '/connect/v2/generate/lite'],
      ['POST', '/connect/v2/generate/fix'],
    ] as const) {
      expect([path, ...(await answer(await send(method, path, headers, body)))]).toEqual([path, ...error(400, 14020, 'Bad request.')]);
    }
  });

  it.each([
    ['entities that grow', bomb(9)],
    ['an entity of its own', '<!DOCTYPE c [<!ENTITY e "1">]><credentials><partnerId>&e;</partnerId></credentials>'],
    ['a file', '<!doctype c [<!ENTITY e SYSTEM "file:///etc/hostname">]><credentials><partnerId>&e;</partnerId></credentials>'],
    ['a deep tree', `<credentials>${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}</credentials>`],
    ['a forbidden name', '<credentials><__proto__><partnerId>1</partnerId></__proto__></credentials>'],
    ['two roots', '<credentials/><credentials/>'],
  ])('with %s in its XML is a bad request', async (_, body) => {
    const headers = { ...(await open()), 'content-type': XML };
    expect(await answer(await send('POST', AUTHENTICATION, headers, body))).toEqual(error(400, 14020, 'Bad request.'));
  });

  it.each([
    ['GET', '/'],
    ['POST', '/nowhere'],
    ['PATCH', AUTHENTICATION],
    ['DELETE', INSTITUTIONS],
    ['PUT', '/aggregation/v1/customers/5000000001'],
    ['POST', '/aggregation/v1/customers'],
    ['DELETE', '/connect'],
    ['GET', '/connect/v2/generate'],
    ['GET', '/aggregation/v1/customers/5000000001/accounts/'],
    ['GET', '/aggregation/v1/customers//accounts'],
  ])('to %s %s finds nothing', async (method, path) => {
    const headers = await open();
    expect(await answer(await send(method, path, headers))).toEqual(error(404, 14001, 'Resource not found.'));
    expect((await send(method, path, {})).status).toBe(401);
  });

  it.each([
    `${INSTITUTIONS}/%E0%A4%A`,
    `${INSTITUTIONS}/%00`,
    '/aggregation/v1/customers/%2e%2e%2f',
    `/aggregation/v1/customers/${'9'.repeat(4000)}`,
  ])('with the path %s is refused', async (path) => {
    const response = await send('GET', path, await open());
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get('content-type')).toBe(JSON_TYPE);
  });

  it.each([
    '?search=%E0%A4%A',
    '?search=(((',
    '?limit=1e3',
    '?limit=٣',
    '?start=99999999999999999999',
    '?type=constructor',
    '?supportedCountries=U',
  ])('with the query %s is answered', async (query) => {
    const response = await send('GET', INSTITUTIONS + query, await open());
    expect([200, 400]).toContain(response.status);
  });

  it('with 10 MB to a path that reads no body is answered', async () => {
    const headers = await open();
    const body = 'x'.repeat(10_000_000);
    expect((await send('POST', '/nowhere', headers, body)).status).toBe(404);
    expect((await send('POST', '/connect', {}, body)).status).toBe(403);
  });
});
