import { AuthError, type ConnectSession, type Fetch, memoryStore, type Store } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { type BudgeaProfile, budgeaSandbox } from '@auth/sandbox';
import { describe, expect, it } from 'vitest';
import { type BudgeaProvider, budgea, type WebviewLanguage, type WebviewRequest } from './index.ts';

const REDIRECT_URI = 'http://localhost:3000/callback';
const MINUTE = 60_000;

const setUp = ({ profile = 'powens', store }: { profile?: BudgeaProfile; store?: Store } = {}) => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 31, 12) });
  const sandbox = budgeaSandbox({ clock, profile });
  const { domain, clientId, clientSecret } = sandbox.credentials;
  const options = { domain, clientId, clientSecret, baseUrl: 'https://sandbox.example/2.0/', fetch: sandbox.fetch, clock, store };
  const provider = budgea(options);
  /** How often a code was exchanged, refusals included. */
  const exchanges = (): number => sandbox.calls.filter(({ path }) => path === '/2.0/auth/token/access').length;
  return { clock, sandbox, provider, options, exchanges };
};

/** What the browser brings back, after the user has decided. */
const callbackOf = async (fetch: Fetch, { url }: ConnectSession, decision: 'approve' | 'deny' = 'approve'): Promise<string> => {
  const response = await fetch(`${url}&auto=${decision}`, { redirect: 'manual' });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`The page answered ${response.status}: ${await response.text()}`);
  return location;
};

const newUser = async (provider: BudgeaProvider): Promise<string> => (await provider.users.create({ reference: 'customer-17' })).id;
const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'completed',
    (error: unknown) => (AuthError.is(error) ? error.code : error),
  );
const connectionsOf = async ({ sandbox, provider }: ReturnType<typeof setUp>, userId: string): Promise<readonly string[]> => {
  const token = await provider.userTokens.issue(userId);
  const response = await sandbox.fetch('https://sandbox.example/2.0/users/me/connections', {
    headers: { authorization: `Bearer ${token.value}` },
  });
  const { connections }: { connections: readonly { id: number }[] } = await response.json();
  return connections.map(({ id }) => String(id));
};

describe.each<BudgeaProfile>(['powens', '2019'])('connect in the dialect of %s', (profile) => {
  it('connects a bank of a user', async () => {
    const { sandbox, provider, ...rest } = setUp({ profile });
    const userId = await newUser(provider);
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    const connected = await provider.connect.complete(await callbackOf(sandbox.fetch, session), session);
    expect(connected.userId).toBe(userId);
    expect(connected.connectionIds).toEqual(await connectionsOf({ sandbox, provider, ...rest }, userId));
    expect(connected.connectionIds).toHaveLength(1);
    expect(rest.exchanges()).toBe(0);
  });

  it('connects a bank of somebody who is no user yet, and stores the token', async () => {
    const { sandbox, provider, exchanges } = setUp({ profile });
    const session = await provider.connect.startAnonymous({ redirectUri: REDIRECT_URI });
    expect(sandbox.calls).toEqual([]);
    expect(session.userId).toBe('');
    const { userId, connectionIds } = await provider.connect.complete(await callbackOf(sandbox.fetch, session), session);
    expect([userId, connectionIds.length, exchanges()]).toEqual(['1', 1, 1]);
    expect(provider.asUser(userId).peek()).toMatchObject({ expiresAt: null });
    expect(await provider.users.get(userId)).toMatchObject({ id: userId });
  });

  it('repairs a connection, whose callback names none', async () => {
    const { sandbox, provider } = setUp({ profile });
    const userId = await newUser(provider);
    const first = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    const { connectionIds } = await provider.connect.complete(await callbackOf(sandbox.fetch, first), first);
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI, connectionId: connectionIds[0] });
    expect(new URL(session.url).pathname).toBe('/2.0/auth/webview/en/reconnect');
    const callback = await callbackOf(sandbox.fetch, session);
    expect(await provider.connect.complete(callback, session)).toEqual({ userId, connectionIds: [] });
  });

  it('goes to the bank without the Webview', async () => {
    const { sandbox, provider } = setUp({ profile });
    const userId = await newUser(provider);
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI, via: 'webauth', connectorId: '2' });
    expect(new URL(session.url).pathname).toBe('/2.0/webauth');
    const connected = await provider.connect.complete(await callbackOf(sandbox.fetch, session), session);
    expect(connected).toEqual({ userId, connectionIds: ['1'] });
  });

  it('names several connections', async () => {
    const { provider } = setUp({ profile });
    const userId = await newUser(provider);
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI, maxConnections: 2 });
    const callback = `${REDIRECT_URI}?connection_ids=3,4&connection_id=&id_connection=3&state=${session.state}`;
    expect(await provider.connect.complete(callback, session)).toEqual({ userId, connectionIds: ['3', '4'] });
  });

  it('opens the page to look after connections', async () => {
    const { sandbox, provider } = setUp({ profile });
    const userId = await newUser(provider);
    const session = await provider.connect.manage({ userId, redirectUri: REDIRECT_URI, language: 'fr' });
    expect(new URL(session.url).pathname).toBe('/2.0/auth/webview/fr/manage');
    expect(await provider.connect.complete(await callbackOf(sandbox.fetch, session), session)).toEqual({ userId, connectionIds: [] });
  });

  it.each(['webview', 'webauth', 'anonymous'])('rejects with consent_denied when the user refuses: %s', async (kind) => {
    const { sandbox, provider, exchanges } = setUp({ profile });
    const userId = await newUser(provider);
    const session =
      kind === 'anonymous'
        ? await provider.connect.startAnonymous({ redirectUri: REDIRECT_URI })
        : await provider.connect.start({
            userId,
            redirectUri: REDIRECT_URI,
            ...(kind === 'webauth' && { via: 'webauth', connectorId: '2' }),
          });
    const callback = await callbackOf(sandbox.fetch, session, 'deny');
    const error: unknown = await provider.connect.complete(callback, session).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'consent_denied', operation: 'connect.complete', vendorCode: 'access_denied' });
    expect(exchanges()).toBe(0);
  });
});

describe('start', () => {
  it('spends one call as the user on a code that opens one page', async () => {
    const { sandbox, provider } = setUp();
    const userId = await newUser(provider);
    const before = sandbox.calls.length;
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    expect(sandbox.calls.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /2.0/auth/token/code']);
    await callbackOf(sandbox.fetch, session);
    const again = await sandbox.fetch(session.url, { redirect: 'manual' });
    expect(again.status).toBe(400);
  });

  it('tells what the page is opened with', async () => {
    const { provider, sandbox } = setUp();
    const userId = await newUser(provider);
    const session = await provider.connect.start({
      userId,
      redirectUri: REDIRECT_URI,
      language: 'de',
      connectorUuids: ['u1'],
      maxConnections: 2,
    });
    const url = new URL(session.url);
    expect(url.pathname).toBe('/2.0/auth/webview/de/connect');
    const { code, ...query } = Object.fromEntries(url.searchParams);
    expect(code).toMatch(/^\S{20,}$/);
    expect(query).toEqual({
      domain: `${sandbox.credentials.domain}.biapi.pro`,
      client_id: sandbox.credentials.clientId,
      redirect_uri: REDIRECT_URI,
      state: session.state,
      connector_uuids: 'u1',
      max_connections: '2',
    });
  });

  it('lasts an hour', async () => {
    const { provider, sandbox, clock } = setUp();
    const session = await provider.connect.startAnonymous({ redirectUri: REDIRECT_URI });
    expect(session.expiresAt).toBe(clock.now() + 60 * MINUTE);
    const callback = await callbackOf(sandbox.fetch, session);
    clock.advance(60 * MINUTE);
    expect(await outcomeOf(provider.connect.complete(callback, session))).toBe('state_mismatch');
  });

  it.each(['all', 'me', '0', '-1', '1/../2', ''])('refuses the user id %j before anything is sent', async (userId) => {
    const { provider, sandbox } = setUp();
    expect(await outcomeOf(provider.connect.start({ userId, redirectUri: REDIRECT_URI }))).toBe('invalid_request');
    expect(await outcomeOf(provider.connect.manage({ userId, redirectUri: REDIRECT_URI }))).toBe('invalid_request');
    expect(sandbox.calls).toEqual([]);
  });

  it.each<[string, Pick<WebviewRequest, 'connectionId' | 'connectorIds' | 'language'>]>([
    ['connection id', { connectionId: '' }],
    ['connection id', { connectionId: 'all' }],
    ['connector id', { connectorIds: ['1', '2,3'] }],
    // As it can arrive from a browser, whatever a cast makes of its type.
    ['language', { language: '//evil.example' as WebviewLanguage }],
    ['language', { language: '../..' as WebviewLanguage }],
    ['language', { language: '' as WebviewLanguage }],
  ])('refuses a %s that is none before a code is made: %j', async (_, page) => {
    const { provider, sandbox } = setUp();
    const request = { userId: '1', redirectUri: REDIRECT_URI, ...page };
    const { start, manage, startAnonymous } = provider.connect;
    const pages = page.connectionId === undefined ? [start, manage, startAnonymous] : [start, manage];
    for (const open of pages) expect(await outcomeOf(open(request))).toBe('invalid_request');
    expect(sandbox.calls).toEqual([]);
  });

  it.each([{ connectorId: 'x' }, { connectionId: '' }, { connectionId: '1/../2' }])(
    'refuses a webauth page for %j, as that is no id',
    async (bank) => {
      const { provider, sandbox } = setUp();
      const page = provider.connect.start({ userId: '1', redirectUri: REDIRECT_URI, via: 'webauth', ...bank });
      expect(await outcomeOf(page)).toBe('invalid_request');
      expect(sandbox.calls).toEqual([]);
    },
  );

  it.each(['start', 'manage'] as const)('names its errors after %s', async (page) => {
    const { provider, sandbox } = setUp();
    const userId = await newUser(provider);
    sandbox.faults.add({ path: '/2.0/auth/token/code', reply: { kind: 'status', status: 503 } });
    const error: unknown = await provider.connect[page]({ userId, redirectUri: REDIRECT_URI }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable', operation: `connect.${page}` });
  });

  it('opens no page of a user for somebody who is none yet', async () => {
    const { provider } = setUp();
    const untyped = { redirectUri: REDIRECT_URI, code: 'of-somebody', state: 'chosen' };
    const { url, state } = await provider.connect.startAnonymous(untyped);
    expect([...new URL(url).searchParams.keys()]).toEqual(['domain', 'client_id', 'redirect_uri', 'state']);
    expect(new URL(url).searchParams.get('state')).toBe(state);
  });

  it.each(['http://app.example/callback', `${REDIRECT_URI}?a=1`, 'javascript:alert(1)', 'callback'])(
    'refuses the redirect URI %s',
    async (uri) => {
      const { provider, sandbox } = setUp();
      expect(await outcomeOf(provider.connect.start({ userId: '1', redirectUri: uri }))).toBe('invalid_request');
      expect(await outcomeOf(provider.connect.startAnonymous({ redirectUri: uri }))).toBe('invalid_request');
      expect(sandbox.calls).toEqual([]);
    },
  );

  it.each([{}, { connectorId: '1', connectorUuid: 'u' }, { connectorId: '1', connectionId: '1' }])(
    'refuses a webauth page for %j, as it needs one bank or connection',
    async (bank) => {
      const { provider, sandbox } = setUp();
      expect(await outcomeOf(provider.connect.start({ userId: '1', redirectUri: REDIRECT_URI, via: 'webauth', ...bank }))).toBe(
        'invalid_request',
      );
      expect(sandbox.calls).toEqual([]);
    },
  );
});

describe('complete', () => {
  const started = async (options?: Parameters<typeof setUp>[0]) => {
    const all = setUp(options);
    const session = await all.provider.connect.startAnonymous({ redirectUri: REDIRECT_URI });
    const callback = await callbackOf(all.sandbox.fetch, session);
    return { ...all, session, callback };
  };

  it.each<[string, (callback: string, state: string) => string]>([
    ['without state', (callback) => callback.replace(/&?state=[^&]*/, '')],
    ['with an empty state', (callback) => callback.replace(/state=[^&]*/, 'state=')],
    ['with a foreign state', (callback) => callback.replace(/state=[^&]*/, 'state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')],
    ['with two states', (callback, state) => `${callback}&state=${state}`],
    ['with a foreign state first', (callback) => callback.replace('?', '?state=x&')],
    ['with the state in the fragment', (callback, state) => `${callback.replace(/&?state=[^&]*/, '')}#state=${state}`],
  ])('never exchanges the code of a callback %s', async (_, forge) => {
    const { provider, session, callback, exchanges } = await started();
    expect(await outcomeOf(provider.connect.complete(forge(callback, session.state), session))).toBe('state_mismatch');
    expect(exchanges()).toBe(0);
    expect(await outcomeOf(provider.connect.complete(callback, session))).toBe('completed');
  });

  it('never exchanges an attacker’s code in the session of a victim', async () => {
    const { provider, callback, exchanges } = await started();
    const victim = await provider.connect.startAnonymous({ redirectUri: REDIRECT_URI });
    expect(await outcomeOf(provider.connect.complete(callback, victim))).toBe('state_mismatch');
    expect(exchanges()).toBe(0);
  });

  it('never exchanges a code in the session of a user', async () => {
    const { provider, sandbox, callback, exchanges } = await started();
    const userId = await newUser(provider);
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    const code = new URL(callback).searchParams.get('code') ?? '';
    expect(code).not.toBe('');
    const own = await callbackOf(sandbox.fetch, session);
    expect(await provider.connect.complete(`${own}&code=${encodeURIComponent(code)}`, session)).toMatchObject({ userId });
    expect(exchanges()).toBe(0);
  });

  it('exchanges once, however often the browser comes back', async () => {
    const { provider, session, callback, exchanges } = await started();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcomeOf(provider.connect.complete(callback, session))));
    expect(outcomes.toSorted()).toEqual(['completed', 'state_mismatch', 'state_mismatch', 'state_mismatch', 'state_mismatch']);
    expect(exchanges()).toBe(1);
  });

  it('exchanges once, also where two processes share a store', async () => {
    const store = memoryStore();
    const { provider, options, session, callback, exchanges } = await started({ store });
    const other = budgea(options);
    const outcomes = await Promise.all([provider, other].map(({ connect }) => outcomeOf(connect.complete(callback, session))));
    expect(outcomes.toSorted()).toEqual(['completed', 'state_mismatch']);
    expect(exchanges()).toBe(1);
  });

  it('takes a callback as a server sees it, and a code whose plus is not encoded', async () => {
    const { provider, session, callback } = await started();
    const { pathname, searchParams } = new URL(callback);
    const raw = [...searchParams].map(([name, value]) => `${name}=${value}`).join('&');
    expect(await outcomeOf(provider.connect.complete(`${pathname}?${raw}`, session))).toBe('completed');
  });

  it.each([
    ['no code', (callback: string) => callback.replace(/code=[^&]*/, ''), 'no code'],
    ['an empty code', (callback: string) => callback.replace(/code=[^&]*/, 'code='), 'no code'],
    ['two codes', (callback: string) => `${callback}&code=another`, 'several codes'],
  ])('exchanges nothing of a callback with %s', async (_, change, message) => {
    const { provider, session, callback, exchanges } = await started();
    const error: unknown = await provider.connect.complete(change(callback), session).catch((reason: unknown) => reason);
    expect(AuthError.is(error, 'invalid_response') && error.message).toContain(message);
    expect(exchanges()).toBe(0);
  });

  it.each(['abc', '0', '-1', '1,x', '..'])('refuses the connection id %s, which is none', async (id) => {
    const { provider, session, callback, exchanges } = await started();
    const changed = callback.replace(/connection_id=[^&]*/, `connection_id=${id}`);
    expect(await outcomeOf(provider.connect.complete(changed, session))).toBe('invalid_response');
    expect(exchanges()).toBe(0);
  });

  it.each([
    ['access_denied', 'consent_denied', 'access_denied'],
    ['tos_declined', 'consent_denied', 'tos_declined'],
    ['session_expired', 'timeout', 'session_expired'],
    ['server_error', 'unavailable', 'server_error'],
    ['wrongpass', 'reconnect_required', 'wrongpass'],
    ['something_new', 'unavailable', 'something_new'],
    ['constructor', 'unavailable', 'constructor'],
    ['<script>alert(1)</script>', 'unavailable', undefined],
  ])('tells the error %s from a success, even beside a code', async (error, code, vendorCode) => {
    const { provider, session, callback, exchanges } = await started();
    const failed = `${callback}&error=${encodeURIComponent(error)}&error_description=hunter2`;
    const reason: unknown = await provider.connect.complete(failed, session).catch((cause: unknown) => cause);
    expect(reason).toMatchObject({ code, vendorCode, provider: 'budgea', operation: 'connect.complete' });
    expect(String(reason)).not.toMatch(/hunter2|script/);
    expect(exchanges()).toBe(0);
  });

  it('believes an error only with the state of the session', async () => {
    const { provider, session } = await started();
    expect(await outcomeOf(provider.connect.complete(`${REDIRECT_URI}?error=access_denied`, session))).toBe('state_mismatch');
  });

  it('leaves an unclear exchange alone', async () => {
    const { provider, sandbox, session, callback, exchanges } = await started();
    sandbox.faults.add({ path: '/2.0/auth/token/access', reply: { kind: 'lost' } });
    const error: unknown = await provider.connect.complete(callback, session).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'outcome_unknown', operation: 'connect.complete' });
    expect(exchanges()).toBe(1);
  });

  it.each([undefined, null, {}, { userId: '1' }])('knows nobody by the session %j', async (session) => {
    const { provider, callback, exchanges } = await started();
    const given = session as ConnectSession; // what an untyped session store returns for a browser without a session
    for (const url of [callback, REDIRECT_URI]) expect(await outcomeOf(provider.connect.complete(url, given))).toBe('state_mismatch');
    expect(exchanges()).toBe(0);
  });

  it('refuses a session whose user id was tampered with', async () => {
    const { provider, session, callback, exchanges } = await started();
    expect(await outcomeOf(provider.connect.complete(callback, { ...session, userId: 'all' }))).toBe('invalid_request');
    expect(exchanges()).toBe(0);
  });
});
