import { request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { date, framed, HOST, start } from '../test/vendors.ts';
import { finicitySandbox } from './index.ts';

const root = `${HOST}/__sandbox`;
const post = (body: unknown): RequestInit => ({ method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const UNAVAILABLE = { kind: 'status', status: 503 } as const;

/** A sandbox, and a way to its admin API in process. */
const withAdmin = () => {
  const { sandbox, ...more } = framed();
  const admin = (path = '', init?: RequestInit): Promise<Response> => sandbox.fetch(root + path, init);
  return { ...more, sandbox, admin, overview: async () => (await admin()).json() };
};

describe('the admin API', () => {
  it('tells what the sandbox is and what it holds, and no secret', async () => {
    const { sandbox, send, admin } = withAdmin();
    const reply = { ...UNAVAILABLE, body: 'private', headers: { a: 'private' } };
    sandbox.faults.add({ path: '/x', probability: 0.5, reply });
    const { auth_token } = await (await send()).json();
    const response = await admin();
    const text = await response.text();
    expect([response.status, response.headers.get('content-type'), response.headers.get('date')]).toEqual([200, 'application/json', date]);
    expect(JSON.parse(text)).toMatchObject({
      ...{ vendor: 'budgea', now: start, basePath: '/2.0/', state: { users: 1 }, calls: 1, errors: expect.arrayContaining(['badToken']) },
      faults: [{ path: '/x', probability: 0.5, left: null, reply: UNAVAILABLE }],
    });
    for (const secret of ['private', auth_token, ...Object.values(sandbox.credentials).slice(2)]) expect(text).not.toContain(secret);
  });

  it('shows the latest calls, oldest first', async () => {
    const { sandbox, admin } = withAdmin();
    for (const last of ['a', 'b', 'c']) await sandbox.fetch(`${HOST}/2.0/${last}`);
    expect((await (await admin('/calls?limit=2')).json()).calls).toEqual(sandbox.calls.slice(1));
    expect((await (await admin('/calls')).json()).calls).toHaveLength(3);
  });

  it('moves the vendor’s time on', async () => {
    const response = await withAdmin().admin('/clock', post({ advance: 60_000 }));
    expect([response.status, await response.json()]).toEqual([200, { now: start + 60_000 }]);
    expect(response.headers.get('date')).toBe('Sat, 31 Jan 2026 12:01:00 GMT');
  });

  it('adds faults and clears them', async () => {
    const { admin, statuses } = withAdmin();
    const response = await admin('/faults', post({ times: 2, reply: UNAVAILABLE }));
    expect([response.status, await response.json()]).toEqual([201, { faults: [{ times: 2, left: 2, reply: UNAVAILABLE }] }]);
    expect(await statuses(1)).toEqual([503]);
    expect((await admin('/faults', { method: 'DELETE' })).status).toBe(204);
    expect(await statuses(1)).toEqual([200]);
  });

  it('ends tokens and resets', async () => {
    const { sandbox, send, admin, overview } = withAdmin();
    await send();
    sandbox.advance(60_000);
    expect((await admin('/expire-tokens', { method: 'POST' })).status).toBe(204);
    expect((await overview()).state).toMatchObject({ users: 1, tokens: { temporary: 0 } });
    expect((await admin('/reset', { method: 'POST' })).status).toBe(204);
    expect(await overview()).toMatchObject({ calls: 0, now: start, state: { users: 0 } });
  });

  it('stays out of the calls and out of the way of faults, and leaves paths that only begin like it to the vendor', async () => {
    const { sandbox, admin, overview } = withAdmin();
    sandbox.faults.add({ path: '/2.0/*', reply: { kind: 'lost' } });
    expect((await overview()).faults).toMatchObject([{ left: 1 }]);
    expect(sandbox.calls).toEqual([]);
    await admin('es');
    expect(sandbox.calls).toMatchObject([{ path: '/__sandboxes' }]);
  });

  it('ends the lock of a Finicity partner, and says that Budgea locks nothing', async () => {
    const response = await withAdmin().admin('/unlock', { method: 'POST' });
    expect([response.status, (await response.json()).detail]).toEqual([404, 'The vendor budgea locks nothing.']);
    const sandbox = finicitySandbox({ lockAfter: 1 });
    const { partnerId, appKey } = sandbox.credentials;
    const headers = { 'finicity-app-key': appKey, 'content-type': 'application/json' };
    const sent = { ...post({ partnerId, partnerSecret: 'wrong' }), headers };
    await sandbox.fetch(`${HOST}/aggregation/v2/partners/authentication`, sent);
    expect(sandbox.locked).toBe(true);
    await sandbox.fetch(`${root}/unlock`, { method: 'POST' });
    expect(sandbox.locked).toBe(false);
  });

  it.each<[string, RequestInit, number, string]>([
    ['/clock', post({ advance: -1 }), 400, 'give milliseconds from 0 on'],
    ['/clock', post({ advance: '5' }), 400, 'Send {"advance": milliseconds}'],
    ['/clock', post({ advance: 1e300 }), 400, 'no further than the year 9000'],
    ['/clock', post('{"advance"'), 400, 'Send a JSON object'],
    ['/clock', { method: 'POST' }, 400, 'Send a JSON object'],
    ['/faults', post('x'.repeat(2 ** 20 + 1)), 400, 'at most 1 MiB'],
    ['/faults', post({ reply: { kind: 'explode' } }), 400, '`reply.kind` has to be one of status, '],
    ['/faults', post('{"__proto__":{"reply":{"kind":"lost"}}}'), 400, '`'],
    ['/calls?limit=0', {}, 400, 'limit: give a whole number'],
    ['/calls?limit=x', {}, 400, 'limit: give a whole number'],
    ['/clock', {}, 405, 'Use POST.'],
    ['/faults', { method: 'PATCH' }, 405, 'Use POST, DELETE.'],
    ['', { method: 'DELETE' }, 405, 'Use GET, HEAD.'],
    ['/nowhere', {}, 404, 'POST /__sandbox/clock'],
  ])('says what to do instead: %s %j', async (suffix, sent, status, detail) => {
    const response = await withAdmin().admin(suffix, sent);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    const problem = await response.json();
    expect(problem).toEqual({ status, title: expect.any(String), detail: expect.stringContaining(detail) });
    if (status === 405) expect(`Use ${response.headers.get('allow')}.`).toBe(detail);
  });

  it.each(['http://localhost:3000', 'https://app.localhost', 'http://127.0.0.1', 'http://[::1]:8080'])(
    'answers pages of %s, and their preflights',
    async (origin) => {
      const { admin } = withAdmin();
      const { status, headers } = await admin('', { headers: { origin } });
      expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([200, origin, 'Origin']);
      const asked = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'content-type' };
      const preflight = await admin('/faults', { method: 'OPTIONS', headers: { origin, ...asked } });
      const allowed = ['origin', 'methods', 'headers'].map((name) => preflight.headers.get(`access-control-allow-${name}`));
      expect([preflight.ok, allowed]).toEqual([true, [origin, 'GET,POST,DELETE', 'content-type']]);
    },
  );

  it.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://notlocalhost', 'x'])(
    'refuses pages of %s, without an effect',
    async (origin) => {
      const { admin, sandbox, send } = withAdmin();
      await send();
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const { status, headers } = await admin('/reset', { method, headers: { origin } });
        expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([403, null, 'Origin']);
      }
      expect(sandbox.calls).toHaveLength(1);
    },
  );

  it.each([
    ['127.0.0.1', 'localhost', 200],
    ['127.0.0.1', 'rebound.example', 403],
    ['127.0.0.1', '127.0.0.1.rebound.example', 403],
    ['0.0.0.0', 'workstation.example', 200],
  ])('answers over HTTP on %s to the name %s with %i', async (host, name, status) => {
    const server = await framed().sandbox.listen({ host });
    onTestFinished(server.close);
    const url = new URL('/__sandbox', server.url);
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    // `fetch` would not send such a header.
    const asked = request(url, { headers: { host: `${name}:${url.port}` } }, (response) => resolve(response.resume().statusCode));
    asked.on('error', reject).end();
    expect(await promise).toBe(status);
  });
});
