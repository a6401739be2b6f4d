import { beforeEach, describe, expect, it } from 'vitest';
import { APP, browser, HOSTILE, locationOf, type Parameters, parametersOf, queryOf } from '../../test/browser.ts';
import { BASE, budgeaCaller, type Caller, HALF_HOUR } from '../../test/budgea-caller.ts';
import type { BudgeaSandboxOptions } from '../index.ts';

let caller: Caller;
let token: string;
const create = async (options: BudgeaSandboxOptions = {}): Promise<void> => {
  caller = budgeaCaller(options);
  ({ token } = await caller.user());
};
beforeEach(() => create());

const { open, submit, show, press, visit } = browser((url, init) => caller.sandbox.fetch(url, init));
const code = (type?: 'singleAccess'): Promise<string> => caller.codeOf(token, type);
const exchange = (given = '', redirect_uri: string | undefined = APP) => caller.exchange(given, { redirect_uri });
const connections = (owner = token): Promise<unknown> => caller.connectionsOf(owner);
const connectionsOfCode = async (given: string | undefined): Promise<unknown> =>
  connections(String((await exchange(given)).body['access_token']));
const connect = (owner = token) => caller.connect(owner, { password: 'actionNeeded' });

const webviewUrl = (flow: string, changes: Parameters = {}, language = 'en'): string => {
  const { clientId: client_id, domain } = caller.sandbox.credentials;
  const fields = { domain: `${domain}.biapi.pro`, client_id, redirect_uri: APP, state: 'abc', ...changes };
  return `${BASE}auth/webview/${language}/${flow}?${queryOf(fields)}`;
};
const backFrom = async (changes: Parameters, button = 'approve'): Promise<Record<string, string>> =>
  parametersOf(await visit(webviewUrl('connect', changes), button));
const refusalOf = async (url: string, init?: RequestInit): Promise<unknown[]> => {
  const response = await open(url, init);
  return [response.status, /<dt>Code<\/dt>\s*<dd>(.*?)<\/dd>/.exec(await response.text())?.[1], locationOf(response)];
};

describe('the Webview to connect', () => {
  it('opens in every language of the vendor, and in no other', async () => {
    for (const language of ['en', 'fr', 'de', 'nl', 'pt', 'it', 'es'])
      expect(await show(webviewUrl('connect', {}, language))).toContain('Connect your bank');
    expect((await open(webviewUrl('connect', {}, 'xx'))).status).toBe(404);
  });

  it('makes an anonymous user whose code, tied to the redirect URI, the application exchanges once', async () => {
    const { connection_id, code: made = '', state, ...rest } = await backFrom({});
    expect([connection_id, state, rest]).toEqual(['1', 'abc', {}]);
    expect((await exchange(made, 'http://localhost:4000/other')).body['code']).toBe('invalidValue');
    const { access_token } = (await exchange(made)).body;
    expect((await exchange(made)).status).toBe(400);
    caller.clock.advance(2 * HALF_HOUR);
    expect(await connections(String(access_token))).toMatchObject([{ id: 1, id_connector: 1, state: null }]);
    expect((await caller.send('GET', 'users/me/accounts', String(access_token))).body['accounts']).toHaveLength(2);
  });

  it('gives codes that a redirect URI need not be named for, and that end after half an hour with their users', async () => {
    const [first, second] = [await backFrom({}), await backFrom({})];
    expect((await caller.exchange(first['code'] ?? '')).status).toBe(200);
    caller.clock.advance(HALF_HOUR);
    expect((await exchange(second['code'])).status).toBe(400);
  });

  it('adds to the user of a code, and gives none back', async () => {
    expect(await backFrom({ code: await code() })).toEqual({ connection_id: '1', state: 'abc' });
    expect(await connections()).toMatchObject([{ id: 1 }]);
  });

  it('makes no user and no connection when the user cancels or declines', async () => {
    expect(await backFrom({}, 'deny')).toEqual({ error: 'access_denied', error_description: 'The user cancelled.', state: 'abc' });
    expect(await backFrom({}, 'decline')).toMatchObject({ error: 'tos_declined', state: 'abc' });
    expect(await backFrom({ code: await code() }, 'deny')).not.toHaveProperty('code');
    expect(await connections()).toEqual([]);
    // The first user is the test's own.
    expect((await caller.user()).id).toBe(2);
  });

  it('lets the user choose among the banks that the application names, and no hidden ones', async () => {
    const page = await show(webviewUrl('connect'));
    const back = parametersOf(await press(webviewUrl('connect'), page, 'approve', { connector: '2' }));
    expect(await connectionsOfCode(back['code'])).toMatchObject([{ id_connector: 2 }]);
    const uuid = 'b2e1d8cf-63c5-5f1c-8b48-1d2e6a3c7f02';
    const both = [true, true];
    for (const [wish, shown] of [
      [{}, both],
      [{ connector_ids: '2' }, [false, true]],
      [{ connector_uuids: uuid }, [false, true]],
      [{ connector_ids: '1', connector_uuids: uuid }, both],
      [{ connector_ids: '2,1', connector_country: 'de,FR', connector_capabilities: 'bank' }, both],
    ] as const) {
      const text = await show(webviewUrl('connect', wish));
      expect([text.includes('Sandbox Bank'), text.includes('Redirect Bank'), text.includes('type="radio"')]).toEqual([
        ...shown,
        shown === both,
      ]);
    }
    await caller.sendJson('PUT', 'connectors', { hidden: true }, caller.manageToken);
    expect(await show(webviewUrl('connect'))).toContain('There is no bank');
  });

  it('adds no bank that the application did not name', async () => {
    const again = await visit(webviewUrl('connect', { connector_ids: '2', code: await code() }), 'approve', { connector: '1' });
    expect([again.status, await connections()]).toEqual([200, []]);
    // Nor is there anything to finish with.
    expect((await press(webviewUrl('connect'), await again.text(), 'approve', { decision: 'finish' })).status).toBe(200);
  });

  it.each([{ connector_capabilities: 'document' }, { connector_country: 'de' }, { connector_ids: '99' }])(
    'has no bank for %j',
    async (wish) => {
      const page = await show(webviewUrl('connect', wish));
      expect(page).toContain('There is no bank');
      expect(page).not.toContain('value="approve"');
      expect(parametersOf(await press(webviewUrl('connect', wish), page, 'deny'))).toMatchObject({ error: 'access_denied' });
    },
  );

  it('adds as many banks as allowed, or fewer', async () => {
    const url = webviewUrl('connect', { max_connections: '2' });
    const second = await (await visit(url, 'approve')).text();
    expect(second).toContain('Add another bank?');
    const finished = parametersOf(await press(url, second, 'finish'));
    expect(finished).toEqual({ connection_ids: '1', code: expect.any(String), state: 'abc' });

    const full = parametersOf(await press(url, await (await visit(url, 'approve')).text(), 'approve', { connector: '2' }));
    expect(full['connection_ids']).toBe('2,3');
    expect(await connectionsOfCode(full['code'])).toMatchObject([
      { id: 2, id_connector: 1 },
      { id: 3, id_connector: 2 },
    ]);
  });

  it.each([
    [{ account_types: 'savings' }, ['savings']],
    [{ account_usages: 'PRIV' }, ['checking', 'savings']],
    [{ account_usages: 'PRO' }, []],
    [{ account_ibans: 'FR00' }, []],
  ])('shows the application the accounts that it asked for: %j', async (wish, types) => {
    await backFrom({ code: await code(), ...wish });
    const { body } = await caller.send('GET', 'users/me/accounts', token);
    expect(body['accounts']).toEqual(types.map((type) => expect.objectContaining({ type })));
    expect((await caller.send('GET', 'users/me/accounts?all', token)).body['accounts']).toHaveLength(2);
  });

  it.each([
    ['approve', {}, { connection_id: '1', code: expect.any(String), state: 'abc' }],
    ['approve', { max_connections: '3' }, { connection_ids: '1', code: expect.any(String), state: 'abc' }],
    ['deny', {}, { error: 'access_denied', error_description: 'The user cancelled.', state: 'abc' }],
  ])('decides in the place of the user for tests, but not for HEAD: %s %j', async (auto, changes, back) => {
    const url = webviewUrl('connect', { auto, ...changes });
    const { status, headers } = await open(url, { method: 'HEAD' });
    expect([status, headers.get('location')]).toEqual([200, null]);
    expect(parametersOf(await open(url))).toEqual(back);
  });

  it.each(['a+b/c==', 'a b&c=d#e', HOSTILE, '', undefined])('sends back the state as it came: %j', async (state) => {
    expect((await backFrom({ state }))['state']).toBe(state);
  });

  it('keeps the query of a listed redirect URI', async () => {
    const redirect_uri = 'https://app.example/callback?from=bank';
    await create({ redirectUris: [redirect_uri] });
    const { searchParams } = new URL(locationOf(await visit(webviewUrl('connect', { redirect_uri }), 'deny')));
    expect([...searchParams.keys()]).toEqual(['from', 'error', 'error_description', 'state']);
  });

  it('takes one decision for each page, and none when the page was open for too long', async () => {
    const url = webviewUrl('connect', { code: await code() });
    const [page, late] = [await show(url), await show(url)];
    const expired = { error: 'session_expired', error_description: 'The page was open for too long.', state: 'abc' };
    await press(url, page, 'approve');
    expect(parametersOf(await press(url, page, 'approve'))).toEqual(expired);
    caller.clock.advance(HALF_HOUR);
    expect(parametersOf(await press(url, late, 'approve'))).toEqual(expired);
    expect(await connections()).toHaveLength(1);
  });

  it('says so when its user was deleted meanwhile', async () => {
    const url = webviewUrl('connect', { code: await code() });
    const page = await show(url);
    await caller.send('DELETE', 'users/me', token);
    expect(parametersOf(await press(url, page, 'approve'))).toMatchObject({ error: 'session_expired' });
  });
});

describe('codes for the Webview', () => {
  it('that are good for one call are spent by the page, which goes on without, but not by wrong parameters', async () => {
    const single = await code('singleAccess');
    const url = webviewUrl('connect', { code: single });
    expect((await open(webviewUrl('connect', { code: single, redirect_uri: 'https://evil.example/' }))).status).toBe(400);
    const page = await show(url);
    expect(await refusalOf(url)).toEqual([400, 'invalid_grant', '']);
    expect((await exchange(single)).status).toBe(400);
    expect(parametersOf(await press(url, page, 'approve'))).toEqual({ connection_id: '1', state: 'abc' });
  });

  it('with + and / have to be encoded', async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, () => code()));
    const url = webviewUrl('connect', { code: codes.find((each) => each.includes('+')) });
    expect((await open(url.replaceAll('%2B', '+'))).status).toBe(400);
    await show(url);
  });

  it('are refused when unknown, permanent or expired, and appear nowhere in the page', async () => {
    const good = await code();
    const page = await show(webviewUrl('connect', { code: good }));
    for (const text of [good, encodeURIComponent(good)]) expect(page).not.toContain(text);
    caller.clock.advance(HALF_HOUR);
    for (const bad of ['x', token, good]) expect(await refusalOf(webviewUrl('connect', { code: bad }))).toEqual([400, 'invalid_grant', '']);
  });
});

describe('the Webview to reconnect', () => {
  const reconnectUrl = async (changes: Parameters = {}): Promise<string> =>
    webviewUrl('reconnect', { code: await code(), connection_id: '1', ...changes });

  it('leaves the connection as it is when the user cancels, or repairs it and sends back nothing but the state', async () => {
    await connect();
    const url = await reconnectUrl({ reset_credentials: 'true' });
    expect(await show(url)).toContain('actionNeeded');
    expect(parametersOf(await visit(url, 'deny'))).toMatchObject({ error: 'access_denied' });
    expect((await visit(url, 'approve', { decision: 'perhaps' })).status).toBe(200);
    expect(await connections()).toMatchObject([{ state: 'actionNeeded' }]);
    expect(parametersOf(await visit(url, 'approve'))).toEqual({ state: 'abc' });
    expect(await connections()).toMatchObject([{ id: 1, state: null }]);
  });

  it("knows nothing of another user's connection", async () => {
    await connect((await caller.user()).token);
    expect(await refusalOf(await reconnectUrl())).toEqual([404, 'notFound', '']);
  });

  it('reports a connection that was deleted meanwhile', async () => {
    await connect();
    const url = await reconnectUrl();
    const page = await show(url);
    await caller.send('DELETE', 'users/me/connections/1', token);
    expect(parametersOf(await press(url, page, 'approve'))).toMatchObject({ error: 'server_error' });
  });
});

describe('the Webview to manage', () => {
  const manageUrl = async (changes: Parameters = {}): Promise<string> => webviewUrl('manage', { code: await code(), ...changes });

  it('lists the banks of the user or the one that is named, and removes one', async () => {
    const other = (await caller.user()).token;
    for (const owner of [token, token, other]) await connect(owner);
    expect((await show(await manageUrl({ connection_id: '2' }))).match(/name="delete" value="\d+"/g)).toEqual(['name="delete" value="2"']);
    const url = await manageUrl();
    const page = await show(url);
    expect(page.match(/name="delete"/g)).toHaveLength(2);
    await press(url, page, 'finish', { decision: '', delete: '3' });
    expect(await connections(other)).toHaveLength(1);
    const removed = await (await press(url, page, 'finish', { decision: '', delete: '1' })).text();
    expect(removed.match(/name="delete"/g)).toHaveLength(1);
    expect(await connections()).toMatchObject([{ id: 2 }]);
    expect(parametersOf(await press(url, removed, 'finish'))).toEqual({ connection_id: '1', connection_deleted: 'true', state: 'abc' });
  });

  it('sends back nothing but the state where nothing was removed', async () => {
    expect(parametersOf(await visit(await manageUrl(), 'finish'))).toEqual({ state: 'abc' });
  });

  it('does without a redirect URI, and then has nothing to close', async () => {
    await connect();
    const url = await manageUrl({ redirect_uri: undefined });
    const page = await show(url);
    expect(page).not.toContain('Close');
    const fields = { session: /value="([\da-f]{32})"/.exec(page)?.[1] ?? '', decision: 'finish' };
    expect((await submit(url, fields)).status).toBe(200);
    caller.clock.advance(HALF_HOUR);
    expect((await submit(url, fields)).status).toBe(400);
  });
});

describe('a Webview that cannot be opened', () => {
  it.each<[flow: string, changes: Parameters, status: number, code: string]>([
    ['connect', { domain: undefined }, 400, 'missingParameter'],
    ['connect', { domain: 'other.biapi.pro' }, 400, 'invalidValue'],
    ['connect', { client_id: undefined }, 400, 'missingParameter'],
    ['connect', { client_id: '1' }, 401, 'invalid_client'],
    ['connect', { redirect_uri: undefined }, 400, 'missingParameter'],
    ['connect', { redirect_uri: 'https://evil.example/' }, 400, 'invalidValue'],
    ['connect', { redirect_uri: '//evil.example/', auto: 'deny' }, 400, 'invalidValue'],
    ['manage', { redirect_uri: 'https://evil.example/', code: 'x' }, 400, 'invalidValue'],
    ['connect', { max_connections: '0' }, 400, 'invalidValue'],
    ['reconnect', { connection_id: 'x', code: 'x' }, 400, 'invalidValue'],
    ['reconnect', { code: 'x' }, 400, 'missingParameter'],
    ['reconnect', { connection_id: '1' }, 400, 'missingParameter'],
    ['manage', {}, 400, 'missingParameter'],
    ['connect', { reset_credentials: 'yes' }, 400, 'invalidValue'],
    ['connect', { auto: 'maybe' }, 400, 'invalidValue'],
    ['payment', {}, 404, 'notFound'],
  ])('to %s with %j tells the user why and redirects nobody, a late answer neither', async (flow, changes, status, refused) => {
    const url = webviewUrl(flow, changes);
    expect(await refusalOf(url)).toEqual([status, refused, '']);
    const late = { method: 'POST', body: new URLSearchParams({ session: 'x', decision: 'deny' }) };
    expect(await refusalOf(url, late)).toEqual([status, refused, '']);
  });

  it('explains redirect URIs in the words of the vendor', async () => {
    const page = await (await open(webviewUrl('connect', { redirect_uri: 'https://evil.example/' }))).text();
    expect(page).toContain('the parameter must match the constraints defined in the administration console.');
    expect(page).toContain('any address of this machine');
  });

  it('is refused with the codes of 2019 in that profile, where the host is the domain', async () => {
    await create({ profile: '2019' });
    expect(await refusalOf(webviewUrl('connect', { client_id: '1' }))).toEqual([403, 'invalid_client', '']);
    await show(webviewUrl('connect', { domain: undefined }));
  });

  it('leaves its code in the log of calls, and none of its parameters', async () => {
    await open(webviewUrl('connect', { client_id: '1', state: 'very-secret' }));
    expect(caller.sandbox.calls.at(-1)).toMatchObject({ status: 401, code: 'invalid_client' });
    expect(JSON.stringify(caller.sandbox.calls)).not.toContain('very-secret');
  });
});

describe('pages', () => {
  it.each([
    ...['domain', 'client_id', 'redirect_uri', 'code', 'state', 'connector_ids', 'connector_uuids', 'connector_capabilities'],
    ...['connector_country', 'account_types', 'max_connections', 'connection_id', 'reset_credentials', 'auto', 'anything'],
  ])('let no script in by %s', async (name) => {
    for (const flow of ['connect', 'reconnect', 'manage', HOSTILE]) {
      const page = await open(webviewUrl(encodeURIComponent(flow), { connection_id: '1', code: await code(), [name]: HOSTILE }));
      expect(await page.text()).not.toMatch(/<script|onerror=/);
    }
  });

  it('forbid scripts and frames, and are not stored', async () => {
    const { headers } = await open(webviewUrl('connect'));
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('a Webview without a language', () => {
  const url = (): string => webviewUrl('connect').replace('/en/', '/');

  it.each([
    ['fr-CH, en;q=0.9', 'fr'],
    ['ja, de;q=0.5', 'de'],
    ['ja', 'en'],
  ])('redirects to that of the browser: %s', async (accepted, language) => {
    const sent = await open(url(), { headers: { 'accept-language': accepted } });
    expect([sent.status, new URL(locationOf(sent), BASE).href]).toEqual([302, webviewUrl('connect', {}, language)]);
  });

  it('is not there on demand', async () => {
    await create({ webviewWithoutLanguage: 'unavailable' });
    const sent = await open(url());
    expect([sent.status, sent.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  });
});
