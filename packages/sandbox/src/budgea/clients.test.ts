import { decodeJwt, importSPKI, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Answer, budgeaCaller, START } from '../../test/budgea-caller.ts';
import type { BudgeaSandboxOptions } from '../index.ts';

/** A sandbox with a second client. */
const withSecond = async (fields: object = {}, options?: BudgeaSandboxOptions) => {
  const caller = budgeaCaller(options);
  const { sendJson, manageToken } = caller;
  const create = (more: object): Promise<Answer> => sendJson('POST', 'clients', { name: 'Second', ...more }, manageToken);
  const { body } = await create(fields);
  const path = `clients/${body['id']}`;
  const credentials = { client_id: body['id'], client_secret: body['secret'] };
  return { ...caller, create, body, path, credentials, put: (more: object) => sendJson('PUT', path, more, manageToken) };
};

describe('client applications', () => {
  it('of a domain can be several, each with its own secret', async () => {
    const { body, credentials, sendJson, send, manageToken, sandbox } = await withSecond();
    const secret = expect.stringMatching(/^[A-Za-z0-9]{32}$/);
    expect(body).toEqual({ id: expect.any(Number), name: 'Second', secret, redirect_uris: '', pro: false });
    expect((await sendJson('POST', 'auth/init', credentials)).body['type']).toBe('permanent');
    const { clientId, clientSecret, domain } = sandbox.credentials;
    expect((await sendJson('POST', 'auth/init', { ...credentials, client_secret: clientSecret })).status).toBe(401);
    const { body: list } = await send('GET', 'clients', manageToken);
    const public_key = expect.stringContaining('BEGIN PUBLIC KEY');
    const ready = { id: Number(clientId), name: domain, secret: clientSecret, public_key, redirect_uris: '', pro: false };
    expect(list).toEqual({ clients: [ready, body], total: 2 });
    expect((await send('GET', 'clients?limit=1&offset=1', manageToken)).body).toEqual({ clients: [body], total: 2 });
  });

  it('need keys for JWTs, which they sign themselves', async () => {
    const { credentials, sendJson, put, statusOf } = await withSecond();
    expect(await sendJson('POST', 'auth/jwt', credentials)).toMatchObject({ status: 400, body: { code: 'config' } });
    const { body: changed } = await put({ generate_keys: true });
    const jwt = String((await sendJson('POST', 'auth/jwt', credentials)).body['jwt_token']);
    expect(decodeJwt(jwt).iss).toBe(credentials.client_id);
    const key = await importSPKI(String(changed['public_key']), 'RS256');
    await expect(jwtVerify(jwt, key, { currentDate: new Date(START) })).resolves.toMatchObject({ payload: decodeJwt(jwt) });
    expect(await statusOf(jwt)).toBe(200);
    await put({ generate_keys: true });
    expect(await statusOf(jwt)).toBe(401);
  });

  it('get a new secret on demand, and the old one ends', async () => {
    const { credentials, sendJson, put } = await withSecond();
    const { body } = await put({ secret: true });
    expect((await sendJson('POST', 'auth/init', credentials)).status).toBe(401);
    expect((await sendJson('POST', 'auth/init', { ...credentials, client_secret: body['secret'] })).status).toBe(200);
  });

  it('take several redirect URIs, and keep what is not changed', async () => {
    const { create, put } = await withSecond({ pro: true, config: 'ours' });
    const uris = ['https://a.example/x', 'https://b.example/y'];
    for (const redirect_uris of [uris, uris.join(' '), uris.join('\n')])
      expect((await create({ redirect_uris })).body['redirect_uris']).toBe(uris.join('\n'));
    expect((await put({ name: 'Other' })).body).toMatchObject({ name: 'Other', pro: true, config: 'ours' });
    expect((await put({ pro: false })).body).toMatchObject({ name: 'Other', pro: false, config: 'ours' });
  });

  it('lay a new config over the old one when asked', async () => {
    const { put } = await withSecond({ config: '{"a":1,"b":1}' });
    const config = async (fields: object): Promise<unknown> => (await put(fields)).body['config'];
    expect(await config({ config: '{"b":2}', update_config: true })).toBe('{"a":1,"b":2}');
    expect(await config({ config: '{"__proto__":{"b":4}}', update_config: true })).toBe('{"a":1,"b":2,"__proto__":{"b":4}}');
    expect(await config({ config: '{"c":3}' })).toBe('{"c":3}');
    expect(await config({ config: 'no JSON', update_config: true })).toBeUndefined();
  });

  it('end with their JWTs, and the ready one is back after reset', async () => {
    const { sandbox, user, jwtOf, statusOf, send, sendJson, client, manageToken } = budgeaCaller();
    const jwt = await jwtOf((await user()).id);
    const path = `clients/${sandbox.credentials.clientId}`;
    expect(await send('DELETE', path, manageToken)).toMatchObject({ status: 204, text: '' });
    expect(await statusOf(jwt)).toBe(401);
    expect((await sendJson('POST', 'auth/init', client())).status).toBe(401);
    expect((await send('GET', path, manageToken)).status).toBe(404);
    sandbox.reset();
    expect((await sendJson('POST', 'auth/init', client())).status).toBe(200);
  });

  it('have the names of 2019 in 2019, and the names that came later', async () => {
    const uri = 'https://a.example/x';
    const fields = { redirect_uri: uri, information: 'i', primary_color: 'red' };
    const { body, path, put, send, manageToken } = await withSecond(fields, { profile: '2019' });
    expect(body).toMatchObject({ ...fields, redirect_uris: uri });
    const changed = { ...body, description: 'Ours' };
    expect((await put({ description: 'Ours' })).body).toEqual(changed);
    expect(await send('DELETE', path, manageToken)).toMatchObject({ status: 200, body: changed });
  });

  it('are for administrators, with the config token too', async () => {
    const { statusOf, user, manageJwt, sandbox } = budgeaCaller();
    const { usersToken, configToken } = sandbox.serverTokens;
    for (const [token, status] of [
      [(await user()).token, 403],
      [usersToken, 403],
      [configToken, 200],
      [await manageJwt(), 200],
    ] as const)
      expect(await statusOf(token, 'clients')).toBe(status);
  });
});
