import { decodeJwt, importSPKI, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { budgeaCaller, type Caller, START } from '../../test/budgea-caller.ts';

const created = async ({ sendJson, manageToken }: Caller, fields: object = {}) => {
  const { body } = await sendJson('POST', 'clients', { name: 'Second', ...fields }, manageToken);
  return { body, path: `clients/${body['id']}`, credentials: { client_id: body['id'], client_secret: body['secret'] } };
};

describe('client applications', () => {
  it('of a domain can be several, each with its own secret', async () => {
    const caller = budgeaCaller();
    const { body, credentials } = await created(caller);
    expect(body).toEqual({
      id: expect.any(Number),
      name: 'Second',
      secret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      redirect_uris: '',
      pro: false,
    });
    expect((await caller.sendJson('POST', 'auth/init', credentials)).body['type']).toBe('permanent');
    const mixed = { ...credentials, client_secret: caller.sandbox.credentials.clientSecret };
    expect((await caller.sendJson('POST', 'auth/init', mixed)).status).toBe(401);
    const list = await caller.send('GET', 'clients?limit=1&offset=1', caller.manageToken);
    expect(list.body).toEqual({ clients: [body], total: 2 });
  });

  it('need keys for JWTs, which they sign themselves', async () => {
    const caller = budgeaCaller();
    const { path, credentials } = await created(caller);
    expect(await caller.sendJson('POST', 'auth/jwt', credentials)).toMatchObject({ status: 400, body: { code: 'config' } });
    const { body: changed } = await caller.sendJson('PUT', path, { generate_keys: true }, caller.manageToken);
    const { body } = await caller.sendJson('POST', 'auth/jwt', credentials);
    const jwt = String(body['jwt_token']);
    expect(decodeJwt(jwt).iss).toBe(credentials.client_id);
    const key = await importSPKI(String(changed['public_key']), 'RS256');
    await expect(jwtVerify(jwt, key, { currentDate: new Date(START) })).resolves.toBeDefined();
    expect((await caller.send('GET', 'users/me', jwt)).status).toBe(200);
    await caller.sendJson('PUT', path, { generate_keys: true }, caller.manageToken);
    expect((await caller.send('GET', 'users/me', jwt)).status).toBe(401);
  });

  it('get a new secret on demand, and the old one ends', async () => {
    const caller = budgeaCaller();
    const { path, credentials } = await created(caller);
    const { body } = await caller.sendJson('PUT', path, { secret: true }, caller.manageToken);
    expect((await caller.sendJson('POST', 'auth/init', credentials)).status).toBe(401);
    expect((await caller.sendJson('POST', 'auth/init', { ...credentials, client_secret: body['secret'] })).status).toBe(200);
  });

  it('take several redirect URIs', async () => {
    const caller = budgeaCaller();
    const uris = ['https://a.example/x', 'https://b.example/y'];
    for (const redirect_uris of [uris, uris.join(' '), uris.join('\n')])
      expect((await created(caller, { redirect_uris })).body['redirect_uris']).toBe(uris.join('\n'));
  });

  it('lay a new config over the old one when asked', async () => {
    const caller = budgeaCaller();
    const { path } = await created(caller, { config: '{"a":1,"b":1}' });
    const put = async (fields: object): Promise<unknown> => (await caller.sendJson('PUT', path, fields, caller.manageToken)).body['config'];
    expect(await put({ config: '{"b":2}', update_config: true })).toBe('{"a":1,"b":2}');
    expect(await put({ config: '{"__proto__":{"b":4}}', update_config: true })).toBe('{"a":1,"b":2,"__proto__":{"b":4}}');
    expect(await put({ config: '{"c":3}' })).toBe('{"c":3}');
    expect(await put({ config: 'no JSON', update_config: true })).toBeUndefined();
  });

  it('end with their JWTs, and the ready one is back after reset', async () => {
    const caller = budgeaCaller();
    const { body } = await caller.sendJson('POST', 'auth/jwt', caller.client());
    const path = `clients/${caller.sandbox.credentials.clientId}`;
    expect(await caller.send('DELETE', path, caller.manageToken)).toMatchObject({ status: 204, text: '' });
    expect((await caller.send('GET', 'users/me', String(body['jwt_token']))).status).toBe(401);
    expect((await caller.sendJson('POST', 'auth/init', caller.client())).status).toBe(401);
    expect((await caller.send('GET', path, caller.manageToken)).status).toBe(404);
    caller.sandbox.reset();
    expect((await caller.sendJson('POST', 'auth/init', caller.client())).status).toBe(200);
  });

  it('have the names of 2019 in 2019, and the names that came later', async () => {
    const caller = budgeaCaller({ profile: '2019' });
    const { body, path } = await created(caller, { redirect_uri: 'https://a.example/x', information: 'i', primary_color: 'red' });
    expect(body).toMatchObject({
      redirect_uri: 'https://a.example/x',
      redirect_uris: 'https://a.example/x',
      information: 'i',
      primary_color: 'red',
    });
    expect(await caller.send('DELETE', path, caller.manageToken)).toMatchObject({ status: 200, body });
  });

  it.each(['GET', 'POST'])('are for administrators: %s', async (method) => {
    const { send, user, sandbox } = budgeaCaller();
    for (const token of [(await user()).token, sandbox.serverTokens.usersToken])
      expect(await send(method, 'clients', token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await send(method, 'clients')).status).toBe(401);
    expect((await send(method, 'clients', sandbox.serverTokens.configToken)).status).toBe(200);
  });
});

describe('POST /auth/token/access after a Webview', () => {
  it.each([
    [{ redirect_uri: 'http://localhost/other' }, 400],
    [{ redirect_uri: 'http://localhost/back' }, 200],
    [{}, 200],
  ])('with %j', async (fields, status) => {
    const { send, sendJson, client, sandbox } = budgeaCaller();
    const { clientId, domain } = sandbox.credentials;
    const query = new URLSearchParams({
      domain,
      client_id: clientId,
      redirect_uri: 'http://localhost/back',
      auto: 'approve',
      connector_ids: '2',
    });
    const { headers } = await send('GET', `auth/webview/en/connect?${query}`);
    const code = new URL(headers.get('location') ?? '').searchParams.get('code');
    expect((await sendJson('POST', 'auth/token/access', client({ code, ...fields }))).status).toBe(status);
    // A refusal has not used the code up.
    expect((await sendJson('POST', 'auth/token/access', client({ code }))).status).toBe(status === 200 ? 400 : 200);
  });
});
