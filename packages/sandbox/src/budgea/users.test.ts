import { describe, expect, it } from 'vitest';
import { budgeaCaller, HALF_HOUR } from '../../test/budgea-caller.ts';
import type { BudgeaProfile } from './errors.ts';

describe('GET /users', () => {
  it('lists users for the users token and the manage token, not for a user', async () => {
    const { send, user, statusOf, sandbox, manageToken } = budgeaCaller();
    const [{ token }] = [await user(), await user()];
    const users = [1, 2].map((id) => ({ id, signin: '2026-01-01 13:00:00' }));
    for (const key of [sandbox.serverTokens.usersToken, manageToken])
      expect((await send('GET', 'users', key)).body).toEqual({ users, total: 2 });
    for (const other of [token, sandbox.serverTokens.configToken]) expect(await statusOf(other, 'users')).toBe(403);
  });

  it.each([
    ['limit=2&offset=3', [4, 5]],
    ['offset=11', [12]],
    ['limit=0', []],
    ['limit=&offset=10', [11, 12]],
    ['limit=1000&offset=9', [10, 11, 12]],
    ['search=12', [12]],
    ['search=2026&offset=11', [12]],
    ['search=sharedAccess', []],
  ])('takes ?%s', async (query, ids) => {
    const { send, user, manageToken } = budgeaCaller();
    for (let count = 0; count < 12; count += 1) await user();
    expect((await send('GET', `users?${query}`, manageToken)).body['users']).toEqual(ids.map((id) => expect.objectContaining({ id })));
  });

  it('expands users', async () => {
    const { send, user, manageToken } = budgeaCaller();
    await user();
    const config = { 'biapi.last_push': '2026-01-01T13:00:00' };
    const { body } = await send('GET', 'users?expand=config,alert_settings,invites', manageToken);
    expect(body['users']).toMatchObject([{ config, alert_settings: {}, invites: [] }]);
  });

  it('forgets anonymous users after half an hour, with their connections', async () => {
    const { send, sandbox, connect, manageToken, clock } = budgeaCaller();
    await connect(String((await send('POST', 'auth/init')).body['auth_token']));
    const connections = async (): Promise<unknown> =>
      (await (await sandbox.fetch('https://any.example/__sandbox')).json()).state.connections;
    expect(await connections()).toBe(1);
    clock.advance(HALF_HOUR);
    expect((await send('GET', 'users', manageToken)).body['total']).toBe(0);
    expect(await connections()).toBe(0);
  });
});

describe('the administrator', () => {
  it('reads and deletes any user by id, with all of his tokens', async () => {
    const { send, sendJson, user, client, statusOf, manageToken } = budgeaCaller();
    const { id, token } = await user();
    const other = String((await sendJson('POST', 'auth/renew', client({ id_user: id }))).body['access_token']);
    expect((await send('GET', `users/${id}`, manageToken)).body['id']).toBe(id);
    expect(await send('DELETE', `users/${id}`, manageToken)).toMatchObject({ status: 204, text: '' });
    expect((await send('GET', `users/${id}`, manageToken)).status).toBe(404);
    expect([await statusOf(token), await statusOf(other)]).toEqual([401, 401]);
    expect((await sendJson('POST', 'auth/renew', client({ id_user: id }))).status).toBe(404);
  });

  it.each<[BudgeaProfile, number, object]>([
    ['powens', 204, {}],
    ['2019', 200, { users: [{ id: 1 }, { id: 2 }], total: 2 }],
  ])('reads and deletes all users at once (%s)', async (profile, status, body) => {
    const { send, user, manageToken } = budgeaCaller({ profile });
    const [{ token }] = [await user(), await user()];
    expect((await send('GET', 'users/all', manageToken)).body['total']).toBe(2);
    expect((await send('DELETE', 'users/all', token)).status).toBe(403);
    expect(await send('DELETE', 'users/all', manageToken)).toMatchObject({ status, body });
    expect((await send('GET', 'users/all', manageToken)).body['total']).toBe(0);
  });
});

describe('a user', () => {
  it('gets permanent tokens for an application', async () => {
    const { sendJson, user, statusOf } = budgeaCaller();
    const { id, token } = await user();
    const { body } = await sendJson('POST', `users/${id}/token`, { application: 'sharedAccess' }, token);
    expect([Object.keys(body), await statusOf(String(body['token']))]).toEqual([['token'], 200]);
  });

  it('has settings that he writes and deletes', async () => {
    const { send, sendJson, user } = budgeaCaller();
    const [{ token }, other] = [await user(), await user()];
    const [changes, initial] = [{ theme: 'dark', 'biapi.last_push': '2026-02-01T00:00:00' }, { 'biapi.last_push': '2026-01-01T13:00:00' }];
    const settings = async (bearer: string): Promise<unknown> => (await send('GET', 'users/me/config', bearer)).body;
    await sendJson('POST', 'users/me/config', changes, token);
    expect([await settings(token), await settings(other.token)]).toEqual([changes, initial]);
    expect((await send('GET', `users/${other.id}/config`, token)).status).toBe(404);
    expect((await send('DELETE', 'users/me/config', token)).status).toBe(204);
    expect(await settings(token)).toEqual(initial);
  });

  it('ends the token in use in the undocumented way too', async () => {
    const { send, user, statusOf } = budgeaCaller();
    const { id, token } = await user();
    expect((await send('DELETE', `users/${id + 1}/token`, token)).status).toBe(404);
    expect(await send('DELETE', 'users/me/token', token)).toMatchObject({ status: 200, text: '' });
    expect(await statusOf(token)).toBe(401);
  });

  it('keeps himself and his token when /hash takes his connections', async () => {
    const { send, connect, connectionsOf, user } = budgeaCaller();
    const [one, other] = [await user(), await user()];
    for (const { token } of [one, other]) await connect(token);
    expect(await send('DELETE', 'hash', one.token)).toMatchObject({ status: 204, text: '' });
    expect(await connectionsOf(one.token)).toEqual([]);
    expect(await connectionsOf(other.token)).toHaveLength(1);
  });
});
