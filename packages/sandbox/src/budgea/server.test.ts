import { importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';

describe('/config', () => {
  it('keeps settings for the manage and the config token, and finds them', async () => {
    const { send, sendJson, sandbox, manageToken, user } = budgeaCaller();
    expect((await send('GET', 'config', manageToken)).body).toEqual({ 'connection.disable_new': '0', 'auth.default_token_expire': '30' });
    await sendJson('POST', 'config', { 'connection.disable_new': '1' }, sandbox.serverTokens.configToken);
    expect((await send('GET', 'config?search=connection', manageToken)).body).toEqual({ 'connection.disable_new': '1' });
    for (const token of [(await user()).token, sandbox.serverTokens.usersToken])
      expect((await send('GET', 'config', token)).status).toBe(403);
    sandbox.reset();
    expect((await send('GET', 'config?search=disable', manageToken)).body).toEqual({ 'connection.disable_new': '0' });
  });
});

describe('/certificate', () => {
  it('has one of each type, and its files on demand', async () => {
    const { send, user } = budgeaCaller({ certificateTypes: ['tls', 'qwac'] });
    const { token } = await user();
    expect((await send('GET', 'certificate/qwac', token)).body).toEqual({
      id: 2,
      id_public_key_file: 3,
      id_private_key_file: 4,
      type: 'qwac',
      created: '2026-01-01 13:00:00',
    });
    const { body } = await send('GET', 'certificate/tls?expand=public_key_file', token);
    expect(body['public_key_file']).toMatchObject({ id: 1, filename: 'tls.crt' });
    expect(await send('GET', 'certificate/other', token)).toMatchObject({ status: 404, body: { code: 'notFound' } });
    expect((await send('GET', 'certificate/tls')).status).toBe(401);
  });
});

describe('/publickey', () => {
  it('is one RSA key for encryption, for everybody', async () => {
    const { send } = budgeaCaller();
    const { body } = await send('GET', 'publickey');
    expect((await send('GET', 'publickey')).body).toEqual(body);
    expect(body).toMatchObject({ kty: 'RSA', use: 'enc', kid: expect.stringMatching(/^rsa-/) });
    await expect(importJWK({ ...body, kty: 'RSA' }, 'RSA-OAEP-256')).resolves.toBeDefined();
  });
});

describe('/connectors', () => {
  it('have aliases, pages and expansions', async () => {
    const { send } = budgeaCaller();
    for (const name of ['connectors', 'banks', 'providers']) {
      const { body } = await send('GET', `${name}?limit=1&offset=1&expand=fields,sources,countries,urls`);
      expect(body).toMatchObject({
        [name]: [{ id: 2, fields: [], sources: [{}], countries: [{ code: 'fr' }], urls: [expect.any(String)] }],
        total: 2,
      });
      expect((await send('GET', `${name}/1?expand=fields`)).body).toMatchObject({
        id: 1,
        fields: [{ name: 'login' }, { name: 'password' }],
      });
      expect((await send('GET', `${name}/3`)).status).toBe(404);
    }
  });

  it('are hidden by the administrator, and shown again by a reset', async () => {
    const { send, sendJson, manageToken, sandbox } = budgeaCaller();
    await sendJson('PUT', 'connectors', { hidden: true }, manageToken);
    expect((await send('GET', 'connectors')).body).toMatchObject({ connectors: [{ hidden: true }, { hidden: true }] });
    sandbox.reset();
    expect((await send('GET', 'connectors')).body).toMatchObject({ connectors: [{ hidden: false }, { hidden: false }] });
  });
});
