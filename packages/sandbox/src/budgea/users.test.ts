import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';

const HALF_HOUR = 1_800_000;

describe('GET /users', () => {
  it('lists users for the users token and the manage token, not for a user', async () => {
    const { send, user, sandbox, manageToken } = budgeaCaller();
    const { token } = await user();
    await user();
    for (const key of [sandbox.serverTokens.usersToken, manageToken])
      expect((await send('GET', 'users', key)).body).toEqual({
        users: [
          { id: 1, signin: '2026-01-01 13:00:00' },
          { id: 2, signin: '2026-01-01 13:00:00' },
        ],
        total: 2,
      });
    for (const other of [token, sandbox.serverTokens.configToken]) expect((await send('GET', 'users', other)).status).toBe(403);
  });

  it('takes limit, offset, search and expand', async () => {
    const { send, user, manageToken } = budgeaCaller();
    for (let count = 0; count < 12; count += 1) await user();
    const idsOf = async (query: string): Promise<unknown> => {
      const { body } = await send('GET', `users?${query}`, manageToken);
      return JSON.parse(JSON.stringify(body['users'])).map(({ id }: { id: number }) => id);
    };
    expect(await idsOf('limit=2&offset=3')).toEqual([4, 5]);
    expect(await idsOf('offset=11')).toEqual([12]);
    expect(await idsOf('limit=0')).toEqual([]);
    expect(await idsOf('limit=1000')).toHaveLength(12);
    expect(await idsOf('search=12')).toEqual([12]);
    expect((await send('GET', 'users?limit=1&expand=config,alert_settings,invites', manageToken)).body).toMatchObject({
      users: [{ config: { 'biapi.last_push': '2026-01-01T13:00:00' }, alert_settings: {}, invites: [] }],
      total: 12,
    });
  });

  it('forgets anonymous users after half an hour, with their connections', async () => {
    const { send, sendJson, sandbox, manageToken, clock } = budgeaCaller();
    const { body } = await send('POST', 'auth/init');
    await sendJson('POST', 'users/me/connections', { id_connector: 1, login: 'x', password: 'y' }, String(body['auth_token']));
    const { url, close } = await sandbox.listen();
    const stateNow = async (): Promise<string> => (await fetch(new URL('/__sandbox', url))).text();
    expect(await stateNow()).toContain('"connections":1');
    clock.advance(HALF_HOUR);
    expect((await send('GET', 'users', manageToken)).body['total']).toBe(0);
    expect(await stateNow()).toContain('"connections":0');
    await close();
  });
});

describe('the administrator', () => {
  it('reads and deletes any user by id', async () => {
    const { send, user, manageToken } = budgeaCaller();
    const { id, token } = await user();
    expect((await send('GET', `users/${id}`, manageToken)).body['id']).toBe(id);
    expect((await send('DELETE', `users/${id}`, manageToken)).status).toBe(204);
    expect((await send('GET', `users/${id}`, manageToken)).status).toBe(404);
    expect((await send('GET', 'users/me', token)).status).toBe(401);
  });

  it.each([
    ['powens', 204],
    ['2019', 200],
  ] as const)('reads and deletes all users at once (%s)', async (profile, status) => {
    const { send, user, manageToken } = budgeaCaller({ profile });
    await user();
    const { token } = await user();
    expect((await send('GET', 'users/all', manageToken)).body['total']).toBe(2);
    expect((await send('DELETE', 'users/all', token)).status).toBe(403);
    expect((await send('DELETE', 'users/all', manageToken)).status).toBe(status);
    expect((await send('GET', 'users/all', manageToken)).body['total']).toBe(0);
  });
});

describe('a user', () => {
  it('has settings that he writes and deletes', async () => {
    const { send, sendJson, user } = budgeaCaller();
    const { token } = await user();
    const other = await user();
    await sendJson('POST', 'users/me/config', { theme: 'dark', 'biapi.last_push': '2026-02-01T00:00:00' }, token);
    expect((await send('GET', 'users/me/config', token)).body).toEqual({ theme: 'dark', 'biapi.last_push': '2026-02-01T00:00:00' });
    expect((await send('GET', 'users/me/config', other.token)).body).not.toHaveProperty('theme');
    expect((await send('GET', `users/${other.id}/config`, token)).status).toBe(404);
    expect((await send('DELETE', 'users/me/config', token)).status).toBe(204);
    expect((await send('GET', 'users/me/config', token)).body).toEqual({ 'biapi.last_push': '2026-01-01T13:00:00' });
  });

  it('ends the token in use in the undocumented way too', async () => {
    const { send, user } = budgeaCaller();
    const { id, token } = await user();
    expect((await send('DELETE', `users/${id + 1}/token`, token)).status).toBe(404);
    expect(await send('DELETE', 'users/me/token', token)).toMatchObject({ status: 200, text: '' });
    expect((await send('GET', 'users/me', token)).status).toBe(401);
  });

  it('keeps himself and his token when /hash takes his connections', async () => {
    const { send, sendJson, user } = budgeaCaller();
    const [one, other] = [await user(), await user()];
    for (const { token } of [one, other])
      await sendJson('POST', 'users/me/connections', { id_connector: 1, login: 'x', password: 'y' }, token);
    expect(await send('DELETE', 'hash', one.token)).toMatchObject({ status: 204, text: '' });
    expect((await send('GET', 'users/me/connections', one.token)).body['total']).toBe(0);
    expect((await send('GET', 'users/me/connections', other.token)).body['total']).toBe(1);
  });
});
