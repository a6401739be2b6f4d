import { describe, expect, it } from 'vitest';
import { AUTHENTICATION, DAY, finicityCaller, INSTITUTIONS, JSON_TYPE, ORIGIN, refusal } from '../../test/finicity-caller.ts';

const MINUTE = 60_000;
const BAD_REQUEST = refusal(400, 14020, 'Bad request.');

describe('the way in', () => {
  it.each([
    ['region', 403],
    ['maintenance', 503],
  ] as const)('is closed by the outage %s before anything else is looked at', async (outage, status) => {
    const { send, createToken, sandbox } = finicityCaller({ outage });
    for (const path of [AUTHENTICATION, INSTITUTIONS, '/connect', '/nowhere'])
      expect(await send('GET', path, undefined, { 'finicity-app-key': '' })).toMatchObject({ status, text: '' });
    expect([(await createToken({ partnerSecret: 'wrong' })).status, sandbox.failedAttempts]).toEqual([status, 0]);
  });

  it('is not for the app key of another partner', async () => {
    const theirs = { 'finicity-app-key': 'b'.repeat(32) };
    const { send, token, createToken, sandbox } = finicityCaller({ foreignAppKeys: ['b'.repeat(32)], lockAfter: 1 });
    const mine = await token();
    const list = (appToken: string, headers = {}) => send('GET', INSTITUTIONS, undefined, { ...headers, 'finicity-app-token': appToken });
    for (const changes of [{}, { partnerSecret: 'wrong' }])
      expect(await createToken(changes, theirs)).toMatchObject(refusal(401, 10021, 'You are not authorized.'));
    expect(sandbox.failedAttempts).toBe(0);
    expect((await createToken({ partnerId: '1' }, theirs)).status).toBe(404);
    expect((await list(mine)).status).toBe(200);
    expect([(await list(mine, theirs)).body['code'], (await list('', theirs)).body['code']]).toEqual([10022, 10024]);
    await createToken({ partnerSecret: 'wrong' });
    expect((await createToken({}, theirs)).status).toBe(500);
  });

  it('has other headers in Australia, which errors name, and tokens for 90 minutes', async () => {
    const { send, createToken, token, sandbox, clock } = finicityCaller({ region: 'au' });
    const headers = { 'finicity-app-key': '', 'app-key': sandbox.credentials.appKey };
    const list = (more: Record<string, string>) => send('GET', INSTITUTIONS, undefined, { ...headers, ...more });
    expect(await createToken()).toMatchObject(refusal(401, 10026, 'Missing parameter (App-Key)'));
    const appToken = await token(headers);
    expect(await list({ 'finicity-app-token': appToken })).toMatchObject(refusal(401, 10024, 'Missing parameter (App-Token)'));
    expect(await list({ 'app-token': 'x' })).toMatchObject(refusal(401, 10022, 'Invalid (App-Token)'));
    expect(await createToken({}, { 'app-key': 'x' })).toMatchObject({ status: 401, text: 'Invalid (App-Key)' });
    expect((await createToken({ partnerId: '1' }, headers)).status).toBe(500);
    clock.advance(90 * MINUTE - 1);
    expect((await list({ 'app-token': appToken })).status).toBe(200);
    clock.advance(1);
    expect(await list({ 'app-token': appToken })).toMatchObject(refusal(401, 10023, 'Expired (App-Token)'));
  });
});

describe('what can be seen from behind', () => {
  it('is how many there are of everything, and nothing secret', async () => {
    const { sandbox, token, send, createToken } = finicityCaller();
    const headers = { 'finicity-app-token': await token() };
    await token();
    const { body: enrolled } = await send('POST', '/aggregation/v2/customers/testing', { username: 'customer1' }, headers);
    const asked = { partnerId: sandbox.credentials.partnerId, customerId: enrolled['id'], redirectUri: 'https://product.example/' };
    const link = String((await send('POST', '/connect/v2/generate', asked, headers)).body['link']);
    await sandbox.fetch(`${link}&auto=approve`);
    await createToken({ partnerSecret: 'wrong' });
    const seen = async (): Promise<unknown> => (await send('GET', '/__sandbox')).body['state'];
    expect(await seen()).toEqual({ failedAttempts: 1, locked: false, liveTokens: 2, customers: 1, accounts: 2 });
    const log = JSON.stringify(sandbox.calls);
    expect(log).toContain('auto=approve');
    for (const hidden of [new URL(link).searchParams.get('signature'), enrolled['id'], 'product.example'])
      expect(log).not.toContain(hidden);
    sandbox.reset();
    expect(await seen()).toEqual({ failedAttempts: 0, locked: false, liveTokens: 0, customers: 0, accounts: 0 });
  });
});

describe('what the vendor remembers', () => {
  const withCodes = () => {
    const caller = finicityCaller();
    return { ...caller, codeWith: async (token: string) => (await caller.institutions(token)).body['code'] ?? 200 };
  };

  it('is an expired token, for a day', async () => {
    const { token, codeWith, clock } = withCodes();
    const first = await token();
    clock.advance(120 * MINUTE + DAY - 1);
    await token();
    expect(await codeWith(first)).toBe(10023);
    clock.advance(1);
    expect(await codeWith(first)).toBe(10022);
  });

  it('is a token that it ended, as an expired one', async () => {
    const { token, codeWith, sandbox } = withCodes();
    const [ended, other] = [await token(), await token()];
    sandbox.faults.add({ reply: { kind: 'endedToken' } });
    expect([await codeWith(ended), await codeWith(ended), await codeWith(other)]).toEqual([10023, 10023, 200]);
    sandbox.faults.add({ reply: { kind: 'endedToken' } });
    expect(await codeWith('madeUp')).toBe(10022);
  });

  it('is no more than 10,000 tokens, the latest', async () => {
    const { token, createToken, codeWith } = withCodes();
    const [first, second] = [await token(), await token()];
    for (let count = 0; count < 9_999; count += 1) await createToken();
    expect([await codeWith(first), await codeWith(second)]).toEqual([10022, 200]);
  });
});

describe('a hostile request', () => {
  const open = async () => {
    const caller = finicityCaller({ plan: 'production' });
    return { ...caller, headers: { 'finicity-app-token': await caller.token() } };
  };

  it('with a body that nobody can read is a bad request, wherever bodies are read', async () => {
    const { send, headers } = await open();
    const posts = [
      '/aggregation/v2/customers/testing',
      '/aggregation/v2/customers/active',
      '/connect/v2/generate',
      '/connect/v2/generate/lite',
    ];
    for (const body of ['{"partnerId":', '[]', 'null', '', JSON.stringify({ username: 'x'.repeat(2_000_000) })])
      for (const path of posts) expect([path, await send('POST', path, body, headers)]).toMatchObject([path, BAD_REQUEST]);
    for (const type of ['image/png', 'multipart/form-data', 'application/xml'])
      for (const path of posts)
        expect([path, type, await send('POST', path, '{}', { ...headers, 'content-type': type })]).toMatchObject([path, type, BAD_REQUEST]);
  });

  it.each([
    ['GET', '/'],
    ['POST', '/nowhere'],
    ['PATCH', AUTHENTICATION],
    ['DELETE', AUTHENTICATION],
    ['POST', INSTITUTIONS],
    ['PUT', '/aggregation/v1/customers/5000000001'],
    ['POST', '/aggregation/v1/customers'],
    ['DELETE', '/connect'],
    ['GET', '/connect/v2/generate'],
    ['GET', '/aggregation/v1/customers/5000000001/accounts/'],
    ['GET', '/aggregation/v1/customers//accounts'],
  ])('to %s %s finds nothing, and nobody without an app key', async (method, path) => {
    const { send, headers } = await open();
    expect(await send(method, path, undefined, headers)).toMatchObject(refusal(404, 14001, 'Resource not found.'));
    expect((await send(method, path, undefined, { 'finicity-app-key': '' })).status).toBe(401);
  });

  it.each([
    ...['/institution/v2/institutions/%E0%A4%A', '/institution/v2/institutions/%00', '/aggregation/v1/customers/%2e%2e%2f'],
    `/aggregation/v1/customers/${'9'.repeat(4000)}`,
    ...['?limit=1e3', '?limit=٣', '?start=99999999999999999999', '?type=constructor', '?supportedCountries=U'].map((q) => INSTITUTIONS + q),
  ])('for %s is refused', async (path) => {
    const { send, headers } = await open();
    const { status, type } = await send('GET', path, undefined, headers);
    expect([path, [400, 404].includes(status), type]).toEqual([path, true, JSON_TYPE]);
  });

  it.each(['?search=%E0%A4%A', '?search=((('])('with the query %s finds nothing', async (query) => {
    const { send, headers } = await open();
    expect(await send('GET', INSTITUTIONS + query, undefined, headers)).toMatchObject({ status: 200, body: { found: 0 } });
  });

  it('with 2 MB to a path that reads no body is answered', async () => {
    const { sandbox, send, headers } = await open();
    const body = 'x'.repeat(2_000_000);
    expect((await send('POST', '/nowhere', body, headers)).status).toBe(404);
    expect((await sandbox.fetch(`${ORIGIN}/connect`, { method: 'POST', body })).status).toBe(403);
  });
});
