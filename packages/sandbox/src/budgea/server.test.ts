import { importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';

describe('/config', () => {
  it('keeps settings for the manage and the config token until reset, and finds them', async () => {
    const { send, sendJson, statusOf, sandbox, manageToken, user } = budgeaCaller();
    const { configToken, usersToken } = sandbox.serverTokens;
    const settings = async (query = ''): Promise<unknown> => (await send('GET', `config${query}`, manageToken)).body;
    const initial = { 'connection.disable_new': '0', 'auth.default_token_expire': '30' };
    expect(await settings()).toEqual(initial);
    await sendJson('POST', 'config', { 'connection.disable_new': '1' }, configToken);
    expect(await settings('?search=connection')).toEqual({ 'connection.disable_new': '1' });
    for (const token of [(await user()).token, usersToken]) expect(await statusOf(token, 'config')).toBe(403);
    sandbox.reset();
    expect(await settings()).toEqual(initial);
  });
});

describe('/certificate', () => {
  it('has one of each type, and its files on demand', async () => {
    const { send, user } = budgeaCaller({ certificateTypes: ['tls', 'qwac'] });
    const { token } = await user();
    const qwac = { id: 2, id_public_key_file: 3, id_private_key_file: 4, type: 'qwac', created: '2026-01-01 13:00:00' };
    expect((await send('GET', 'certificate/qwac', token)).body).toEqual(qwac);
    const { body } = await send('GET', 'certificate/tls?expand=public_key_file,private_key_file', token);
    expect(body).toMatchObject({ public_key_file: { id: 1, filename: 'tls.crt' }, private_key_file: { id: 2, filename: 'tls.key' } });
    expect(await send('GET', 'certificate/other', token)).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });
});

describe('/publickey', () => {
  it('is one RSA key for encryption, for everybody', async () => {
    const { send } = budgeaCaller();
    const { body } = await send('GET', 'publickey');
    expect((await send('GET', 'publickey')).body).toEqual(body);
    expect(body).toMatchObject({ kty: 'RSA', use: 'enc', kid: expect.stringMatching(/^rsa-/) });
    await expect(importJWK({ ...body, kty: 'RSA' }, 'RSA-OAEP-256')).resolves.toMatchObject({ type: 'public' });
  });
});

describe('/connectors', () => {
  it.each(['connectors', 'banks', 'providers'])('have aliases, pages and expansions: %s', async (name) => {
    const { send } = budgeaCaller();
    expect((await send('GET', name)).body).toMatchObject({ [name]: [{ auth_mechanism: 'credentials' }, { auth_mechanism: 'webauth' }] });
    const expanded = { id: 2, fields: [], sources: [{}], countries: [{ code: 'fr' }], urls: [expect.any(String)] };
    const { body } = await send('GET', `${name}?limit=1&offset=1&expand=fields,sources,countries,urls`);
    expect(body).toMatchObject({ [name]: [expanded], total: 2 });
    expect((await send('GET', `${name}/1?expand=fields`)).body).toMatchObject({ id: 1, fields: [{ name: 'login' }, { name: 'password' }] });
    expect((await send('GET', `${name}/3`)).status).toBe(404);
  });

  it('are hidden by the administrator, and shown again by a reset', async () => {
    const { send, sendJson, manageToken, sandbox } = budgeaCaller();
    await sendJson('PUT', 'connectors', { hidden: true }, manageToken);
    expect((await send('GET', 'connectors')).body).toMatchObject({ connectors: [{ hidden: true }, { hidden: true }] });
    sandbox.reset();
    expect((await send('GET', 'connectors')).body).toMatchObject({ connectors: [{ hidden: false }, { hidden: false }] });
  });
});
