import { type FakeClock, fakeClock } from '@auth/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox, type Listening } from '../index.ts';

const APP = 'http://localhost:4000/callback';
const HALF_HOUR = 1_800_000;
const HOSTILE = `"><script>alert(1)</script>'&`;

let clock: FakeClock;
let sandbox: BudgeaSandbox;
let server: Listening;
let token: string;

const create = async (options: BudgeaSandboxOptions = {}): Promise<void> => {
  await server?.close();
  clock = fakeClock({ now: Date.UTC(2026, 0, 1, 12) });
  sandbox = budgeaSandbox({ clock, ...options });
  server = await sandbox.listen();
  token = await user();
};

type Fields = Readonly<Record<string, string | undefined>>;
const open = (url: string, init: RequestInit = {}): Promise<Response> => fetch(url, { redirect: 'manual', ...init });
const api = async (method: string, path: string, bearer: string, fields?: object): Promise<Record<string, unknown>> => {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const response = await open(server.url + path, { method, headers, ...(fields && { body: JSON.stringify(fields) }) });
  const text = await response.text();
  return { status: response.status, ...(text !== '' && JSON.parse(text)) };
};
const client = (): Record<string, string> => ({ client_id: sandbox.credentials.clientId, client_secret: sandbox.credentials.clientSecret });
const user = async (): Promise<string> => String((await api('POST', 'auth/init', '', client()))['auth_token']);
const codeOf = async (type = 'requestAccess', owner = token): Promise<string> =>
  String((await api('GET', `auth/token/code?type=${type}`, owner))['code']);
const exchange = (code: string, redirect_uri: string | undefined = APP): Promise<Record<string, unknown>> =>
  api('POST', 'auth/token/access', '', { ...client(), code, redirect_uri });
const connections = async (owner = token): Promise<unknown> => (await api('GET', 'users/me/connections', owner))['connections'];
const connect = (owner = token): Promise<Record<string, unknown>> =>
  api('POST', 'users/me/connections', owner, { id_connector: 1, login: 'demo', password: 'actionNeeded' });

const queryOf = (fields: Fields): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');
const webviewUrl = (flow: string, changes: Fields = {}, language = 'en'): string => {
  const { clientId: client_id, domain } = sandbox.credentials;
  const fields = { domain: `${domain}.biapi.pro`, client_id, redirect_uri: APP, state: 'abc', ...changes };
  return `${server.url}auth/webview/${language}/${flow}?${queryOf(fields)}`;
};

/** Presses a button as a browser does: hidden fields, the first radio button, the button itself. */
const press = async (url: string, shown: string, button: string, changes: Fields = {}): Promise<Response> => {
  const body = new URLSearchParams();
  for (const [input] of shown.matchAll(/<input[^>]*>/g)) {
    const [, name = ''] = /name="([^"]*)"/.exec(input) ?? [];
    const [, value = ''] = /value="([^"]*)"/.exec(input) ?? [];
    if (!body.has(name)) body.set(name, value);
  }
  expect(shown).toContain(`name="decision" value="${button}"`);
  body.set('decision', button);
  for (const [name, value] of Object.entries(changes)) body.set(name, value ?? '');
  return open(url, { method: 'POST', body });
};
const show = async (url: string): Promise<string> => {
  const response = await open(url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  return response.text();
};
const visit = async (url: string, button: string, changes: Fields = {}): Promise<Response> => press(url, await show(url), button, changes);
const parametersOf = (response: Response): Record<string, string> => {
  const { origin, pathname, searchParams } = new URL(response.headers.get('location') ?? '');
  expect([response.status, origin + pathname]).toEqual([302, APP]);
  return Object.fromEntries(searchParams);
};
const refusalOf = async (response: Response): Promise<unknown[]> => {
  const text = await response.text();
  return [response.status, /<dt>Code<\/dt>\s*<dd>(.*?)<\/dd>/.exec(text)?.[1], response.headers.get('location')];
};

beforeEach(() => create());
afterEach(() => server.close());

describe('the Webview to connect', () => {
  it.each(['en', 'fr', 'de', 'nl', 'pt', 'it', 'es'])('opens in %s', async (language) => {
    expect(await show(webviewUrl('connect', {}, language))).toContain('Connect your bank');
  });

  it('makes an anonymous user whose code the application exchanges', async () => {
    const { connection_id, code = '', state, ...rest } = parametersOf(await visit(webviewUrl('connect'), 'approve'));
    expect([connection_id, state, rest]).toEqual(['1', 'abc', {}]);
    expect(code).toMatch(/^[A-Za-z0-9+/]{128}$/);
    const { access_token } = await exchange(code);
    clock.advance(2 * HALF_HOUR);
    expect(await connections(String(access_token))).toMatchObject([{ id: 1, id_connector: 1, state: null }]);
    expect((await api('GET', 'users/me/accounts', String(access_token)))['accounts']).toHaveLength(2);
    expect((await exchange(code))['status']).toBe(400);
  });

  it('encodes the + and / of the code', async () => {
    const locations = [];
    for (let count = 0; count < 10; count += 1)
      locations.push((await open(webviewUrl('connect', { auto: 'approve' }))).headers.get('location'));
    const codes = locations.map((location) => /[?&]code=([^&]*)/.exec(location ?? '')?.[1] ?? '');
    expect(codes.some((code) => code.includes('%2B')) && codes.some((code) => code.includes('%2F'))).toBe(true);
    expect(codes.every((code) => /^[A-Za-z0-9%]+$/.test(code))).toBe(true);
  });

  it('ties the code to the redirect URI', async () => {
    const { code = '' } = parametersOf(await visit(webviewUrl('connect'), 'approve'));
    expect((await exchange(code, 'http://localhost:4000/other'))['status']).toBe(400);
  });

  it('ends the code and its user after half an hour', async () => {
    const { code = '' } = parametersOf(await visit(webviewUrl('connect'), 'approve'));
    clock.advance(HALF_HOUR);
    expect((await exchange(code))['status']).toBe(400);
  });

  it('adds to the user of a code, and gives none back', async () => {
    const back = parametersOf(await visit(webviewUrl('connect', { code: await codeOf() }), 'approve'));
    expect(back).toEqual({ connection_id: '1', state: 'abc' });
    expect(await connections()).toMatchObject([{ id: 1 }]);
  });

  it('makes no user and no connection when the user cancels or declines', async () => {
    expect(parametersOf(await visit(webviewUrl('connect'), 'deny'))).toEqual({
      error: 'access_denied',
      error_description: 'The user cancelled.',
      state: 'abc',
    });
    expect(parametersOf(await visit(webviewUrl('connect'), 'decline'))).toMatchObject({ error: 'tos_declined', state: 'abc' });
    expect(parametersOf(await visit(webviewUrl('connect', { code: await codeOf() }), 'deny'))).not.toHaveProperty('code');
    const { code = '' } = parametersOf(await visit(webviewUrl('connect'), 'approve'));
    expect(await connections()).toEqual([]);
    const { access_token } = await exchange(code);
    // The first user is the test's own.
    expect((await api('GET', 'users/me', String(access_token)))['id']).toBe(2);
  });

  it('lets the user choose among the banks that the application names', async () => {
    const page = await show(webviewUrl('connect'));
    expect([page.includes('Sandbox Bank'), page.includes('Redirect Bank')]).toEqual([true, true]);
    const back = parametersOf(await press(webviewUrl('connect'), page, 'approve', { connector: '2' }));
    const { access_token } = await exchange(back['code'] ?? '');
    expect(await connections(String(access_token))).toMatchObject([{ id_connector: 2 }]);

    const only = await show(webviewUrl('connect', { connector_ids: '2' }));
    expect([only.includes('Sandbox Bank'), only.includes('type="radio"')]).toEqual([false, false]);
    const uuid = 'b2e1d8cf-63c5-5f1c-8b48-1d2e6a3c7f02';
    expect(await show(webviewUrl('connect', { connector_uuids: uuid }))).not.toContain('Sandbox Bank');
    expect(await show(webviewUrl('connect', { connector_ids: '1', connector_uuids: uuid }))).toContain('Sandbox Bank');
  });

  it('adds no bank that the application did not name', async () => {
    const url = webviewUrl('connect', { connector_ids: '2', code: await codeOf() });
    const again = await visit(url, 'approve', { connector: '1' });
    expect([again.status, await connections()]).toEqual([200, []]);
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

    const full = await press(url, await (await visit(url, 'approve')).text(), 'approve', { connector: '2' });
    const { connection_ids, code = '' } = parametersOf(full);
    expect(connection_ids).toBe('2,3');
    const { access_token } = await exchange(code);
    expect(await connections(String(access_token))).toMatchObject([
      { id: 2, id_connector: 1 },
      { id: 3, id_connector: 2 },
    ]);
  });

  it('shows the application the kinds of accounts that it asked for', async () => {
    await visit(webviewUrl('connect', { code: await codeOf(), account_types: 'savings' }), 'approve');
    const { accounts } = await api('GET', 'users/me/accounts', token);
    expect(accounts).toMatchObject([{ type: 'savings' }]);
    expect((await api('GET', 'users/me/accounts?all', token))['accounts']).toHaveLength(2);
  });

  it.each([
    ['approve', {}, { connection_id: '1', code: expect.any(String), state: 'abc' }],
    ['approve', { max_connections: '3' }, { connection_ids: '1', code: expect.any(String), state: 'abc' }],
    ['deny', {}, { error: 'access_denied', error_description: 'The user cancelled.', state: 'abc' }],
  ])('decides in the place of the user for tests: %s %j', async (auto, changes, back) => {
    expect(parametersOf(await open(webviewUrl('connect', { auto, ...changes })))).toEqual(back);
  });

  it('lets no HEAD request decide', async () => {
    const { status, headers } = await open(webviewUrl('connect', { auto: 'approve' }), { method: 'HEAD' });
    expect([status, headers.get('location')]).toEqual([200, null]);
  });

  it.each(['a+b/c==', 'a b&c=d#e', HOSTILE, ''])('sends back the state as it came: %j', async (state) => {
    const back = parametersOf(await visit(webviewUrl('connect', { state }), 'approve'));
    expect(back['state']).toBe(state);
  });

  it('sends back no state where none was given', async () => {
    const back = parametersOf(await visit(webviewUrl('connect', { state: undefined }), 'approve'));
    expect(Object.keys(back)).toEqual(['connection_id', 'code']);
  });

  it('keeps the query of a listed redirect URI', async () => {
    const redirect_uri = 'https://app.example/callback?from=bank';
    await create({ redirectUris: [redirect_uri] });
    const { searchParams } = new URL((await visit(webviewUrl('connect', { redirect_uri }), 'deny')).headers.get('location') ?? '');
    expect([...searchParams.keys()]).toEqual(['from', 'error', 'error_description', 'state']);
  });

  it('says so when the page was open for too long', async () => {
    const page = await show(webviewUrl('connect'));
    clock.advance(HALF_HOUR);
    expect(parametersOf(await press(webviewUrl('connect'), page, 'approve'))).toMatchObject({ error: 'session_expired', state: 'abc' });
  });

  it('takes one decision for each page', async () => {
    const page = await show(webviewUrl('connect', { code: await codeOf() }));
    await press(webviewUrl('connect'), page, 'approve');
    expect(parametersOf(await press(webviewUrl('connect'), page, 'approve'))).toMatchObject({ error: 'session_expired' });
    expect(await connections()).toHaveLength(1);
  });
});

describe('codes for the Webview', () => {
  it('that are good for one call are spent by the page, which goes on without', async () => {
    const code = await codeOf('singleAccess');
    const url = webviewUrl('connect', { code });
    const page = await show(url);
    expect(await refusalOf(await open(url))).toEqual([400, 'invalid_grant', null]);
    expect((await exchange(code))['status']).toBe(400);
    expect(parametersOf(await press(url, page, 'approve'))).toEqual({ connection_id: '1', state: 'abc' });
  });

  it('are not spent on wrong parameters', async () => {
    const code = await codeOf('singleAccess');
    expect((await open(webviewUrl('connect', { code, redirect_uri: 'https://evil.example/' }))).status).toBe(400);
    await show(webviewUrl('connect', { code }));
  });

  it('with + and / have to be encoded', async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf()));
    const url = webviewUrl('connect', { code: codes.find((each) => each.includes('+')) });
    expect((await open(url.replaceAll('%2B', '+'))).status).toBe(400);
    await show(url);
  });

  it('are refused when unknown, expired or permanent', async () => {
    const code = await codeOf();
    expect(await refusalOf(await open(webviewUrl('connect', { code: 'x' })))).toEqual([400, 'invalid_grant', null]);
    expect(await refusalOf(await open(webviewUrl('connect', { code: token })))).toEqual([400, 'invalid_grant', null]);
    clock.advance(HALF_HOUR);
    expect(await refusalOf(await open(webviewUrl('connect', { code })))).toEqual([400, 'invalid_grant', null]);
  });

  it('appear nowhere in the page', async () => {
    const code = await codeOf();
    const page = await show(webviewUrl('connect', { code }));
    expect(page).not.toContain(code);
    expect(page).not.toContain(encodeURIComponent(code));
  });
});

describe('the Webview to reconnect', () => {
  it('repairs a connection and sends back nothing but the state', async () => {
    await connect();
    const url = webviewUrl('reconnect', { code: await codeOf(), connection_id: '1' });
    expect(await show(url)).toContain('actionNeeded');
    expect(parametersOf(await visit(url, 'approve'))).toEqual({ state: 'abc' });
    expect(await connections()).toMatchObject([{ id: 1, state: null }]);
  });

  it('leaves it as it is when the user cancels', async () => {
    await connect();
    const url = webviewUrl('reconnect', { code: await codeOf(), connection_id: '1', reset_credentials: 'true' });
    expect(parametersOf(await visit(url, 'deny'))).toMatchObject({ error: 'access_denied' });
    expect(await connections()).toMatchObject([{ state: 'actionNeeded' }]);
  });

  it("knows nothing of another user's connection", async () => {
    await connect(await user());
    const url = webviewUrl('reconnect', { code: await codeOf(), connection_id: '1' });
    expect(await refusalOf(await open(url))).toEqual([404, 'notFound', null]);
  });

  it('reports a connection that was deleted meanwhile', async () => {
    await connect();
    const url = webviewUrl('reconnect', { code: await codeOf(), connection_id: '1' });
    const page = await show(url);
    await api('DELETE', 'users/me/connections/1', token);
    expect(parametersOf(await press(url, page, 'approve'))).toMatchObject({ error: 'server_error' });
  });
});

describe('the Webview to manage', () => {
  it('lists the banks of the user and removes one', async () => {
    await connect();
    await connect();
    await connect(await user());
    const url = webviewUrl('manage', { code: await codeOf() });
    const page = await show(url);
    expect(page.match(/name="delete"/g)).toHaveLength(2);
    const removed = await (await press(url, page, 'finish', { decision: '', delete: '1' })).text();
    expect(removed.match(/name="delete"/g)).toHaveLength(1);
    expect(await connections()).toMatchObject([{ id: 2 }]);
    expect(parametersOf(await press(url, removed, 'finish'))).toEqual({ connection_id: '1', connection_deleted: 'true', state: 'abc' });
  });

  it("does not remove another user's", async () => {
    const other = await user();
    await connect(other);
    const url = webviewUrl('manage', { code: await codeOf() });
    await visit(url, 'finish', { decision: '', delete: '1' });
    expect(await connections(other)).toHaveLength(1);
  });

  it('goes straight to one connection', async () => {
    await connect();
    await connect();
    const page = await show(webviewUrl('manage', { code: await codeOf(), connection_id: '2' }));
    expect(page.match(/name="delete" value="\d+"/g)).toEqual(['name="delete" value="2"']);
  });

  it('sends back nothing but the state where nothing was removed', async () => {
    expect(parametersOf(await visit(webviewUrl('manage', { code: await codeOf() }), 'finish'))).toEqual({ state: 'abc' });
  });

  it('does without a redirect URI, and then has nothing to close', async () => {
    await connect();
    const url = webviewUrl('manage', { code: await codeOf(), redirect_uri: undefined });
    const page = await show(url);
    expect(page).not.toContain('Close');
    const body = new URLSearchParams({ session: /value="([\da-f]{32})"/.exec(page)?.[1] ?? '', decision: 'finish' });
    expect((await open(url, { method: 'POST', body })).status).toBe(200);
    clock.advance(HALF_HOUR);
    expect((await open(url, { method: 'POST', body })).status).toBe(400);
  });
});

describe('a Webview that cannot be opened', () => {
  it.each([
    ['without a domain', 'connect', { domain: undefined }, [400, 'missingParameter', null]],
    ['on another domain', 'connect', { domain: 'other.biapi.pro' }, [400, 'invalidValue', null]],
    ['without a client', 'connect', { client_id: undefined }, [400, 'missingParameter', null]],
    ['for an unknown client', 'connect', { client_id: '1' }, [401, 'invalid_client', null]],
    ['without a redirect URI', 'connect', { redirect_uri: undefined }, [400, 'missingParameter', null]],
    ['with an unlisted redirect URI', 'connect', { redirect_uri: 'https://evil.example/' }, [400, 'invalidValue', null]],
    [
      'with an unlisted redirect URI and a decision',
      'connect',
      { redirect_uri: '//evil.example/', auto: 'deny' },
      [400, 'invalidValue', null],
    ],
    [
      'with an unlisted redirect URI to manage',
      'manage',
      { redirect_uri: 'https://evil.example/', code: 'x' },
      [400, 'invalidValue', null],
    ],
    ['for no connection at all', 'connect', { max_connections: '0' }, [400, 'invalidValue', null]],
    ['with a connection that is no number', 'reconnect', { connection_id: 'x', code: 'x' }, [400, 'invalidValue', null]],
    ['without a connection to reconnect', 'reconnect', { code: 'x' }, [400, 'missingParameter', null]],
    ['without a code to reconnect', 'reconnect', { connection_id: '1' }, [400, 'missingParameter', null]],
    ['without a code to manage', 'manage', {}, [400, 'missingParameter', null]],
    ['with a flag that is none', 'connect', { reset_credentials: 'yes' }, [400, 'invalidValue', null]],
    ['with an unknown decision', 'connect', { auto: 'maybe' }, [400, 'invalidValue', null]],
    ['in an unknown flow', 'payment', {}, [404, 'notFound', null]],
  ])('%s tells the user why and redirects nobody', async (_, flow, changes: Fields, refusal) => {
    expect(await refusalOf(await open(webviewUrl(flow, changes)))).toEqual(refusal);
  });

  it('does not redirect a late answer to an unlisted URI either', async () => {
    const url = webviewUrl('connect', { redirect_uri: 'https://evil.example/' });
    const late = await open(url, { method: 'POST', body: new URLSearchParams({ session: 'x', decision: 'deny' }) });
    expect(await refusalOf(late)).toEqual([400, 'invalidValue', null]);
  });

  it('explains redirect URIs in the words of the vendor', async () => {
    const page = await (await open(webviewUrl('connect', { redirect_uri: 'https://evil.example/' }))).text();
    expect(page).toContain('the parameter must match the constraints defined in the administration console.');
  });

  it('is unknown in other languages', async () => {
    expect((await open(webviewUrl('connect', {}, 'xx'))).status).toBe(404);
  });

  it('is refused with the codes of 2019 in that profile, where the host is the domain', async () => {
    await create({ profile: '2019' });
    expect(await refusalOf(await open(webviewUrl('connect', { client_id: '1' })))).toEqual([403, 'invalid_client', null]);
    await show(webviewUrl('connect', { domain: undefined }));
  });

  it('leaves its code in the log of calls, and none of its parameters', async () => {
    await open(webviewUrl('connect', { client_id: '1', state: 'very-secret' }));
    expect(sandbox.calls.at(-1)).toMatchObject({ status: 401, code: 'invalid_client' });
    expect(JSON.stringify(sandbox.calls)).not.toContain('very-secret');
  });
});

describe('pages', () => {
  const names = [
    ...['domain', 'client_id', 'redirect_uri', 'code', 'state', 'connector_ids', 'connector_uuids', 'connector_capabilities'],
    ...['connector_country', 'account_types', 'max_connections', 'connection_id', 'reset_credentials', 'auto', 'anything'],
  ];
  it.each(names)('let no script in by %s', async (name) => {
    for (const flow of ['connect', 'reconnect', 'manage', HOSTILE]) {
      const page = await open(webviewUrl(encodeURIComponent(flow), { connection_id: '1', code: await codeOf(), [name]: HOSTILE }));
      expect(await page.text()).not.toMatch(/<script|onerror=/);
    }
  });

  it('forbid scripts and frames, and are not stored', async () => {
    const { headers } = await open(webviewUrl('connect'));
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
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
    expect(sent.status).toBe(302);
    const location = new URL(sent.headers.get('location') ?? '', server.url).href;
    expect(location).toBe(webviewUrl('connect', {}, language));
    await show(location);
  });

  it('is not there on demand', async () => {
    await create({ webviewWithoutLanguage: 'unavailable' });
    const sent = await open(url());
    expect([sent.status, sent.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  });
});
