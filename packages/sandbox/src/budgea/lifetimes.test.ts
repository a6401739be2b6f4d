import { fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';
import { expiringMap } from './expiring-map.ts';
import { budgeaState } from './state.ts';

const MINUTE = 60_000;
const HALF_HOUR = 30 * MINUTE;

describe('memory', () => {
  it('lets go of what has ended with the next write, at most once a minute', () => {
    const clock = fakeClock({ now: 0 });
    const swept: string[] = [];
    const map = expiringMap<number>(clock, (key) => swept.push(key));
    map.set('first', 1, 10);
    map.set('second', 2, null);
    clock.advance(10);
    expect([map.get('first'), map.get('second'), map.held()]).toEqual([undefined, 2, 2]);
    map.set('third', 3, 1_000_000);
    expect(map.held()).toBe(3);
    clock.advance(MINUTE);
    map.set('fourth', 4, null);
    expect([map.held(), swept]).toEqual([3, ['first']]);
  });

  it('holds no user, token or code for longer than it lives', () => {
    const clock = fakeClock({ now: 0 });
    const gone: number[] = [];
    const state = budgeaState({ clock, random: Math.random, onUserDeleted: (id) => gone.push(id) });
    const kept = state.createUser({ anonymous: false });
    for (let count = 0; count < 100; count += 1) {
      state.issue('temporary', state.createUser({ anonymous: true }));
      state.issue('code', kept);
      clock.advance(MINUTE);
    }
    expect(gone).toHaveLength(70);
    expect(state.users()).toHaveLength(30);
    expect(state.tokenCounts()).toEqual({ permanent: 0, temporary: 29, code: 29, single: 0 });
  });

  it('keeps an anonymous user who got a permanent token', () => {
    const clock = fakeClock({ now: 0 });
    const state = budgeaState({ clock, random: Math.random });
    const [one, other] = [state.createUser({ anonymous: true }), state.createUser({ anonymous: true })];
    state.issue('permanent', one);
    clock.advance(HALF_HOUR);
    expect([state.user(one.id), state.user(other.id)]).toEqual([one, undefined]);
  });
});

describe('tokens', () => {
  it('can be short', async () => {
    const { user, sendJson, client } = budgeaCaller({ tokenLength: 32 });
    expect((await user()).token).toMatch(/^[A-Za-z0-9+/]{32}$/);
    const { body } = await sendJson('POST', 'auth/token', client({ scope: 'payments' }));
    expect(body['token']).toMatch(/^[A-Za-z0-9+/]{32}$/);
  });

  it('of every kind end when the vendor ends the one in use', async () => {
    const { sandbox, send, sendJson, client, user, manageToken } = budgeaCaller();
    const { id, token } = await user();
    const jwt = await sendJson('POST', 'auth/jwt', client({ id_user: id }));
    const manager = await sendJson('POST', 'admin/jwt', { duration: 60 }, manageToken);
    const service = await sendJson('POST', 'auth/token', client({ scope: 'payments' }));
    for (const value of [token, jwt.body['jwt_token'], manager.body['jwt_token'], service.body['token']].map(String)) {
      expect((await send('GET', 'certificate/tls', value)).status).toBe(200);
      sandbox.faults.add({ reply: { kind: 'endedToken' } });
      expect((await send('GET', 'certificate/tls', value)).status).toBe(401);
      expect((await send('GET', 'certificate/tls', value)).status).toBe(401);
    }
  });

  it('come from codes again and again where codes are not for one use', async () => {
    const { send, sendJson, client, user } = budgeaCaller({ singleUseCodes: false });
    const { token } = await user();
    const exchange = async (query: string): Promise<readonly number[]> => {
      const { body } = await send('GET', `auth/token/code${query}`, token);
      const fields = client({ code: body['code'] });
      return [(await sendJson('POST', 'auth/token/access', fields)).status, (await sendJson('POST', 'auth/token/access', fields)).status];
    };
    expect(await exchange('')).toEqual([200, 200]);
    expect(await exchange('?type=singleAccess')).toEqual([200, 400]);
  });

  it('of users live as long as the server is told to', async () => {
    const { send, sendJson, client, manageToken, clock } = budgeaCaller();
    await sendJson('POST', 'config', { 'auth.default_token_expire': '2' }, manageToken);
    const { body } = await sendJson('POST', 'auth/jwt', client());
    clock.advance(2 * MINUTE - 1);
    expect((await send('GET', 'users/me', String(body['jwt_token']))).status).toBe(200);
    clock.advance(1);
    expect((await send('GET', 'users/me', String(body['jwt_token']))).status).toBe(401);
  });
});

describe('the last moment of the clock', () => {
  it('still has dates', async () => {
    const { sandbox, send, sendJson, user } = budgeaCaller();
    const { token } = await user();
    sandbox.advance(Date.UTC(9000, 0) - Date.UTC(2026, 0, 1, 12));
    const { status, body } = await sendJson('POST', 'users/me/connections', { id_connector: 1, login: 'a', password: 'b' }, token);
    expect([status, body]).toEqual([201, expect.objectContaining({ created: '9000-01-01 01:00:00', next_try: '9000-01-02 01:00:00' })]);
    const { headers } = await send('GET', 'users/me', token);
    expect(headers.get('date')).toBe('Wed, 01 Jan 9000 00:00:00 GMT');
  });
});

describe('the state', () => {
  it('counts users, tokens by kind, connections and clients, and shows none of them', async () => {
    const { sandbox, send, sendJson, client, user, manageToken } = budgeaCaller();
    const { token } = await user();
    const code = await send('GET', 'auth/token/code', token);
    await send('GET', 'auth/token/code?type=singleAccess', token);
    await send('POST', 'auth/init');
    await sendJson('POST', 'auth/token', client({ scope: 'payments' }));
    await sendJson('POST', 'clients', {}, manageToken);
    const { url, close } = await sandbox.listen();
    const text = await (await fetch(new URL('/__sandbox', url))).text();
    await close();
    expect(JSON.parse(text)).toMatchObject({
      state: {
        profile: 'powens',
        users: 2,
        tokens: { permanent: 1, temporary: 1, code: 1, single: 1, service: 1 },
        connections: 0,
        clients: 2,
      },
    });
    for (const secret of [token, code.body['code'], manageToken]) expect(text).not.toContain(secret);
  });
});

describe('the rate limit', () => {
  it('is off unless it is asked for', async () => {
    const { send } = budgeaCaller();
    for (let count = 0; count < 40; count += 1) expect((await send('GET', 'connectors')).status).toBe(200);
  });

  it('refuses what is more than a minute takes, and takes more in the next', async () => {
    const { send, clock } = budgeaCaller({ rateLimit: { perMinute: 30, perDay: 86_400 } });
    for (let count = 0; count < 30; count += 1) expect((await send('GET', 'connectors')).status).toBe(200);
    clock.advance(MINUTE - 1);
    const refused = await send('GET', 'connectors');
    expect(refused).toMatchObject({ status: 429, body: { code: 'tooManyRequests' } });
    expect(refused.headers.has('retry-after')).toBe(false);
    clock.advance(1);
    expect((await send('GET', 'connectors')).status).toBe(200);
  });

  it('counts days, tells when on demand, and starts over after reset', async () => {
    const { send, clock, sandbox } = budgeaCaller({ rateLimit: { perMinute: 2, perDay: 3, retryAfter: true } });
    const statuses = async (): Promise<readonly number[]> => [
      (await send('GET', 'nowhere')).status,
      (await send('GET', 'connectors')).status,
    ];
    expect(await statuses()).toEqual([404, 200]);
    clock.advance(MINUTE);
    expect(await statuses()).toEqual([404, 429]);
    expect((await send('GET', 'connectors')).headers.get('retry-after')).toBe(String(24 * 3600 - 60));
    sandbox.reset();
    expect(await statuses()).toEqual([404, 200]);
  });
});
