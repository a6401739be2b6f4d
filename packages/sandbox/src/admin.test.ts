import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { start, vendors } from '../test/vendors.ts';
import { budgeaSandbox, finicitySandbox, type Listening, type Sandbox } from './index.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const root = 'http://sandbox.example/__sandbox';
const post = (body: unknown): RequestInit => ({ method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

/** Over HTTP with headers that `fetch` would not send. */
const statusOf = (url: URL, headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe.each(vendors)('the admin API of $name', ({ name, create, path, basePath, init }) => {
  const good = (sandbox: Sandbox<unknown>): Promise<Response> => sandbox.fetch(`http://sandbox.example${path}`, init(sandbox));

  it('tells what the sandbox is and what it holds, and no secret', async () => {
    const sandbox = create();
    sandbox.faults.add({
      path: '/x',
      probability: 0.5,
      reply: { kind: 'status', status: 503, body: 'private', headers: { a: 'private' } },
    });
    const answer = await good(sandbox);
    const response = await sandbox.fetch(root);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      vendor: name,
      now: start,
      basePath,
      state: expect.any(Object),
      faults: [{ path: '/x', probability: 0.5, left: null, reply: { kind: 'status', status: 503 } }],
      calls: 1,
      errors: expect.arrayContaining([expect.any(String)]),
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    const secrets = [...Object.values(await answer.json()), ...Object.values(sandbox.environment('http://x/')).slice(0, -1), 'private'];
    for (const secret of secrets.filter((value) => value === 'private' || String(value).length > 15))
      expect(text).not.toContain(String(secret));
  });

  it('shows the latest calls, oldest first', async () => {
    const sandbox = create();
    for (const last of ['a', 'b', 'c']) await sandbox.fetch(`http://sandbox.example${basePath}${last}`);
    const { calls } = await (await sandbox.fetch(`${root}/calls?limit=2`)).json();
    expect(calls).toEqual(sandbox.calls.slice(1));
    expect((await (await sandbox.fetch(`${root}/calls`)).json()).calls).toHaveLength(3);
  });

  it('moves the vendor’s time on', async () => {
    const sandbox = create();
    const response = await sandbox.fetch(`${root}/clock`, post({ advance: 60_000 }));
    expect([response.status, await response.json()]).toEqual([200, { now: start + 60_000 }]);
    expect(response.headers.get('date')).toBe('Sat, 31 Jan 2026 12:01:00 GMT');
  });

  it('adds faults and clears them', async () => {
    const sandbox = create();
    const response = await sandbox.fetch(`${root}/faults`, post({ times: 2, reply: { kind: 'status', status: 503 } }));
    expect([response.status, await response.json()]).toEqual([
      201,
      { faults: [{ times: 2, left: 2, reply: { kind: 'status', status: 503 } }] },
    ]);
    expect((await good(sandbox)).status).toBe(503);
    expect((await sandbox.fetch(`${root}/faults`, { method: 'DELETE' })).status).toBe(204);
    expect((await good(sandbox)).status).toBe(200);
  });

  it('resets and ends tokens', async () => {
    const sandbox = create();
    await good(sandbox);
    sandbox.advance(60_000);
    expect((await sandbox.fetch(`${root}/expire-tokens`, { method: 'POST' })).status).toBe(204);
    expect((await sandbox.fetch(`${root}/reset`, { method: 'POST' })).status).toBe(204);
    expect(await (await sandbox.fetch(root)).json()).toMatchObject({ calls: 0, now: start });
  });

  it('stays out of the calls and out of the way of faults', async () => {
    const sandbox = create();
    sandbox.faults.add({ reply: { kind: 'lost' } });
    expect((await sandbox.fetch(root)).status).toBe(200);
    expect(sandbox.calls).toEqual([]);
    expect(await (await sandbox.fetch(root)).json()).toMatchObject({ faults: [{ left: 1 }] });
  });

  it('leaves paths that only begin like it to the vendor', async () => {
    const sandbox = create();
    await sandbox.fetch(`${root}es`);
    expect(sandbox.calls).toHaveLength(1);
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
    const response = await create().fetch(root + suffix, sent);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    const problem = await response.json();
    expect(problem).toMatchObject({ status, title: expect.any(String) });
    expect(problem.detail).toContain(detail);
    if (status === 405) expect(`Use ${response.headers.get('allow')}.`).toBe(detail);
  });

  it.each(['http://localhost:3000', 'https://app.localhost', 'http://127.0.0.1', 'http://[::1]:8080'])(
    'answers pages of %s, and their preflights',
    async (origin) => {
      const sandbox = create();
      const answer = await sandbox.fetch(root, { headers: { origin } });
      expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([
        200,
        origin,
        'Origin',
      ]);
      const preflight = await sandbox.fetch(`${root}/faults`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'content-type' },
      });
      expect(preflight.ok).toBe(true);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
      expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
      expect(preflight.headers.get('access-control-allow-headers')).toContain('content-type');
    },
  );

  it.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://notlocalhost', 'x'])(
    'refuses pages of %s, without an effect',
    async (origin) => {
      const sandbox = create();
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const response = await sandbox.fetch(`${root}/reset`, { method, headers: { origin } });
        expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      }
      await good(sandbox);
      await sandbox.fetch(`${root}/reset`, { method: 'POST', headers: { origin } });
      expect(sandbox.calls).toHaveLength(1);
    },
  );

  it('answers over HTTP at the root, and only by a name of this machine', async () => {
    const sandbox = create();
    const server = await sandbox.listen();
    open.push(server);
    const url = new URL('/__sandbox', server.url);
    expect(await (await fetch(url)).json()).toMatchObject({ vendor: name });
    expect((await fetch(url)).headers.get('date')).toBe('Sat, 31 Jan 2026 12:00:00 GMT');
    expect(await statusOf(url, { host: `localhost:${url.port}` })).toBe(200);
    expect(await statusOf(url, { host: `rebound.example:${url.port}` })).toBe(403);
    expect(await statusOf(url, { host: `127.0.0.1.rebound.example:${url.port}` })).toBe(403);
  });

  it('answers on any name where it listens for others too', async () => {
    const sandbox = create();
    const server = await sandbox.listen({ host: '0.0.0.0' });
    open.push(server);
    expect(await statusOf(new URL('/__sandbox', server.url), { host: 'workstation.example' })).toBe(200);
  });
});

it('says that Budgea locks nothing', async () => {
  const response = await budgeaSandbox().fetch(`${root}/unlock`, { method: 'POST' });
  expect([response.status, (await response.json()).detail]).toEqual([404, 'The vendor budgea locks nothing.']);
});

it('ends the lock of a Finicity partner', async () => {
  const sandbox = finicitySandbox({ lockAfter: 1 });
  const { partnerId, appKey } = sandbox.credentials;
  const sent = {
    ...post({ partnerId, partnerSecret: 'wrong' }),
    headers: { 'finicity-app-key': appKey, 'content-type': 'application/json' },
  };
  await sandbox.fetch('http://sandbox.example/aggregation/v2/partners/authentication', sent);
  expect(sandbox.locked).toBe(true);
  await sandbox.fetch(`${root}/unlock`, { method: 'POST' });
  expect(sandbox.locked).toBe(false);
});
