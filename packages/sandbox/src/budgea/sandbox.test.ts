import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { BASE, budgeaCaller, HALF_HOUR, MINUTE, START } from '../../test/budgea-caller.ts';
import { seededRandom } from '../cli/seed.ts';
import { budgeaSandbox } from '../index.ts';

const YEAR = 365 * 24 * 60 * MINUTE;
const TOKEN = expect.stringMatching(/^[A-Za-z0-9+/]{128}$/);
const SECONDS = START / 1000;

describe('POST /auth/init', () => {
  it('makes a temporary user without credentials, and deletes him after half an hour', async () => {
    const { send, sendJson, client, statusOf, clock } = budgeaCaller();
    const { body } = await send('POST', 'auth/init');
    expect(body).toEqual({ auth_token: TOKEN, type: 'temporary', id_user: 1, expires_in: 1800 });
    clock.advance(HALF_HOUR - 1);
    expect(await statusOf(String(body['auth_token']))).toBe(200);
    clock.advance(1);
    expect(await statusOf(String(body['auth_token']))).toBe(401);
    expect((await sendJson('POST', 'auth/renew', client({ id_user: 1 }))).status).toBe(404);
  });

  it('makes a permanent user with client credentials, whose id may be a number, or with the manage token', async () => {
    const { sendJson, client, manageToken, sandbox, statusOf, clock } = budgeaCaller();
    const made = await sendJson('POST', 'auth/init', client({ client_id: Number(sandbox.credentials.clientId) }));
    expect(made.body).toEqual({ auth_token: TOKEN, type: 'permanent', id_user: 1, expires_in: null });
    const padded = client({ client_id: `0${sandbox.credentials.clientId}` });
    expect((await sendJson('POST', 'auth/init', padded)).status).toBe(401);
    const other = await sendJson('POST', 'auth/init', {}, manageToken);
    expect(other.body).toMatchObject({ type: 'permanent', id_user: 2 });
    expect(other.body['auth_token']).not.toBe(made.body['auth_token']);
    clock.advance(YEAR);
    expect(await statusOf(String(made.body['auth_token']))).toBe(200);
  });
});

describe('POST /auth/token/access', () => {
  it('turns a temporary token into a permanent one and keeps the user with his connections', async () => {
    const { send, exchange, connect, connectionsOf, statusOf, clock } = budgeaCaller();
    const temporary = String((await send('POST', 'auth/init')).body['auth_token']);
    await connect(temporary);
    const { status, body } = await exchange(temporary);
    expect([status, body]).toEqual([200, { access_token: TOKEN, token_type: 'Bearer' }]);
    clock.advance(2 * HALF_HOUR);
    expect(await connectionsOf(String(body['access_token']))).toMatchObject([{ id: 1, id_user: 1 }]);
    expect(await statusOf(temporary)).toBe(401);
  });

  it('turns a code into another permanent token of the same user, once', async () => {
    const { exchange, user, codeOf, send, statusOf } = budgeaCaller();
    const { id, token } = await user();
    const code = await codeOf(token);
    const { body } = await exchange(code, { grant_type: 'authorization_code', redirect_uri: 'https://x.example' });
    expect((await send('GET', 'users/me', String(body['access_token']))).body['id']).toBe(id);
    expect([await statusOf(token), (await exchange(code)).body['code']]).toEqual([200, 'invalid_grant']);
    expect((await exchange(token)).body['code']).toBe('invalid_grant');
  });

  it.each([':', ''])('takes client credentials from HTTP Basic that ends in %j', async (end) => {
    const { user, codeOf, send, sandbox } = budgeaCaller();
    const { clientId, clientSecret } = sandbox.credentials;
    const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}${end}`)}` };
    const body = new URLSearchParams({ code: await codeOf((await user()).token) });
    expect((await send('POST', 'auth/token/access', undefined, { body, headers })).status).toBe(200);
  });

  it('uses up a code although the answer is lost', async () => {
    const { exchange, user, codeOf, sandbox } = budgeaCaller();
    const code = await codeOf((await user()).token);
    sandbox.faults.add({ path: '/2.0/auth/token/access', reply: { kind: 'lost' } });
    await expect(exchange(code)).rejects.toThrow(TypeError);
    expect((await exchange(code)).body['code']).toBe('invalid_grant');
  });
});

describe('/auth/token/code', () => {
  it.each(['GET', 'POST'])('answers %s with a code that works as a Bearer token for half an hour', async (method) => {
    const { send, user, statusOf, exchange, clock } = budgeaCaller();
    const { id, token } = await user();
    const { body } = await send(method, 'auth/token/code', token);
    expect(body).toEqual({ code: TOKEN, type: 'temporary', expires_in: 1800, access: 'standard' });
    const code = String(body['code']);
    expect((await send('GET', 'users/me', code)).body['id']).toBe(id);
    clock.advance(HALF_HOUR);
    expect([await statusOf(code), (await exchange(code)).body['code']]).toEqual([401, 'invalid_grant']);
  });

  it('makes codes that any one call uses up, if the query or else the body asks for them', async () => {
    const { sendJson, user, codeOf, statusOf, exchange } = budgeaCaller();
    const { token } = await user();
    const fields = { type: 'requestAccess' };
    const { body } = await sendJson('POST', 'auth/token/code?type=singleAccess', fields, token);
    expect(body['access']).toBe('single');
    expect([await statusOf(String(body['code'])), await statusOf(String(body['code']))]).toEqual([200, 401]);
    const spent = await codeOf(token, 'singleAccess');
    expect([(await exchange(spent)).status, await statusOf(spent)]).toEqual([200, 401]);
    const refused = await codeOf(token, 'singleAccess');
    expect([await statusOf(refused, 'clients'), await statusOf(refused)]).toEqual([403, 401]);
  });
});

describe('DELETE /auth/token', () => {
  it('ends the token in use, a JWT too, and no other', async () => {
    const { send, user, jwtOf, codeOf, statusOf } = budgeaCaller();
    const { id, token } = await user();
    const [jwt, other] = [await jwtOf(id), await codeOf(token)];
    for (const value of [token, jwt]) {
      expect(await send('DELETE', 'auth/token', value)).toMatchObject({ status: 204, text: '' });
      expect([await statusOf(value), await statusOf(other)]).toEqual([401, 200]);
    }
    expect((await send('DELETE', 'auth/token', token)).status).toBe(401);
  });
});

describe('JWTs', () => {
  const host = new URL(BASE).host;

  it.each([
    [
      'a user',
      'auth/jwt',
      { scope: 'some' },
      { id_user: 1, aud: host, exp: SECONDS + 1800, scope: 'some', iat: SECONDS, type: 'sharedAccess' },
    ],
    ['the administrator', 'admin/jwt', {}, { iat: SECONDS, type: 'manage_token', aud: host, exp: SECONDS + 60, scope: 'config' }],
  ])('of %s have the documented claims, which the answer repeats', async (_, path, fields, claims) => {
    const { sendJson, client, manageToken, sandbox } = budgeaCaller();
    const isUser = path === 'auth/jwt';
    const { body } = await sendJson('POST', path, isUser ? client(fields) : fields, isUser ? undefined : manageToken);
    const token = String(body['jwt_token']);
    expect([Object.keys(body), decodeProtectedHeader(token)]).toEqual([['jwt_token', 'payload'], { alg: 'RS256', typ: 'JWT' }]);
    expect(body['payload']).toEqual({ ...claims, ...(isUser && { iss: Number(sandbox.credentials.clientId) }) });
    expect(decodeJwt(token)).toEqual(body['payload']);
    // 2048 bits.
    expect(atob(token.split('.')[2]?.replaceAll('-', '+').replaceAll('_', '/') ?? '')).toHaveLength(256);
  });

  it('of a user live until their exp, as long as the server is set to', async () => {
    for (const jwtLifetime of [undefined, MINUTE]) {
      const { user, jwtOf, statusOf, clock } = budgeaCaller({ jwtLifetime });
      const jwt = await jwtOf((await user()).id);
      clock.advance((jwtLifetime ?? HALF_HOUR) - 1);
      expect(await statusOf(jwt)).toBe(200);
      clock.advance(1);
      expect(await statusOf(jwt)).toBe(401);
    }
  });

  it.each([false, 'false', '0', 0])('of a user have no end for expire=%j, and keep him', async (expire) => {
    const { send, jwtOf, statusOf, clock } = budgeaCaller();
    const { body } = await send('POST', 'auth/init');
    const jwt = await jwtOf(Number(body['id_user']), { expire });
    expect(decodeJwt(jwt).exp).toBeUndefined();
    clock.advance(YEAR);
    expect(await statusOf(jwt)).toBe(200);
  });

  it('of a user are refused when altered, after he is gone, and by another sandbox', async () => {
    const { user, jwtOf, statusOf, send } = budgeaCaller();
    const { id, token } = await user();
    const jwt = await jwtOf(id);
    const [header, , signature] = jwt.split('.');
    const payload = btoa(JSON.stringify({ ...decodeJwt(jwt), id_user: 2 })).replaceAll('=', '');
    expect(await statusOf(`${header}.${payload}.${signature}`)).toBe(401);
    const other = budgeaCaller({ credentials: { clientId: String(decodeJwt(jwt).iss) } });
    await other.jwtOf((await other.user()).id);
    expect([await statusOf(jwt), await other.statusOf(jwt)]).toEqual([200, 401]);
    await send('DELETE', 'users/me', token);
    expect(await statusOf(jwt)).toBe(401);
  });

  it.each([
    [{ scope: 'users', duration: '60' }, 'users', 3600],
    [{ duration: null }, 'config', 60],
    [{ scope: '', duration: '' }, 'config', 60],
  ])('of the administrator have the scope and minutes of %j', async (fields, scope, seconds) => {
    const { sendJson, manageToken } = budgeaCaller();
    const { body } = await sendJson('POST', 'admin/jwt', fields, manageToken);
    expect(body['payload']).toMatchObject({ scope, exp: SECONDS + seconds });
  });

  it('of the administrator live until their exp, or for ever without a duration', async () => {
    const { manageJwt, statusOf, clock } = budgeaCaller();
    const [jwt, endless] = [await manageJwt({ duration: 2 }), await manageJwt({ duration: 0 })];
    expect(decodeJwt(endless)).not.toHaveProperty('exp');
    clock.advance(2 * MINUTE - 1);
    expect(await statusOf(jwt, 'clients')).toBe(200);
    clock.advance(1);
    expect(await statusOf(jwt, 'clients')).toBe(401);
    clock.advance(YEAR);
    expect(await statusOf(endless, 'clients')).toBe(200);
  });

  it('of the administrator are refused when altered, and by another sandbox', async () => {
    const { manageJwt, statusOf } = budgeaCaller();
    const jwt = await manageJwt({ duration: 0 });
    const [header, , signature] = jwt.split('.');
    const payload = btoa(JSON.stringify({ ...decodeJwt(jwt), scope: 'users' })).replaceAll('=', '');
    const other = budgeaCaller();
    await other.manageJwt();
    expect([await statusOf(`${header}.${payload}.${signature}`, 'clients'), await other.statusOf(jwt, 'clients')]).toEqual([401, 401]);
  });
});

describe('POST /auth/renew', () => {
  it.each([undefined, false, true, 'true', '1'])(
    'gives another permanent token, and ends the others for revoke_previous=%j',
    async (value) => {
      const { user, sendJson, client, statusOf, jwtOf, codeOf } = budgeaCaller();
      const [{ id, token }, stranger] = [await user(), await user()];
      const others = [stranger.token, await jwtOf(id), await codeOf(token)];
      const fields = client({ id_user: id, revoke_previous: value, grant_type: 'client_credentials' });
      const { body } = await sendJson('POST', 'auth/renew', fields);
      expect(body).toEqual({ access_token: TOKEN, token_type: 'Bearer' });
      expect([await statusOf(token), await statusOf(String(body['access_token']))]).toEqual([value ? 401 : 200, 200]);
      for (const other of others) expect(await statusOf(other)).toBe(200);
    },
  );

  it('keeps a temporary user', async () => {
    const { send, sendJson, client, statusOf, clock } = budgeaCaller();
    const { id_user } = (await send('POST', 'auth/init')).body;
    const { body } = await sendJson('POST', 'auth/renew', client({ id_user }));
    clock.advance(2 * HALF_HOUR);
    expect(await statusOf(String(body['access_token']))).toBe(200);
  });
});

describe('expireTokens', () => {
  it('ends tokens, codes and JWTs of every kind and keeps users, who get new ones at once', async () => {
    const { sandbox, send, user, codeOf, jwtOf, manageJwt, statusOf, sendJson, client } = budgeaCaller();
    const { id, token } = await user();
    const temporary = String((await send('POST', 'auth/init')).body['auth_token']);
    const service = String((await sendJson('POST', 'auth/token', client({ scope: 'payments' }))).body['token']);
    const [code, jwt, endless] = [await codeOf(token), await jwtOf(id), await jwtOf(id, { expire: false })];
    const ended = [token, temporary, service, code, jwt, endless, await manageJwt({ duration: 60 }), await manageJwt({ duration: 0 })];
    const statuses = async (): Promise<readonly number[]> => Promise.all(ended.map((value) => statusOf(value, 'certificate/tls')));
    expect(await statuses()).toEqual(Array(8).fill(200));
    sandbox.expireTokens();
    expect(await statuses()).toEqual(Array(8).fill(401));
    const { body } = await sendJson('POST', 'auth/renew', client({ id_user: id }));
    const again = await jwtOf(id);
    for (const value of [String(body['access_token']), again]) expect((await send('GET', 'users/me', value)).body['id']).toBe(id);
    expect(await statusOf(await manageJwt(), 'clients')).toBe(200);
    sandbox.expireTokens();
    expect([await statusOf(again), await statusOf(await jwtOf(id))]).toEqual([401, 200]);
  });
});

describe('reset', () => {
  it('starts over: no calls, users, tokens or JWTs, and ids that come again', async () => {
    const { sandbox, user, jwtOf, manageJwt, statusOf, sendJson, client } = budgeaCaller();
    const { id, token } = await user();
    const service = String((await sendJson('POST', 'auth/token', client({ scope: 'payments' }))).body['token']);
    const ended = [token, service, await jwtOf(id), await manageJwt()];
    for (const value of ended) expect(await statusOf(value, 'certificate/tls')).toBe(200);
    sandbox.reset();
    expect(sandbox.calls).toEqual([]);
    expect((await user()).id).toBe(id);
    for (const value of ended) expect(await statusOf(value, 'certificate/tls')).toBe(401);
    sandbox.expireTokens();
    sandbox.reset();
    // JWTs are dated ahead no more.
    expect([await manageJwt(), await jwtOf((await user()).id)].map((jwt) => decodeJwt(jwt).iat)).toEqual([SECONDS, SECONDS]);
  });

  it('forgets when anonymous users were to be deleted', async () => {
    const { sandbox, clock, send, user, statusOf } = budgeaCaller();
    await send('POST', 'auth/init');
    sandbox.reset();
    const { token } = await user();
    clock.advance(HALF_HOUR);
    expect(await statusOf(token)).toBe(200);
  });

  it('closes the pages that are open', async () => {
    const { sandbox, send, user } = budgeaCaller();
    const { clientId: client_id, domain } = sandbox.credentials;
    const query = new URLSearchParams({ client_id, redirect_uri: 'http://localhost/back', domain, id_connector: '2' });
    const { body } = await send('GET', `webauth-url?${query}`, (await user()).token);
    const webview = `auth/webview/en/connect?${query}`;
    const session = /name="session" value="(\w+)"/.exec((await send('GET', webview)).text)?.[1] ?? '';
    sandbox.reset();
    expect((await sandbox.fetch(String(body['url']))).status).toBe(400);
    const decided = await send('POST', webview, undefined, { body: new URLSearchParams({ session, decision: 'approve', connector: '1' }) });
    expect(decided.headers.get('location')).toContain('error=session_expired');
  });
});

describe('in 2019', () => {
  it('tokens, clients and the manage token are refused with 403 and a short body', async () => {
    const { send, sendJson, manageJwt, user, sandbox } = budgeaCaller({ profile: '2019' });
    for (const [method, path, token] of [
      ['GET', 'users/me', 'x'],
      ['GET', 'users/me'],
      ['POST', 'admin/jwt', 'x'],
    ] as const) {
      const { status, body } = await send(method, path, token);
      expect([status, body]).toEqual([403, { code: 'unauthorized', message: expect.any(String) }]);
    }
    expect((await sendJson('POST', 'auth/init', { client_id: '1', client_secret: 'x' })).status).toBe(403);
    expect(await send('POST', 'admin/jwt', (await user()).token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const jwt = await manageJwt();
    sandbox.expireTokens();
    expect(await send('GET', 'clients', jwt)).toMatchObject({ status: 403, body: { code: 'unauthorized' } });
  });

  it('users have a platform, and are shown once more on deletion', async () => {
    const { send, user } = budgeaCaller({ profile: '2019' });
    const { id, token } = await user();
    const shown = { id, signin: '2026-01-01 13:00:00', platform: 'sharedAccess' };
    expect((await send('GET', 'users/me', token)).body).toEqual(shown);
    expect(await send('DELETE', 'users/me', token)).toMatchObject({ status: 200, body: shown });
  });

  it('answers lack what came later: the access of codes, the expiry of permanent tokens, the new spelling in JWTs', async () => {
    const { send, sendJson, client, user, jwtOf } = budgeaCaller({ profile: '2019' });
    const { id, token } = await user();
    expect(Object.keys((await send('GET', 'auth/token/code', token)).body)).toEqual(['code', 'type', 'expires_in']);
    expect(Object.keys((await sendJson('POST', 'auth/init', client())).body)).toEqual(['auth_token', 'type', 'id_user']);
    expect(decodeJwt(await jwtOf(id))['type']).toBe('shared_access');
    expect(await send('DELETE', 'auth/token', token)).toMatchObject({ status: 200, text: '' });
  });
});

describe('budgea credentials', () => {
  it('look like the real ones, can be given, and are the same for the same random numbers', () => {
    expect(budgeaSandbox().credentials).toEqual({
      domain: expect.stringMatching(/^[a-z\d]+(-[a-z\d]+)*$/),
      clientId: expect.stringMatching(/^[1-9]\d+$/),
      clientSecret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      manageToken: expect.stringMatching(/^[A-Za-z0-9+/]{32}$/),
    });
    const given = { domain: 'mine', clientId: '42', clientSecret: 'secret', manageToken: 'manage' };
    expect(budgeaSandbox({ credentials: given }).credentials).toEqual(given);
    const seeded = (): unknown => budgeaSandbox({ random: seededRandom('demo') }).credentials;
    expect(seeded()).toEqual(seeded());
  });
});
