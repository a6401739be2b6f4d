import { describe, expect, it } from 'vitest';
import { type Answer, budgeaCaller, type Caller } from '../../test/budgea-caller.ts';

const json = { 'content-type': 'application/json' };
const TWO_MEGABYTES = 'x'.repeat(2 * 2 ** 20);
const refused = (status: number, code: string): object => ({ status, body: { code } });

/** All that is below `/2.0/`, and the methods that it knows. */
const OPERATIONS = {
  ...{ 'auth/init': 'POST', 'auth/token/access': 'POST', 'auth/token/code': 'GET POST', 'auth/token': 'POST DELETE', 'auth/jwt': 'POST' },
  ...{ 'auth/renew': 'POST', 'admin/jwt': 'POST', users: 'GET', 'users/me': 'GET DELETE', 'users/me/token': 'POST DELETE' },
  ...{
    'users/me/config': 'GET POST DELETE',
    'users/me/connections': 'GET POST DELETE',
    clients: 'GET POST',
    'clients/1': 'GET PUT DELETE',
  },
  ...{ config: 'GET POST', connectors: 'GET POST PUT', 'connectors/1': 'GET', banks: 'GET', providers: 'GET', 'certificate/tls': 'GET' },
  ...{
    hash: 'DELETE',
    publickey: 'GET',
    webauth: 'GET',
    'webauth-url': 'GET',
    'users/me/accounts': 'GET',
    'users/me/accounts/1': 'GET POST',
  },
  ...{ 'users/me/connections/1': 'GET POST PUT DELETE', 'users/me/connections/1/accounts': 'GET' },
};

it.each(Object.entries(OPERATIONS))('%s knows %s and no other method', async (path, known) => {
  const { send } = budgeaCaller();
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((each) => !known.split(' ').includes(each)))
    expect([method, await send(method, path)]).toMatchObject([method, refused(405, 'methodNotAllowed')]);
});

describe('client credentials and fields', () => {
  const wrong = { client_id: '1', client_secret: 'x' };

  it.each<[path: string, fields: object, status: number, code: string]>([
    ['auth/init', { client_id: '1', client_secret: undefined }, 400, 'missingParameter'],
    ['auth/init', { client_id: undefined }, 400, 'missingParameter'],
    ['auth/init', wrong, 401, 'invalid_client'],
    ['auth/init', { client_secret: 'x' }, 401, 'invalid_client'],
    ['auth/token/access', { client_id: undefined, client_secret: undefined, code: 'x' }, 400, 'missingParameter'],
    ['auth/token/access', { ...wrong, code: 'x' }, 401, 'invalid_client'],
    ['auth/token/access', {}, 400, 'missingParameter'],
    ['auth/token/access', { code: 'x' }, 400, 'invalid_grant'],
    ['auth/token/access', { code: 'x', grant_type: 'password' }, 400, 'invalidValue'],
    ['auth/jwt', { client_id: undefined, client_secret: undefined }, 400, 'missingParameter'],
    ['auth/jwt', wrong, 401, 'invalid_client'],
    ['auth/jwt', { id_user: 99 }, 404, 'notFound'],
    ['auth/jwt', { id_user: 'me' }, 400, 'invalidValue'],
    ['auth/jwt', { expire: 'maybe' }, 400, 'invalidValue'],
    ['auth/jwt', { scope: ['a'] }, 400, 'invalidValue'],
    ['auth/renew', { client_id: undefined, client_secret: undefined, id_user: 1 }, 400, 'missingParameter'],
    ['auth/renew', { ...wrong, id_user: 1 }, 401, 'invalid_client'],
    ['auth/renew', {}, 400, 'missingParameter'],
    ['auth/renew', { id_user: 99 }, 404, 'notFound'],
    ['auth/renew', { id_user: 99, grant_type: 'password' }, 400, 'invalidValue'],
    ['auth/token', { scope: 'accounts' }, 400, 'invalidValue'],
    ['auth/token', { scope: ['payments:admin', 'accounts'] }, 400, 'invalidValue'],
    ['auth/token', { scope: { a: 1 } }, 400, 'invalidValue'],
    ['auth/token', { scope: '' }, 400, 'missingParameter'],
    ['auth/token', {}, 400, 'missingParameter'],
    ['auth/token', { scope: 'payments', grant_type: 'password' }, 400, 'invalidValue'],
    ['auth/token', { ...wrong, scope: 'payments' }, 401, 'invalid_client'],
  ])('%s refuses %j', async (path, fields, status, code) => {
    const { sendJson, client } = budgeaCaller();
    expect(await sendJson('POST', path, client(fields))).toMatchObject(refused(status, code));
  });
});

describe('the administrator’s fields', () => {
  it.each<[request: string, fields: object]>([
    ...[-1, 1.5, 'soon', true, '9'.repeat(20), [1]].map((duration): [string, object] => ['POST admin/jwt', { duration }]),
    ['POST clients', { name: ['a', 'b'] }],
    ['POST clients', { name: { a: 1 } }],
    ['POST clients', { redirect_uris: 'nowhere' }],
    ['POST clients', { redirect_uris: [1, {}] }],
    ['POST clients', { pro: 'maybe' }],
    ['POST config', { key: { a: 1 } }],
    ['POST config', { 'auth.default_token_expire': 'soon' }],
    ['POST config', { 'auth.default_token_expire': 'Infinity' }],
    ['PUT connectors', { hidden: 'maybe' }],
  ])('%s refuses %j', async (request, fields) => {
    const { sendJson, manageToken } = budgeaCaller();
    const [method = '', path = ''] = request.split(' ');
    expect(await sendJson(method, path, fields, manageToken)).toMatchObject(refused(400, 'invalidValue'));
  });

  it.each(['limit=1001', 'limit=-1', 'limit=x', 'limit=1.5', 'offset=-1', 'offset=99999999999999999999', 'expand=]'])(
    'no list takes ?%s',
    async (query) => {
      const { send, manageToken } = budgeaCaller();
      for (const path of ['users', 'clients', 'connectors', 'banks'])
        expect(await send('GET', `${path}?${query}`, manageToken)).toMatchObject(refused(400, 'invalidValue'));
    },
  );

  it('keep names of prototypes as plain keys', async () => {
    const { send, manageToken } = budgeaCaller();
    const init = { body: '{"__proto__":"x","constructor":"y"}', headers: json };
    const { status, text } = await send('POST', 'config', manageToken, init);
    expect([status, text]).toEqual([200, expect.stringContaining('"__proto__":"x","constructor":"y"')]);
  });
});

describe('tokens', () => {
  const operations = (paths: string): readonly string[] => paths.split(', ');

  it.each([
    ['a user', 'GET users/me, DELETE users/me, GET users/me/connections, POST users/me/token, GET auth/token/code, POST auth/token/code'],
    ['a user', 'DELETE auth/token, DELETE hash, GET users/me/config, DELETE users/me/token'],
    ['the administrator', 'POST admin/jwt, GET clients/1, GET clients, POST clients, GET config, POST config, PUT connectors, GET users'],
    ['anybody', 'GET certificate/tls, POST connectors'],
  ])('of %s are required, whole, known and of the right kind: %s', async (owner, paths) => {
    const { send, user, codeOf, jwtOf, manageJwt, manageToken } = budgeaCaller();
    const { id, token } = await user();
    const wrongKinds = { 'a user': [manageToken, await manageJwt()], 'the administrator': [token, await codeOf(token), await jwtOf(id)] };
    for (const operation of operations(paths)) {
      const [method = '', path = ''] = operation.split(' ');
      const bare = { headers: { authorization: owner === 'the administrator' ? manageToken : token } };
      const answers = [await send(method, path), await send(method, path, undefined, bare)];
      for (const nonsense of ['made+up/token=', '', 'a.b.c', 'e30.e30.e30', '*', 'x'.repeat(100_000)])
        answers.push(await send(method, path, nonsense));
      for (const answer of answers) expect([operation, answer]).toMatchObject([operation, refused(401, 'unauthorized')]);
      for (const [kind, wrongKind] of (wrongKinds[owner as keyof typeof wrongKinds] ?? []).entries())
        expect([operation, kind, await send(method, path, wrongKind)]).toMatchObject([operation, kind, refused(403, 'forbidden')]);
    }
  });

  it('that are the administrator’s JWTs make no other', async () => {
    const { send, manageJwt } = budgeaCaller();
    expect(await send('POST', 'admin/jwt', await manageJwt())).toMatchObject(refused(403, 'forbidden'));
  });

  it('that are not the manage token make no user', async () => {
    const { send, user } = budgeaCaller();
    for (const token of ['other', (await user()).token])
      expect(await send('POST', 'auth/init', token)).toMatchObject(refused(401, 'unauthorized'));
  });
});

describe('paths and ids', () => {
  it.each<[who: 'user' | 'manager', request: string, status: number, code: string]>([
    ['user', 'GET users/999', 404, 'notFound'],
    ['user', 'GET users/all', 403, 'forbidden'],
    ['user', 'GET users/x', 400, 'invalidValue'],
    ['user', 'GET auth/token/code?type=other', 400, 'invalidValue'],
    ['user', 'POST users/me/token', 400, 'missingParameter'],
    ['user', 'GET users/me/connections/one', 400, 'invalidValue'],
    ['user', 'GET users/me/accounts?all=maybe', 400, 'invalidValue'],
    ['manager', 'GET users/me/connections', 403, 'forbidden'],
    ['manager', 'GET users/%00', 400, 'invalidValue'],
    ['manager', 'GET users/%F0%28', 400, 'invalidValue'],
    ['manager', 'GET users/1e3', 400, 'invalidValue'],
    ['manager', 'GET users/-1', 400, 'invalidValue'],
    ['manager', 'GET clients/0x1', 400, 'invalidValue'],
    ['manager', 'GET clients/me', 400, 'invalidValue'],
    ['manager', 'GET clients/1', 404, 'notFound'],
    ['manager', 'GET users/99', 404, 'notFound'],
  ])('for the %s, %s is %i %s', async (who, request, status, code) => {
    const { send, user, manageToken } = budgeaCaller();
    const [method = '', path = ''] = request.split(' ');
    expect(await send(method, path, who === 'user' ? (await user()).token : manageToken)).toMatchObject(refused(status, code));
  });

  it('that are unknown are not found, whatever the method', async () => {
    const { send, manageToken } = budgeaCaller();
    const below = ['', 'nowhere', 'auth', 'auth/token/', 'users/me/nothing', 'certificate', 'USERS/ME', 'users/%00/x', '%'];
    for (const path of [...below, '../', '../users/me', '../2.1/users'])
      for (const method of ['GET', 'POST', 'DELETE'])
        expect([method, path, await send(method, path, manageToken)]).toMatchObject([method, path, refused(404, 'notFound')]);
  });

  it('of another user change nothing', async () => {
    const { send, user, statusOf } = budgeaCaller();
    const [one, other] = [await user(), await user()];
    expect(await send('DELETE', `users/${other.id}`, one.token)).toMatchObject(refused(404, 'notFound'));
    expect(await statusOf(other.token)).toBe(200);
  });
});

describe('bodies', () => {
  /** Operations with a body, by whose token they want. */
  const WRITES: readonly (readonly [paths: string, token: (caller: Caller) => string | undefined | Promise<string>])[] = [
    ['POST auth/init, POST auth/token/access, POST auth/token, POST auth/jwt, POST auth/renew', () => undefined],
    ['POST admin/jwt, POST clients, POST config, PUT connectors', ({ manageToken }) => manageToken],
    ['POST auth/token/code, POST users/me/token, POST users/me/config, POST connectors', async ({ user }) => (await user()).token],
    ['POST users/me/connections', async ({ user }) => (await user()).token],
  ];

  it.each(WRITES)('that nobody can read are refused by %s', async (paths, tokenOf) => {
    for (const operation of paths.split(', ')) {
      const caller = budgeaCaller();
      const [method = '', path = ''] = operation.split(' ');
      const answer: Answer = await caller.send(method, path, await tokenOf(caller), { body: '{"a":', headers: json });
      expect([operation, answer]).toMatchObject([operation, refused(400, 'badRequest')]);
    }
  });

  it.each<[string, () => RequestInit]>([
    ['a JSON list', () => ({ body: '[]', headers: json })],
    ['a JSON null', () => ({ body: 'null', headers: json })],
    ['plain text', () => ({ body: 'a=1', headers: { 'content-type': 'text/plain' } })],
    ['bytes of no type', () => ({ body: new Uint8Array([0, 255, 1]) })],
    ['a multipart body without its boundary', () => ({ body: 'x', headers: { 'content-type': 'multipart/form-data' } })],
    ['2 MB of JSON', () => ({ body: JSON.stringify({ name: TWO_MEGABYTES }), headers: json })],
    ['2 MB of a form', () => ({ body: new URLSearchParams({ name: TWO_MEGABYTES }) })],
    // `duplex` is missing in the type.
    ['2 MB of unknown length', () => ({ body: new Blob([TWO_MEGABYTES]).stream(), duplex: 'half', headers: json }) as RequestInit],
  ])('of %s are refused', async (_, body) => {
    expect(await budgeaCaller().send('POST', 'auth/init', undefined, body())).toMatchObject(refused(400, 'badRequest'));
  });

  const part = (value: number): string => `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n`;

  it.each([
    ['application/x-www-form-urlencoded', `${'a=1&'.repeat(200_000)}a=2`],
    ['multipart/form-data; boundary=x', `${part(1).repeat(15_000)}${part(2)}--x--`],
  ])('with one name over and over cost no more than their length, and the last value counts: %s', async (type, body) => {
    const { send, manageToken } = budgeaCaller();
    const answer = await send('POST', 'config', manageToken, { body, headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status: 200, body: { a: '2' } });
  });
});
