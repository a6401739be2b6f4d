import type { ConnectSession } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, HOUR, openUser, openVendor, PROFILES, REDIRECT_URI, START } from '../test/setup.ts';
import type { BudgeaConnect, WebauthRequest, WebviewLanguage, WebviewRequest } from './index.ts';

const redirectUri = REDIRECT_URI;

describe.each(PROFILES)('a page of a user, in the dialect of %s', (profile) => {
  it.each<
    [
      string,
      string,
      'singleAccess' | 'requestAccess',
      readonly string[],
      (connect: BudgeaConnect, userId: string) => Promise<ConnectSession>,
    ]
  >([
    ['connects a bank', 'auth/webview/en/connect', 'singleAccess', ['2'], ({ start }, userId) => start({ userId, redirectUri })],
    ['repairs', 'auth/webview/en/reconnect', 'singleAccess', [], ({ start }, userId) => start({ userId, redirectUri, connectionId: '1' })],
    [
      'is the bank’s',
      'webauth',
      'requestAccess',
      ['2'],
      ({ start }, userId) => start({ userId, redirectUri, via: 'webauth', connectorId: '2' }),
    ],
    ['manages', 'auth/webview/fr/manage', 'singleAccess', [], ({ manage }, userId) => manage({ userId, redirectUri, language: 'fr' })],
  ])('%s at %s, for one call and a code of the type %s', async (_, path, type, connectionIds, open) => {
    const { vendor, provider, userId } = await openUser({ profile });
    await vendor.addConnection(await provider.asUser(userId).token());
    const session = await open(provider.connect, userId);
    expect(session).toMatchObject({ userId, redirectUri, expiresAt: START + HOUR });
    expect(new URL(session.url).pathname).toBe(`/2.0/${path}`);
    expect(vendor.sent.slice(1).map(({ path }) => path)).toEqual([`/2.0/auth/token/code?type=${type}`]);
    expect(await provider.connect.complete(await vendor.approve(session), session)).toEqual({ userId, connectionIds });
    expect(vendor.calls('POST', 'auth/token/access')).toBe(0);
  });

  it('may be for somebody who is no user yet: the code is exchanged once, and the token stored', async () => {
    const vendor = openVendor({ profile });
    const { connect, asUser, users } = vendor.provider();
    const session = await connect.startAnonymous({ redirectUri });
    expect([session.userId, session.expiresAt, vendor.sent]).toEqual(['', START + HOUR, []]);
    expect(await connect.complete(await vendor.approve(session), session)).toEqual({ userId: '1', connectionIds: ['1'] });
    expect(asUser('1').peek()).toMatchObject({ expiresAt: null });
    expect(await users.get('1')).toMatchObject({ id: '1' });
    expect(vendor.sent.map(({ path }) => path)).toEqual(['/2.0/auth/token/access', '/2.0/users/me', '/2.0/users/1']);
    expect(vendor.sent[0]?.body).toMatchObject({ redirect_uri: redirectUri });
  });
});

describe('the URL', () => {
  it.each<[string, Partial<WebviewRequest | WebauthRequest>, string, object]>([
    ['the Webview', { language: 'de', connectorUuids: ['u1'] }, 'code', { domain: 'demo.biapi.pro', connector_uuids: 'u1' }],
    ['the Webview to repair', { connectionId: '7' }, 'code', { domain: 'demo.biapi.pro', connection_id: '7' }],
    ['the bank', { via: 'webauth', connectorUuid: 'u1', source: 'openapi' }, 'token', { connector_uuid: 'u1', source: 'openapi' }],
    ['the bank to repair', { via: 'webauth', connectionId: '7', values: { web: 'par' } }, 'token', { id_connection: '7', web: 'par' }],
  ])('of %s has what was asked for, a code and the state', async (_, page, code, query) => {
    const { provider, userId } = await openUser({ credentials: { domain: 'demo', clientId: '17' } });
    const { url, state } = await provider.connect.start({ userId, redirectUri, ...page });
    const always = { client_id: '17', redirect_uri: redirectUri, state, [code]: expect.stringMatching(/^\S{20,}$/) };
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({ ...always, ...query });
  });

  it('of a page for nobody yet has no code, no state and no connection of an untyped request', async () => {
    const { connect } = openVendor().provider();
    const untyped = { redirectUri, code: 'of-somebody', state: 'chosen', connectionId: '7' };
    const { url, state } = await connect.startAnonymous(untyped);
    expect([...new URL(url).searchParams.keys()]).toEqual(['domain', 'client_id', 'redirect_uri', 'state']);
    expect(new URL(url).searchParams.get('state')).toBe(state);
  });

  it('may lead back to an app by a scheme of its own', async () => {
    const { connect } = openVendor().provider();
    const { url } = await connect.startAnonymous({ redirectUri: 'com.example.app:/back' });
    expect(new URL(url).searchParams.get('redirect_uri')).toBe('com.example.app:/back');
  });
});

describe('a page is refused before a code is made', () => {
  it.each<[string, Partial<WebviewRequest>]>([
    ['another redirect URI', { redirectUri: 'http://app.example/callback' }],
    ['an empty connection id', { connectionId: '' }],
    ['all connections', { connectionId: 'all' }],
    ['two connector ids in one', { connectorIds: ['1', '2,3'] }],
    // As a language can arrive from a browser, whatever a cast makes of its type.
    ['another host for a language', { language: '//evil.example' as WebviewLanguage }],
    ['another path for a language', { language: '../..' as WebviewLanguage }],
    ['an empty language', { language: '' as WebviewLanguage }],
  ])('for %s', async (_, page) => {
    const vendor = openVendor();
    const { connect } = vendor.provider();
    const kinds = page.connectionId === undefined ? (['start', 'manage', 'startAnonymous'] as const) : (['start', 'manage'] as const);
    for (const kind of kinds) {
      const refusal = { code: 'invalid_request', provider: 'budgea', operation: `connect.${kind}` };
      expect(await errorOf(connect[kind]({ userId: '1', redirectUri, ...page }))).toMatchObject(refusal);
    }
    expect(vendor.sent).toHaveLength(0);
  });

  it.each([
    {},
    { connectorId: '1', connectorUuid: 'u' },
    { connectorId: '1', connectionId: '1' },
    { connectorId: 'x' },
    { connectionId: '' },
    { connectionId: '1/../2' },
    { connectorId: '1', redirectUri: 'http://app.example/callback' },
  ])('where the bank’s own page needs one bank or connection: %j', async (bank) => {
    const vendor = openVendor();
    const page = vendor.provider().connect.start({ userId: '1', redirectUri, via: 'webauth', ...bank });
    expect(await errorOf(page)).toMatchObject({ code: 'invalid_request', operation: 'connect.start' });
    expect(vendor.sent).toHaveLength(0);
  });
});

describe('complete', () => {
  /** A session of nobody yet, whose user has approved. */
  const started = async () => {
    const vendor = openVendor();
    const { connect } = vendor.provider();
    const session = await connect.startAnonymous({ redirectUri });
    return { vendor, connect, session, callback: await vendor.approve(session) };
  };

  it('never exchanges a code in the session of a user', async () => {
    const { vendor, provider, userId } = await openUser();
    const session = await provider.connect.start({ userId, redirectUri });
    const callback = `${await vendor.approve(session)}&code=${encodeURIComponent((await provider.codes.issue(userId)).value)}`;
    expect(await provider.connect.complete(callback, session)).toMatchObject({ userId });
    expect(vendor.calls('POST', 'auth/token/access')).toBe(0);
  });

  it('reads connections under every name, repeated and empty', async () => {
    const { provider, userId } = await openUser();
    const session = await provider.connect.start({ userId, redirectUri });
    const callback = `${redirectUri}?connection_ids=3,4&connection_id=&id_connection=3&connection_id=5&state=${session.state}`;
    expect(await provider.connect.complete(callback, session)).toEqual({ userId, connectionIds: ['5', '3', '4'] });
  });

  it.each<[string, RegExp, (callback: string) => string]>([
    ['no code', /has no code/, (callback) => callback.replace(/code=[^&]*/, '')],
    ['an empty code', /has no code/, (callback) => callback.replace(/code=[^&]*/, 'code=')],
    ['two codes', /has several codes/, (callback) => `${callback}&code=another`],
    ['a connection of letters', /does not consist of digits/, (callback) => `${callback}&connection_id=abc`],
    ['the connection 0', /does not consist of digits/, (callback) => `${callback}&id_connection=0`],
    ['a connection with a zero before it', /does not consist of digits/, (callback) => `${callback}&id_connection=01`],
    ['a connection among others', /does not consist of digits/, (callback) => `${callback}&connection_ids=1,x`],
    ['a connection that is a path', /does not consist of digits/, (callback) => `${callback}&connection_id=..`],
  ])('exchanges nothing of a callback with %s', async (_, message, change) => {
    const { vendor, connect, session, callback } = await started();
    const error = await errorOf(connect.complete(change(callback), session));
    expect(error).toMatchObject({ code: 'invalid_response', operation: 'connect.complete' });
    expect(error.message).toMatch(message);
    expect(vendor.sent).toHaveLength(0);
  });

  it('takes a code that is there twice for one', async () => {
    const { connect, session, callback } = await started();
    const [code] = /code=[^&]*/.exec(callback) ?? [];
    expect(await connect.complete(`${callback}&${code}`, session)).toMatchObject({ userId: '1' });
  });

  it.each([
    ['access_denied', 'consent_denied'],
    ['tos_declined', 'consent_denied'],
    ['session_expired', 'timeout'],
    ['server_error', 'unavailable'],
    ['wrongpass', 'reconnect_required'],
    ['actionNeeded', 'reconnect_required'],
    ['invalidValue', 'conflict'],
    ['something_new', 'unavailable'],
    ['constructor', 'unavailable'],
    ['<script>alert(1)</script>', 'unavailable'],
    ['a'.repeat(41), 'unavailable'],
  ])('takes the error %s for %s, even beside a code', async (error, code) => {
    const { vendor, connect, session, callback } = await started();
    const refused = await errorOf(connect.complete(`${callback}&error=${encodeURIComponent(error)}&error_description=hunter2`, session));
    expect(refused).toMatchObject({ code, provider: 'budgea', operation: 'connect.complete' });
    expect(refused.vendorCode).toBe(/^\w{1,40}$/.test(error) ? error : undefined);
    expect(String(refused)).not.toMatch(/hunter2|script/);
    expect(vendor.sent).toHaveLength(0);
  });

  it('leaves an unclear exchange alone', async () => {
    const { vendor, connect, session, callback } = await started();
    vendor.loseAnswer('auth/token/access');
    expect(await errorOf(connect.complete(callback, session))).toMatchObject({ code: 'outcome_unknown', operation: 'connect.complete' });
    expect(vendor.sent).toHaveLength(1);
  });

  it('stops at once for a caller who has stopped waiting', async () => {
    const { vendor, connect, session, callback } = await started();
    expect(await errorOf(connect.complete(callback, session, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
    expect(vendor.sent).toHaveLength(0);
  });

  it.each([undefined, null, {}, { userId: '1' }])('knows nobody by the session %j', async (session) => {
    const { vendor, connect, callback } = await started();
    const given = session as ConnectSession; // what an untyped session store returns for a browser without a session
    for (const url of [callback, redirectUri])
      expect(await errorOf(connect.complete(url, given))).toMatchObject({ code: 'state_mismatch' });
    expect(vendor.sent).toHaveLength(0);
  });

  it('refuses a session whose user id was tampered with', async () => {
    const { vendor, connect, session, callback } = await started();
    expect(await errorOf(connect.complete(callback, { ...session, userId: 'all' }))).toMatchObject({ code: 'invalid_request' });
    expect(vendor.sent).toHaveLength(0);
  });
});
