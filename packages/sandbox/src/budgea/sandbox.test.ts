import { type FakeClock, fakeClock } from '@auth/core/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox } from '../index.ts';

const HALF_HOUR = 1_800_000;
const start = Date.UTC(2026, 0, 1, 12);

/** The same form in each encoding that the vendor takes. */
const ENCODINGS: Readonly<Record<string, (fields: Record<string, string>) => RequestInit>> = {
  json: (fields) => ({ body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
  urlencoded: (fields) => ({ body: new URLSearchParams(fields) }),
  multipart: (fields) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return { body };
  },
};

const seeded = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

describe.each(['in process', 'over HTTP'])('budgea, %s', (way) => {
  let clock: FakeClock;
  let sandbox: BudgeaSandbox;
  let base = 'https://demo.biapi.pro/2.0/';
  let close = async (): Promise<void> => {};

  const create = async (options: BudgeaSandboxOptions = {}): Promise<void> => {
    clock = fakeClock({ now: start });
    sandbox = budgeaSandbox({ clock, ...options });
    if (way === 'in process') return;
    await close();
    const server = await sandbox.listen();
    base = server.url;
    close = server.close;
  };
  beforeEach(() => create());
  afterEach(() => close());

  type Json = Record<string, unknown>;
  interface Answer {
    readonly status: number;
    readonly body: Json;
    readonly text: string;
  }
  const send = async (method: string, path: string, token?: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const transport = way === 'in process' ? sandbox.fetch : fetch;
    const response = await transport(base + path, { ...init, method, headers });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? {} : JSON.parse(text) };
  };
  const post = (path: string, fields: object = {}, token?: string): Promise<Answer> =>
    send('POST', path, token, { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } });
  const client = (changes: object = {}): object => ({
    client_id: sandbox.credentials.clientId,
    client_secret: sandbox.credentials.clientSecret,
    ...changes,
  });
  const text = (answer: Answer, name: string): string => String(answer.body[name]);

  const permanentUser = async (): Promise<{ id: number; token: string }> => {
    const answer = await post('auth/init', client());
    return { id: Number(answer.body['id_user']), token: text(answer, 'auth_token') };
  };
  const codeOf = async (token: string, query = ''): Promise<string> => text(await send('GET', `auth/token/code${query}`, token), 'code');
  const exchange = (code: string, changes: object = {}): Promise<Answer> => post('auth/token/access', client({ code, ...changes }));
  const renew = (idUser: number, changes: object = {}): Promise<Answer> => post('auth/renew', client({ id_user: idUser, ...changes }));
  const jwtOf = async (id: number, changes: object = {}): Promise<string> =>
    text(await post('auth/jwt', client({ id_user: id, ...changes })), 'jwt_token');
  const manageJwt = async (fields: object = {}): Promise<string> =>
    text(await post('admin/jwt', fields, sandbox.credentials.manageToken), 'jwt_token');
  const ownClient = (token: string): Promise<Answer> => send('GET', `clients/${sandbox.credentials.clientId}`, token);
  const me = (token: string): Promise<Answer> => send('GET', 'users/me', token);
  const statusOf = async (token: string): Promise<number> => (await me(token)).status;

  describe('POST /auth/init', () => {
    it('makes a temporary user without credentials', async () => {
      const { status, body } = await send('POST', 'auth/init');
      expect(status).toBe(200);
      expect(body).toEqual({ auth_token: expect.stringMatching(/^[A-Za-z0-9+/]{128}$/), type: 'temporary', id_user: 1, expires_in: 1800 });
    });

    it('deletes the temporary user after half an hour', async () => {
      const answer = await post('auth/init');
      const token = text(answer, 'auth_token');
      clock.advance(HALF_HOUR - 1);
      expect(await statusOf(token)).toBe(200);
      clock.advance(1);
      expect(await statusOf(token)).toBe(401);
      expect((await renew(Number(answer.body['id_user']))).status).toBe(404);
    });

    it.each(Object.keys(ENCODINGS))('makes a permanent user with client credentials as %s', async (encoding) => {
      const { clientId, clientSecret } = sandbox.credentials;
      const { status, body } = await send(
        'POST',
        'auth/init',
        undefined,
        ENCODINGS[encoding]?.({ client_id: clientId, client_secret: clientSecret }),
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({ type: 'permanent', id_user: 1, expires_in: null });
      clock.advance(365 * 24 * 60 * 60_000);
      expect(await statusOf(String(body['auth_token']))).toBe(200);
    });

    it('takes a client id that is a number in JSON', async () => {
      expect((await post('auth/init', client({ client_id: Number(sandbox.credentials.clientId) }))).body['type']).toBe('permanent');
    });

    it('makes a permanent user with the manage token', async () => {
      expect((await post('auth/init', {}, sandbox.credentials.manageToken)).body['type']).toBe('permanent');
    });

    it('gives every user another id and another token', async () => {
      const [one, other] = [await permanentUser(), await permanentUser()];
      expect(one.id).not.toBe(other.id);
      expect(one.token).not.toBe(other.token);
    });
  });

  describe('POST /auth/token/access', () => {
    it('turns a temporary token into a permanent one and keeps the user', async () => {
      const answer = await post('auth/init');
      const temporary = text(answer, 'auth_token');
      const { status, body } = await exchange(temporary);
      expect([status, body]).toEqual([200, { access_token: expect.stringMatching(/^.{128}$/), token_type: 'Bearer' }]);
      clock.advance(2 * HALF_HOUR);
      expect((await me(String(body['access_token']))).body['id']).toBe(answer.body['id_user']);
      expect(await statusOf(temporary)).toBe(401);
    });

    it('turns a code into another permanent token of the same user', async () => {
      const { id, token } = await permanentUser();
      const access = text(
        await exchange(await codeOf(token), { grant_type: 'authorization_code', redirect_uri: 'https://x.example' }),
        'access_token',
      );
      expect((await me(access)).body['id']).toBe(id);
      expect(await statusOf(token)).toBe(200);
    });

    it.each(Object.keys(ENCODINGS))('takes a code with + and / as %s', async (encoding) => {
      await create({ random: seeded() });
      const { token } = await permanentUser();
      const code = await codeOf(token);
      expect(code).toMatch(/\+.*\/|\/.*\+/);
      const { clientId, clientSecret } = sandbox.credentials;
      const fields = { client_id: clientId, client_secret: clientSecret, code };
      expect((await send('POST', 'auth/token/access', undefined, ENCODINGS[encoding]?.(fields))).status).toBe(200);
    });

    it.each([':', ''])('takes client credentials from HTTP Basic that ends in %j', async (end) => {
      const { clientId, clientSecret } = sandbox.credentials;
      const code = await codeOf((await permanentUser()).token);
      const authorization = `Basic ${btoa(`${clientId}:${clientSecret}${end}`)}`;
      const answer = await send('POST', 'auth/token/access', undefined, {
        body: new URLSearchParams({ code }),
        headers: { authorization },
      });
      expect(answer.status).toBe(200);
    });

    it('takes a code once', async () => {
      const code = await codeOf((await permanentUser()).token);
      expect([(await exchange(code)).status, (await exchange(code)).status]).toEqual([200, 400]);
    });

    it('uses up a code although the answer is lost', async () => {
      const code = await codeOf((await permanentUser()).token);
      sandbox.faults.add({ path: '/2.0/auth/token/access', reply: { kind: 'lost' } });
      await expect(exchange(code)).rejects.toThrow(TypeError);
      expect((await exchange(code)).body['code']).toBe('invalid_grant');
    });
  });

  describe('/auth/token/code', () => {
    it.each(['GET', 'POST'])('answers %s with a code that works as a Bearer token for half an hour', async (method) => {
      const { id, token } = await permanentUser();
      const { status, body } = await send(method, 'auth/token/code', token);
      expect([status, body]).toEqual([200, { code: expect.any(String), type: 'temporary', expires_in: 1800, access: 'standard' }]);
      const code = String(body['code']);
      expect((await me(code)).body['id']).toBe(id);
      clock.advance(HALF_HOUR);
      expect(await statusOf(code)).toBe(401);
      expect((await exchange(code)).body['code']).toBe('invalid_grant');
    });

    it('makes codes that any one call uses up', async () => {
      const { token } = await permanentUser();
      const single = await send('GET', 'auth/token/code?type=singleAccess', token);
      expect(single.body['access']).toBe('single');
      expect([await statusOf(text(single, 'code')), await statusOf(text(single, 'code'))]).toEqual([200, 401]);
      const spent = await codeOf(token, '?type=singleAccess');
      expect([(await exchange(spent)).status, await statusOf(spent)]).toEqual([200, 401]);
    });

    it('takes the type from the body of a POST', async () => {
      expect((await post('auth/token/code', { type: 'singleAccess' }, (await permanentUser()).token)).body['access']).toBe('single');
    });
  });

  describe('DELETE /auth/token', () => {
    it('ends the token in use and no other', async () => {
      const { id, token } = await permanentUser();
      const other = text(await renew(id), 'access_token');
      expect(await send('DELETE', 'auth/token', token)).toMatchObject({ status: 204, text: '' });
      expect([await statusOf(token), await statusOf(other)]).toEqual([401, 200]);
      expect((await send('DELETE', 'auth/token', token)).status).toBe(401);
    });

    it('ends a JWT too', async () => {
      const jwt = await jwtOf((await permanentUser()).id);
      await send('DELETE', 'auth/token', jwt);
      expect(await statusOf(jwt)).toBe(401);
    });
  });

  describe('POST /auth/jwt', () => {
    it('signs the documented claims and repeats them', async () => {
      const { id } = await permanentUser();
      const { status, body } = await post('auth/jwt', client({ id_user: id, scope: 'some' }));
      const token = String(body['jwt_token']);
      expect(status).toBe(200);
      expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' });
      expect(body['payload']).toEqual(decodeJwt(token));
      expect(body['payload']).toEqual({
        id_user: id,
        aud: new URL(base).host,
        iss: Number(sandbox.credentials.clientId),
        exp: (start + HALF_HOUR) / 1000,
        scope: 'some',
        iat: start / 1000,
        type: 'sharedAccess',
      });
      // 2048 bits.
      expect(atob(token.split('.')[2]?.replaceAll('-', '+').replaceAll('_', '/') ?? '')).toHaveLength(256);
    });

    it('makes a Bearer token that lives until its exp', async () => {
      const { id } = await permanentUser();
      const jwt = await jwtOf(id);
      clock.advance(HALF_HOUR - 1);
      expect((await me(jwt)).body['id']).toBe(id);
      clock.advance(1);
      expect(await statusOf(jwt)).toBe(401);
    });

    it.each([[false], ['false'], ['0'], [0]])('makes one without end for expire=%j', async (expire) => {
      const jwt = await jwtOf((await permanentUser()).id, { expire });
      expect(decodeJwt(jwt).exp).toBeUndefined();
      clock.advance(365 * 24 * 60 * 60_000);
      expect(await statusOf(jwt)).toBe(200);
    });

    it('makes a user where none is named', async () => {
      const { body } = await post('auth/jwt', client());
      expect((await me(String(body['jwt_token']))).body['id']).toBe(1);
    });

    it('lives as long as the server is set to', async () => {
      await create({ jwtLifetime: 60_000 });
      const jwt = await jwtOf((await permanentUser()).id);
      clock.advance(60_000);
      expect(await statusOf(jwt)).toBe(401);
    });

    it('is refused after its user is gone, when altered, and by another sandbox', async () => {
      const { id, token } = await permanentUser();
      const jwt = await jwtOf(id);
      const [header, , signature] = jwt.split('.');
      const payload = btoa(JSON.stringify({ ...decodeJwt(jwt), id_user: 2 })).replaceAll('=', '');
      expect(await statusOf(`${header}.${payload}.${signature}`)).toBe(401);
      await send('DELETE', 'users/me', token);
      expect(await statusOf(jwt)).toBe(401);
      await create();
      await jwtOf((await permanentUser()).id);
      expect(await statusOf(jwt)).toBe(401);
    });
  });

  describe('POST /admin/jwt', () => {
    it('signs the documented claims and repeats them', async () => {
      const { status, body } = await post('admin/jwt', {}, sandbox.credentials.manageToken);
      const token = String(body['jwt_token']);
      expect([status, Object.keys(body)]).toEqual([200, ['jwt_token', 'payload']]);
      expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' });
      expect(body['payload']).toEqual(decodeJwt(token));
      expect(body['payload']).toEqual({
        iat: start / 1000,
        type: 'manage_token',
        aud: new URL(base).host,
        exp: start / 1000 + 60,
        scope: 'config',
      });
    });

    it.each(Object.keys(ENCODINGS))('takes scope and duration as %s', async (encoding) => {
      const { body } = await send(
        'POST',
        'admin/jwt',
        sandbox.credentials.manageToken,
        ENCODINGS[encoding]?.({ scope: 'users', duration: '60' }),
      );
      expect(body['payload']).toMatchObject({ scope: 'users', exp: start / 1000 + 3600 });
    });

    it.each([[{}], [{ duration: null }], [{ scope: '', duration: '' }]])('takes config and a minute for %j', async (fields) => {
      expect((await post('admin/jwt', fields, sandbox.credentials.manageToken)).body['payload']).toMatchObject({
        scope: 'config',
        exp: start / 1000 + 60,
      });
    });

    it('makes a Bearer token that lives until its exp', async () => {
      const jwt = await manageJwt({ duration: 2 });
      clock.advance(119_999);
      expect((await ownClient(jwt)).status).toBe(200);
      clock.advance(1);
      expect(await ownClient(jwt)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    });

    it.each([[0], ['0']])('makes one without end for duration=%j', async (duration) => {
      const jwt = await manageJwt({ duration });
      expect(decodeJwt(jwt).exp).toBeUndefined();
      clock.advance(365 * 24 * 60 * 60_000);
      expect((await ownClient(jwt)).status).toBe(200);
    });

    it.each([[-1], [1.5], ['soon'], [true], ['9'.repeat(20)], [[1]]])('refuses duration=%j', async (duration) => {
      expect(await post('admin/jwt', { duration }, sandbox.credentials.manageToken)).toMatchObject({
        status: 400,
        body: { code: 'invalidValue' },
      });
    });

    it('is refused when altered, and by another sandbox', async () => {
      const jwt = await manageJwt({ duration: 60 });
      const [header, , signature] = jwt.split('.');
      const payload = btoa(JSON.stringify({ ...decodeJwt(jwt), scope: 'users' })).replaceAll('=', '');
      expect((await ownClient(`${header}.${payload}.${signature}`)).status).toBe(401);
      await create();
      await manageJwt();
      expect((await ownClient(jwt)).status).toBe(401);
    });
  });

  describe('GET /clients/{id_client}', () => {
    it.each<[string, () => string | Promise<string>]>([
      ['the manage token', () => sandbox.credentials.manageToken],
      ['a manage JWT', () => manageJwt()],
      ['the config token', () => sandbox.serverTokens.configToken],
    ])('shows the own client to %s, with its secret and public key', async (_, tokenOf) => {
      const { domain, clientId, clientSecret } = sandbox.credentials;
      const { status, body } = await ownClient(await tokenOf());
      expect([status, body]).toEqual([
        200,
        {
          id: Number(clientId),
          name: domain,
          secret: clientSecret,
          public_key: expect.stringContaining('BEGIN PUBLIC KEY'),
          redirect_uris: '',
          pro: false,
        },
      ]);
    });

    it.each([
      ['1', 404, 'notFound'],
      ['me', 400, 'invalidValue'],
    ])('knows no client %s', async (id, status, code) => {
      expect(await send('GET', `clients/${id}`, sandbox.credentials.manageToken)).toMatchObject({ status, body: { code } });
    });
  });

  describe('POST /auth/renew', () => {
    it('gives another permanent token and leaves the others', async () => {
      const { id, token } = await permanentUser();
      const { status, body } = await renew(id, { grant_type: 'client_credentials' });
      expect([status, body]).toEqual([200, { access_token: expect.stringMatching(/^.{128}$/), token_type: 'Bearer' }]);
      expect([await statusOf(token), await statusOf(String(body['access_token']))]).toEqual([200, 200]);
    });

    it.each([[true], ['true'], ['1']])('ends the others for revoke_previous=%j', async (revoke_previous) => {
      const { id, token } = await permanentUser();
      const stranger = await permanentUser();
      const renewed = text(await renew(id, { revoke_previous }), 'access_token');
      expect([await statusOf(token), await statusOf(renewed), await statusOf(stranger.token)]).toEqual([401, 200, 200]);
    });

    it('keeps a temporary user', async () => {
      const id = Number((await post('auth/init')).body['id_user']);
      const renewed = text(await renew(id), 'access_token');
      clock.advance(2 * HALF_HOUR);
      expect(await statusOf(renewed)).toBe(200);
    });
  });

  describe('users', () => {
    it('have an id and a creation date in Paris time', async () => {
      const { id, token } = await permanentUser();
      for (const path of ['users/me', `users/${id}`]) {
        expect(await send('GET', path, token)).toMatchObject({ status: 200, body: { id, signin: '2026-01-01 13:00:00' } });
      }
    });

    it('get permanent tokens for an application', async () => {
      const { id, token } = await permanentUser();
      const { status, body } = await post(`users/${id}/token`, { application: 'sharedAccess' }, token);
      expect([status, Object.keys(body)]).toEqual([200, ['token']]);
      expect(await statusOf(String(body['token']))).toBe(200);
    });

    it('go with all of their tokens', async () => {
      const { id, token } = await permanentUser();
      const other = text(await renew(id), 'access_token');
      expect(await send('DELETE', 'users/me', token)).toMatchObject({ status: 204, text: '' });
      expect([await statusOf(token), await statusOf(other)]).toEqual([401, 401]);
      expect((await renew(id)).status).toBe(404);
    });

    it('have no connections yet', async () => {
      const { token } = await permanentUser();
      expect((await send('GET', 'users/me/connections?expand=connector', token)).body).toEqual({ connections: [], total: 0 });
    });
  });

  it('lists connectors without a token', async () => {
    const { status, body } = await send('GET', 'connectors');
    expect([status, body['total']]).toEqual([200, 2]);
    expect(body['connectors']).toMatchObject([{ auth_mechanism: 'credentials' }, { auth_mechanism: 'webauth' }]);
  });

  describe('expireTokens', () => {
    it('ends tokens, codes and JWTs and keeps users, who get new ones at once', async () => {
      const { id, token } = await permanentUser();
      const temporary = text(await post('auth/init'), 'auth_token');
      const ended = [token, temporary, await codeOf(token), await jwtOf(id), await jwtOf(id, { expire: false })];
      for (const value of ended) expect(await statusOf(value)).toBe(200);
      sandbox.expireTokens();
      for (const value of ended) expect(await statusOf(value)).toBe(401);
      expect((await me(text(await renew(id), 'access_token'))).body['id']).toBe(id);
      const jwt = await jwtOf(id);
      expect(ended).not.toContain(jwt);
      expect((await me(jwt)).body['id']).toBe(id);
      sandbox.expireTokens();
      expect(await statusOf(jwt)).toBe(401);
      expect(await statusOf(await jwtOf(id))).toBe(200);
    });

    it('ends manage JWTs, and the manage token makes new ones at once', async () => {
      const ended = [await manageJwt({ duration: 60 }), await manageJwt({ duration: 0 })];
      for (const value of ended) expect((await ownClient(value)).status).toBe(200);
      sandbox.expireTokens();
      for (const value of ended) expect((await ownClient(value)).status).toBe(401);
      expect((await ownClient(await manageJwt({ duration: 60 }))).status).toBe(200);
    });
  });

  it('starts over after reset', async () => {
    const { id, token } = await permanentUser();
    const jwt = await jwtOf(id);
    const manager = await manageJwt();
    sandbox.reset();
    expect(sandbox.calls).toEqual([]);
    expect((await permanentUser()).id).toBe(id);
    expect([await statusOf(token), await statusOf(jwt), (await ownClient(manager)).status]).toEqual([401, 401, 401]);
  });

  describe('refusals', () => {
    const wrongClient = { client_id: '1', client_secret: 'x' };
    const json = { 'content-type': 'application/json' };

    it.each([
      ['one client credential only', 'auth/init', () => ({ client_id: '1' }), 400, 'missingParameter'],
      ['wrong client credentials', 'auth/init', () => wrongClient, 401, 'invalid_client'],
      ['a wrong client secret', 'auth/init', () => client({ client_secret: 'x' }), 401, 'invalid_client'],
      ['no client', 'auth/token/access', () => ({ code: 'x' }), 400, 'missingParameter'],
      ['wrong client credentials', 'auth/token/access', () => ({ ...wrongClient, code: 'x' }), 401, 'invalid_client'],
      ['no code', 'auth/token/access', () => client(), 400, 'missingParameter'],
      ['an unknown code', 'auth/token/access', () => client({ code: 'x' }), 400, 'invalid_grant'],
      ['another grant type', 'auth/token/access', () => client({ code: 'x', grant_type: 'password' }), 400, 'invalidValue'],
      ['no client', 'auth/jwt', () => ({}), 400, 'missingParameter'],
      ['wrong client credentials', 'auth/jwt', () => wrongClient, 401, 'invalid_client'],
      ['an unknown user', 'auth/jwt', () => client({ id_user: 99 }), 404, 'notFound'],
      ['a user id that is none', 'auth/jwt', () => client({ id_user: 'me' }), 400, 'invalidValue'],
      ['a flag that is none', 'auth/jwt', () => client({ expire: 'maybe' }), 400, 'invalidValue'],
      ['a nested value', 'auth/jwt', () => client({ scope: ['a'] }), 400, 'invalidValue'],
      ['no client', 'auth/renew', () => ({ id_user: 1 }), 400, 'missingParameter'],
      ['wrong client credentials', 'auth/renew', () => ({ ...wrongClient, id_user: 1 }), 401, 'invalid_client'],
      ['no user', 'auth/renew', () => client(), 400, 'missingParameter'],
      ['an unknown user', 'auth/renew', () => client({ id_user: 99 }), 404, 'notFound'],
      ['another grant type', 'auth/renew', () => client({ id_user: 99, grant_type: 'password' }), 400, 'invalidValue'],
    ])('%s to %s', async (_, path, fields, status, code) => {
      expect(await post(path, fields())).toMatchObject({ status, body: { code } });
    });

    it.each([
      ['GET', 'users/me'],
      ['DELETE', 'users/me'],
      ['GET', 'users/me/connections'],
      ['POST', 'users/me/token'],
      ['GET', 'auth/token/code'],
      ['POST', 'auth/token/code'],
      ['DELETE', 'auth/token'],
    ])('%s %s without, with a wrong, with a bare, with the manage token and with its JWT', async (method, path) => {
      const { token } = await permanentUser();
      const bare = await send(method, path, undefined, { headers: { authorization: token } });
      const answers = [await send(method, path), await send(method, path, 'made+up/token='), bare];
      for (const answer of answers) expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      for (const wrongKind of [sandbox.credentials.manageToken, await manageJwt()])
        expect(await send(method, path, wrongKind)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    it.each([
      ['POST', 'admin/jwt'],
      ['GET', 'clients/1'],
    ])('%s %s without, with a wrong, with a bare and with any token of a user', async (method, path) => {
      const { id, token } = await permanentUser();
      const bare = await send(method, path, undefined, { headers: { authorization: sandbox.credentials.manageToken } });
      const answers = [await send(method, path), await send(method, path, 'made+up/token='), bare];
      for (const answer of answers) expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      for (const wrongKind of [token, await codeOf(token), await jwtOf(id)])
        expect(await send(method, path, wrongKind)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    it('a manage JWT that asks for another', async () => {
      expect(await post('admin/jwt', {}, await manageJwt())).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    });

    it('a code for one call that was used up where the manage token is wanted', async () => {
      const { token } = await permanentUser();
      const code = await codeOf(token, '?type=singleAccess');
      expect([(await ownClient(code)).status, await statusOf(code)]).toEqual([403, 401]);
    });

    it.each([
      ['users/999', 404, 'notFound'],
      ['users/all', 403, 'forbidden'],
      ['users/x', 400, 'invalidValue'],
      ['auth/token/code?type=other', 400, 'invalidValue'],
      ['nowhere', 404, 'notFound'],
      ['../users/me', 404, 'notFound'],
    ])('GET %s', async (path, status, code) => {
      expect(await send('GET', path, (await permanentUser()).token)).toMatchObject({ status, body: { code } });
    });

    it('an /auth/init whose Bearer token is not the manage token', async () => {
      expect(await post('auth/init', {}, 'other')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    });

    it("another user's id", async () => {
      const [one, other] = [await permanentUser(), await permanentUser()];
      expect((await send('DELETE', `users/${other.id}`, one.token)).status).toBe(404);
      expect(await statusOf(other.token)).toBe(200);
    });

    it('a token request without application', async () => {
      expect(await post('users/me/token', {}, (await permanentUser()).token)).toMatchObject({
        status: 400,
        body: { code: 'missingParameter' },
      });
    });

    it('a permanent token in the place of a code', async () => {
      expect((await exchange((await permanentUser()).token)).body['code']).toBe('invalid_grant');
    });

    it.each([
      ['PUT', 'auth/init'],
      ['GET', 'auth/renew'],
      ['PUT', 'auth/token'],
      ['GET', 'admin/jwt'],
      ['PATCH', 'clients/1'],
      ['PATCH', 'users/me'],
      ['DELETE', 'connectors'],
    ])('%s %s as a wrong method', async (method, path) => {
      expect(await send(method, path)).toMatchObject({ status: 405, body: { code: 'methodNotAllowed' } });
    });

    it.each<[string, RequestInit]>([
      ['half a JSON', { body: '{"client_id":', headers: json }],
      ['a JSON array', { body: '[]', headers: json }],
      ['plain text', { body: 'client_id=1' }],
      ['a multipart body without its boundary', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }],
      ['2 MB', { body: JSON.stringify({ client_id: 'x'.repeat(2_000_000) }), headers: json }],
    ])('%s as a body', async (_, init) => {
      expect(await send('POST', 'auth/init', undefined, init)).toMatchObject({ status: 400, body: { code: 'badRequest' } });
    });

    it('with a technical description and a request id', async () => {
      const { body } = await send('GET', 'users/me');
      expect(body).toEqual({ code: 'unauthorized', description: expect.any(String), message: null, request_id: expect.any(Number) });
    });

    it('with codes of your own', async () => {
      await create({ errorCodes: { badToken: 'invalidToken' } });
      expect((await send('GET', 'users/me')).body['code']).toBe('invalidToken');
      expect((await exchange('x')).body['code']).toBe('invalid_grant');
    });
  });

  describe('in 2019', () => {
    beforeEach(() => create({ profile: '2019' }));

    it('refuses tokens and clients with 403 and a short body', async () => {
      expect(await send('GET', 'users/me')).toMatchObject({ status: 403, body: { code: 'unauthorized', message: expect.any(String) } });
      expect(Object.keys((await send('GET', 'users/me', 'x')).body)).toEqual(['code', 'message']);
      expect((await post('auth/init', { client_id: '1', client_secret: 'x' })).status).toBe(403);
    });

    it('refuses a wrong manage token with 403 too, and makes the same JWTs for the right one', async () => {
      for (const wrong of [undefined, 'x'])
        expect(await send('POST', 'admin/jwt', wrong)).toMatchObject({ status: 403, body: { code: 'unauthorized' } });
      const { token } = await permanentUser();
      expect(await send('POST', 'admin/jwt', token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      const jwt = await manageJwt();
      expect(decodeJwt(jwt)).toMatchObject({ type: 'manage_token', scope: 'config' });
      expect((await ownClient(jwt)).status).toBe(200);
      sandbox.expireTokens();
      expect(await ownClient(jwt)).toMatchObject({ status: 403, body: { code: 'unauthorized' } });
    });

    it('shows the platform of a user, and the whole user once more on deletion', async () => {
      const { id, token } = await permanentUser();
      const user = { id, signin: '2026-01-01 13:00:00', platform: 'sharedAccess' };
      expect((await me(token)).body).toEqual(user);
      expect(await send('DELETE', 'users/me', token)).toMatchObject({ status: 200, body: user });
    });

    it('answers an empty 200 to a revocation', async () => {
      expect(await send('DELETE', 'auth/token', (await permanentUser()).token)).toMatchObject({ status: 200, text: '' });
    });

    it('leaves out the access of codes and the expiry of permanent tokens', async () => {
      const { token } = await permanentUser();
      expect(Object.keys((await send('GET', 'auth/token/code', token)).body)).toEqual(['code', 'type', 'expires_in']);
      expect(Object.keys((await post('auth/init', client())).body)).toEqual(['auth_token', 'type', 'id_user']);
    });

    it('writes the type of a JWT in its old way', async () => {
      expect(decodeJwt(await jwtOf((await permanentUser()).id))['type']).toBe('shared_access');
    });
  });
});

describe('budgea credentials', () => {
  it('look like the real ones and can be given', () => {
    expect(budgeaSandbox().credentials).toEqual({
      domain: expect.stringMatching(/^[a-z\d]+(-[a-z\d]+)*$/),
      clientId: expect.stringMatching(/^[1-9]\d+$/),
      clientSecret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      manageToken: expect.stringMatching(/^[A-Za-z0-9+/]{32}$/),
    });
    expect(budgeaSandbox({ credentials: { domain: 'mine' } }).credentials.domain).toBe('mine');
  });

  it('are the same for the same random numbers', () => {
    expect(budgeaSandbox({ random: seeded() }).credentials).toEqual(budgeaSandbox({ random: seeded() }).credentials);
  });
});
