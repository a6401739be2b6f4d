import { fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { budgeaCaller, HALF_HOUR, MINUTE, START } from '../../test/budgea-caller.ts';
import { budgeaState } from './state.ts';

describe('memory', () => {
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
    expect([gone.length, state.users().length]).toEqual([70, 30]);
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
    const { body } = await sendJson('POST', 'auth/token', client({ scope: 'payments' }));
    for (const token of [(await user()).token, body['token']]) expect(token).toMatch(/^[A-Za-z0-9+/]{32}$/);
  });

  it('of every kind end when the vendor ends the one in use, and no others', async () => {
    const { sandbox, statusOf, sendJson, client, user, jwtOf, manageJwt } = budgeaCaller();
    const { id, token } = await user();
    const service = String((await sendJson('POST', 'auth/token', client({ scope: 'payments' }))).body['token']);
    const other = (await user()).token;
    for (const value of [token, await jwtOf(id), await manageJwt({ duration: 60 }), service]) {
      expect(await statusOf(value, 'certificate/tls')).toBe(200);
      sandbox.faults.add({ reply: { kind: 'endedToken' } });
      for (const _ of [1, 2]) expect(await statusOf(value, 'certificate/tls')).toBe(401);
    }
    expect(await statusOf(other)).toBe(200);
  });

  it('come from codes again and again where codes are not for one use', async () => {
    const { codeOf, exchange, user } = budgeaCaller({ singleUseCodes: false });
    const { token } = await user();
    for (const [type, second] of [
      ['requestAccess', 200],
      ['singleAccess', 400],
    ] as const) {
      const code = await codeOf(token, type);
      expect([(await exchange(code)).status, (await exchange(code)).status]).toEqual([200, second]);
    }
  });

  it('of users live as long as the server is told to', async () => {
    const { sendJson, jwtOf, user, statusOf, manageToken, clock } = budgeaCaller();
    await sendJson('POST', 'config', { 'auth.default_token_expire': '2' }, manageToken);
    const jwt = await jwtOf((await user()).id);
    clock.advance(2 * MINUTE - 1);
    expect(await statusOf(jwt)).toBe(200);
    clock.advance(1);
    expect(await statusOf(jwt)).toBe(401);
  });
});

describe('the last moment of the clock', () => {
  it('still has dates', async () => {
    const { sandbox, connect, user } = budgeaCaller();
    const { token } = await user();
    sandbox.advance(Date.UTC(9000, 0) - START);
    const { body, headers } = await connect(token);
    expect(body).toMatchObject({ created: '9000-01-01 01:00:00', next_try: '9000-01-02 01:00:00' });
    expect(headers.get('date')).toBe('Wed, 01 Jan 9000 00:00:00 GMT');
  });
});

describe('the state', () => {
  it('counts users, tokens by kind, connections and clients, and shows none of them', async () => {
    const { sandbox, send, sendJson, client, codeOf, user, manageToken } = budgeaCaller();
    const { token } = await user();
    const code = await codeOf(token);
    await codeOf(token, 'singleAccess');
    await send('POST', 'auth/init');
    await sendJson('POST', 'auth/token', client({ scope: 'payments' }));
    await sendJson('POST', 'clients', {}, manageToken);
    const text = await (await sandbox.fetch('https://any.example/__sandbox')).text();
    const tokens = { permanent: 1, temporary: 1, code: 1, single: 1, service: 1 };
    expect(JSON.parse(text).state).toEqual({ profile: 'powens', users: 2, tokens, connections: 0, clients: 2 });
    for (const secret of [token, code, manageToken]) expect(text).not.toContain(secret);
  });
});

describe('the rate limit', () => {
  const withStatuses = (rateLimit?: { readonly perMinute: number; readonly perDay: number; readonly retryAfter?: boolean }) => {
    const caller = budgeaCaller({ rateLimit });
    const statuses = async (...paths: readonly string[]): Promise<readonly number[]> => {
      const seen: number[] = [];
      for (const path of paths) seen.push((await caller.send('GET', path)).status);
      return seen;
    };
    return { ...caller, statuses };
  };

  it('is off unless it is asked for', async () => {
    expect(await withStatuses().statuses(...Array(40).fill('connectors'))).toEqual(Array(40).fill(200));
  });

  it('refuses what is more than a minute takes, and takes more in the next', async () => {
    const { send, clock, statuses } = withStatuses({ perMinute: 30, perDay: 86_400 });
    expect(await statuses(...Array(30).fill('connectors'))).toEqual(Array(30).fill(200));
    clock.advance(MINUTE - 1);
    const refused = await send('GET', 'connectors');
    expect([refused.status, refused.body['code'], refused.headers.has('retry-after')]).toEqual([429, 'tooManyRequests', false]);
    clock.advance(1);
    expect(await statuses('connectors')).toEqual([200]);
  });

  it('counts days, tells when on demand, and starts over after reset', async () => {
    const { send, clock, sandbox, statuses } = withStatuses({ perMinute: 2, perDay: 3, retryAfter: true });
    expect(await statuses('nowhere', 'connectors')).toEqual([404, 200]);
    clock.advance(MINUTE);
    expect(await statuses('nowhere', 'connectors')).toEqual([404, 429]);
    expect((await send('GET', 'connectors')).headers.get('retry-after')).toBe(String(24 * 3600 - 60));
    sandbox.reset();
    expect(await statuses('nowhere', 'connectors')).toEqual([404, 200]);
  });
});
