import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';

const HALF_HOUR = 1_800_000;

describe('reset', () => {
  it('forgets when anonymous users were to be deleted, as their ids come again', async () => {
    const { sandbox, clock, send, user } = budgeaCaller();
    await send('POST', 'auth/init');
    sandbox.reset();
    const { id, token } = await user();
    clock.advance(HALF_HOUR);
    expect((await send('GET', 'users/me', token)).body).toMatchObject({ id });
  });

  it('ends service tokens', async () => {
    const { sandbox, send, sendJson, client } = budgeaCaller();
    const { body } = await sendJson('POST', 'auth/token', client({ scope: 'payments' }));
    expect((await send('GET', 'certificate/tls', String(body['token']))).status).toBe(200);
    sandbox.reset();
    expect((await send('GET', 'certificate/tls', String(body['token']))).status).toBe(401);
  });

  it('closes the pages that are open', async () => {
    const { sandbox, send, user } = budgeaCaller();
    const { clientId: client_id, domain } = sandbox.credentials;
    const redirect_uri = 'http://localhost/back';
    const query = new URLSearchParams({ client_id, redirect_uri, domain, id_connector: '2' });
    const { body } = await send('GET', `webauth-url?${query}`, (await user()).token);
    const webview = `auth/webview/en/connect?${query}`;
    const session = /name="session" value="(\w+)"/.exec((await send('GET', webview)).text)?.[1] ?? '';
    sandbox.reset();
    expect((await sandbox.fetch(String(body['url']))).status).toBe(400);
    const decided = await send('POST', webview, undefined, { body: new URLSearchParams({ session, decision: 'approve', connector: '1' }) });
    expect(decided.headers.get('location')).toContain('error=session_expired');
  });
});

describe('a JWT without an end', () => {
  it('keeps an anonymous user', async () => {
    const { clock, send, sendJson, client } = budgeaCaller();
    const { body } = await send('POST', 'auth/init');
    const jwt = await sendJson('POST', 'auth/jwt', client({ id_user: body['id_user'], expire: false }));
    clock.advance(HALF_HOUR);
    expect((await send('GET', 'users/me', String(jwt.body['jwt_token']))).body).toMatchObject({ id: body['id_user'] });
  });
});
