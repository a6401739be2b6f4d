import { describe, expect, it } from 'vitest';
import { budgeaCaller, type Caller } from '../../test/budgea-caller.ts';

const PATHS = [
  'auth/init',
  'auth/token/access',
  'auth/token/code',
  'auth/token',
  'auth/jwt',
  'auth/renew',
  'admin/jwt',
  'users',
  'users/me',
  'users/me/token',
  'users/me/config',
  'users/me/connections',
  'clients',
  'clients/1',
  'config',
  'connectors',
  'connectors/1',
  'banks',
  'providers',
  'certificate/tls',
  'hash',
  'publickey',
  'webauth',
  'webauth-url',
];

/** Operations with a body, and whose token they want. */
const WRITES: readonly (readonly [method: string, path: string, token: (caller: Caller) => string | undefined | Promise<string>])[] = [
  ['POST', 'auth/init', () => undefined],
  ['POST', 'auth/token/access', () => undefined],
  ['POST', 'auth/token', () => undefined],
  ['POST', 'auth/jwt', () => undefined],
  ['POST', 'auth/renew', () => undefined],
  ['POST', 'admin/jwt', ({ manageToken }) => manageToken],
  ['POST', 'clients', ({ manageToken }) => manageToken],
  ['POST', 'config', ({ manageToken }) => manageToken],
  ['PUT', 'connectors', ({ manageToken }) => manageToken],
  ['POST', 'auth/token/code', async ({ user }) => (await user()).token],
  ['POST', 'users/me/token', async ({ user }) => (await user()).token],
  ['POST', 'users/me/config', async ({ user }) => (await user()).token],
  ['POST', 'users/me/connections', async ({ user }) => (await user()).token],
  ['POST', 'connectors', async ({ user }) => (await user()).token],
];

const json = { 'content-type': 'application/json' };
const TEN_MEGABYTES = 'x'.repeat(10 * 2 ** 20);

const BODIES: Readonly<Record<string, () => RequestInit>> = {
  'half a JSON': () => ({ body: '{"a":', headers: json }),
  'a JSON list': () => ({ body: '[]', headers: json }),
  'a JSON null': () => ({ body: 'null', headers: json }),
  'plain text': () => ({ body: 'a=1', headers: { 'content-type': 'text/plain' } }),
  'bytes of no type': () => ({ body: new Uint8Array([0, 255, 1]) }),
  'a multipart body without its boundary': () => ({ body: 'x', headers: { 'content-type': 'multipart/form-data' } }),
  '10 MB of JSON': () => ({ body: JSON.stringify({ name: TEN_MEGABYTES }), headers: json }),
  '10 MB of a form': () => ({ body: new URLSearchParams({ name: TEN_MEGABYTES }) }),
  '10 MB in a stream of unknown length': () => ({ body: new Blob([TEN_MEGABYTES]).stream(), duplex: 'half', headers: json }) as RequestInit, // `duplex` is missing in the type
};

describe('bodies that nobody can read', () => {
  const rows = WRITES.flatMap(([method, path, token]) =>
    Object.entries(BODIES).map(([name, body]) => ({ method, path, token, name, body })),
  );

  it.each(rows)('$name is refused by $method $path', async ({ method, path, token, body }) => {
    const caller = budgeaCaller();
    const answer = await caller.send(method, path, await token(caller), body());
    expect(answer).toMatchObject({ status: 400, body: { code: 'badRequest' } });
  });

  it.each(['powens', '2019'] as const)('are refused over HTTP too, and the server goes on (%s)', async (profile) => {
    const { sandbox } = budgeaCaller({ profile });
    const { url, close } = await sandbox.listen();
    try {
      for (const body of Object.values(BODIES)) {
        const response = await fetch(`${url}auth/init`, { method: 'POST', ...body() });
        expect([response.status, Object.keys(await response.json())[0]]).toEqual([400, 'code']);
      }
      expect((await fetch(`${url}auth/init`, { method: 'POST' })).status).toBe(200);
    } finally {
      await close();
    }
  });
});

describe('values that nobody expects', () => {
  it.each([
    ['POST', 'clients', { name: ['a', 'b'] }],
    ['POST', 'clients', { name: { a: 1 } }],
    ['POST', 'clients', { redirect_uris: 'nowhere' }],
    ['POST', 'clients', { redirect_uris: [1, {}] }],
    ['POST', 'clients', { pro: 'maybe' }],
    ['POST', 'config', { key: { a: 1 } }],
    ['POST', 'config', { 'auth.default_token_expire': 'soon' }],
    ['POST', 'config', { 'auth.default_token_expire': 'Infinity' }],
    ['PUT', 'connectors', { hidden: 'maybe' }],
  ])('%s %s with %j', async (method, path, fields) => {
    const { sendJson, manageToken } = budgeaCaller();
    expect(await sendJson(method, path, fields, manageToken)).toMatchObject({ status: 400, body: { code: 'invalidValue' } });
  });

  it.each([
    ['urlencoded', 'application/x-www-form-urlencoded', 'a=1&'.repeat(200_000)],
    [
      'multipart',
      'multipart/form-data; boundary=x',
      `${'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(15_000)}--x--`,
    ],
  ])('a form with one name over and over costs no more than its length (%s)', async (_, type, body) => {
    const { send, manageToken } = budgeaCaller();
    const answer = await send('POST', 'config', manageToken, { body, headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status: 200, body: { a: '1' } });
  });

  it('keeps names of prototypes as plain keys', async () => {
    const { send, manageToken } = budgeaCaller();
    const init = { body: '{"__proto__":"x","constructor":"y"}', headers: json };
    const { status, text } = await send('POST', 'config', manageToken, init);
    expect([status, text]).toEqual([200, expect.stringContaining('"__proto__":"x","constructor":"y"')]);
  });

  it.each(['limit=1001', 'limit=-1', 'limit=x', 'limit=1.5', 'offset=-1', 'offset=99999999999999999999', 'expand=]'])(
    'a list with ?%s',
    async (query) => {
      const { send, manageToken } = budgeaCaller();
      for (const path of ['users', 'clients', 'connectors', 'banks'])
        expect(await send('GET', `${path}?${query}`, manageToken)).toMatchObject({ status: 400, body: { code: 'invalidValue' } });
    },
  );
});

describe.each(['powens', '2019'] as const)('in %s', (profile) => {
  it.each(PATHS)('%s knows no PATCH', async (path) => {
    expect(await budgeaCaller({ profile }).send('PATCH', path)).toMatchObject({ status: 405, body: { code: 'methodNotAllowed' } });
  });

  it.each(['', 'nowhere', 'auth', 'auth/token/', 'users/me/nothing', 'certificate', 'USERS/ME', '../', '../2.1/users', 'users/%00/x', '%'])(
    '%j is not found',
    async (path) => {
      const { send, manageToken } = budgeaCaller({ profile });
      for (const method of ['GET', 'POST', 'DELETE'])
        expect(await send(method, path, manageToken)).toMatchObject({ status: 404, body: { code: 'notFound' } });
    },
  );

  it.each(['users/%00', 'users/%F0%28', 'users/1e3', 'users/-1', 'clients/0x1'])('%s is no id', async (path) => {
    const { send, manageToken } = budgeaCaller({ profile });
    expect(await send('GET', path, manageToken)).toMatchObject({ status: 400, body: { code: 'invalidValue' } });
  });

  it.each(['', 'a.b.c', 'e30.e30.e30', '*', 'x'.repeat(100_000)])('a Bearer token that is nonsense is refused (%#)', async (token) => {
    const answer = await budgeaCaller({ profile }).send('GET', 'users/me', token);
    expect(answer).toMatchObject({ status: profile === '2019' ? 403 : 401, body: { code: 'unauthorized' } });
  });
});
