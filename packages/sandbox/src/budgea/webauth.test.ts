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

/** As a browser, but one that asks before it follows. */
const open = (url: string, init: RequestInit = {}): Promise<Response> => fetch(url, { redirect: 'manual', ...init });
const api = async (method: string, path: string, bearer: string, fields?: object): Promise<Record<string, unknown>> => {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const response = await open(server.url + path, { method, headers, ...(fields && { body: JSON.stringify(fields) }) });
  return { status: response.status, ...(await response.json()) };
};
const user = async (): Promise<string> => {
  const { clientId, clientSecret } = sandbox.credentials;
  return String((await api('POST', 'auth/init', '', { client_id: clientId, client_secret: clientSecret }))['auth_token']);
};
const codeOf = async (type = 'requestAccess'): Promise<string> => String((await api('GET', `auth/token/code?type=${type}`, token))['code']);
const connections = async (): Promise<unknown> => (await api('GET', 'users/me/connections', token))['connections'];

type Changes = Readonly<Record<string, string | undefined>>;
const queryOf = (fields: Changes): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');
const webauthUrl = async (changes: Changes = {}): Promise<string> => {
  const client_id = sandbox.credentials.clientId;
  const code = 'token' in changes ? undefined : await codeOf();
  const fields = { client_id, redirect_uri: APP, id_connector: '2', state: 'abc', token: code, ...changes };
  return `${server.url}webauth?${queryOf(fields)}`;
};
const decide = (url: string, decision: string): Promise<Response> => open(url, { method: 'POST', body: new URLSearchParams({ decision }) });
const locationOf = (response: Response): string => response.headers.get('location') ?? '';
const refusalOf = async (response: Response): Promise<unknown[]> => {
  const { code } = await response.json();
  return [response.status, code, response.headers.get('location')];
};

beforeEach(() => create());
afterEach(() => server.close());

describe('GET /webauth', () => {
  it('leads over the page of the bank to a connection', async () => {
    const sent = await open(await webauthUrl());
    expect(sent.status).toBe(302);
    const bank = locationOf(sent);
    expect(new URL(bank).origin).toBe(new URL(server.url).origin);
    const page = await (await open(bank)).text();
    expect(page).toContain('Redirect Bank');
    expect(page).toMatch(/name="decision" value="approve"/);
    expect(await connections()).toEqual([]);
    const back = await decide(bank, 'approve');
    expect([back.status, locationOf(back)]).toEqual([302, `${APP}?id_connection=1&state=abc`]);
    expect(await connections()).toMatchObject([{ id: 1, id_connector: 2, state: null }]);
  });

  it('tells the application when the user refuses', async () => {
    const back = await decide(locationOf(await open(await webauthUrl())), 'deny');
    const { origin, pathname, searchParams } = new URL(locationOf(back));
    expect(origin + pathname).toBe(APP);
    expect(Object.fromEntries(searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The user refused at the bank.',
      state: 'abc',
    });
    expect(await connections()).toEqual([]);
  });

  it.each([
    ['approve', `${APP}?id_connection=1&state=abc`],
    ['deny', expect.stringContaining(`${APP}?error=access_denied&`)],
  ])('decides in the place of the user for tests: %s', async (auto, location) => {
    expect(locationOf(await open(await webauthUrl({ auto })))).toEqual(location);
  });

  it('takes the user from the header too', async () => {
    const url = await webauthUrl({ token: undefined, auto: 'approve' });
    const sent = await open(url, { headers: { authorization: `Bearer ${token}` } });
    expect(locationOf(sent)).toContain('id_connection=1');
  });

  it('lets no HEAD request decide', async () => {
    const answer = await open(await webauthUrl({ auto: 'approve' }), { method: 'HEAD' });
    expect([answer.status, new URL(locationOf(answer)).pathname, await connections()]).toEqual([302, '/2.0/webauth/bank', []]);
  });

  it('redirects with 307 on demand', async () => {
    await create({ webauthRedirect: 307 });
    expect((await open(await webauthUrl())).status).toBe(307);
  });

  it('sends back the text null for a state that was not given, or nothing on demand', async () => {
    expect(locationOf(await open(await webauthUrl({ state: undefined, auto: 'approve' })))).toBe(`${APP}?id_connection=1&state=null`);
    await create({ webauthMissingState: 'omitted' });
    expect(locationOf(await open(await webauthUrl({ state: undefined, auto: 'approve' })))).toBe(`${APP}?id_connection=1`);
  });

  it.each(['a+b/c==', 'a b&c=d#e', HOSTILE, 'é\n', ''])('sends back the state as it came: %j', async (state) => {
    const back = locationOf(await open(await webauthUrl({ state, auto: 'approve' })));
    expect(new URL(back).searchParams.get('state')).toBe(state);
    expect([...new URL(back).searchParams.keys()]).toEqual(['id_connection', 'state']);
  });

  it('repairs a connection', async () => {
    await api('POST', 'users/me/connections', token, { id_connector: 2 });
    const url = await webauthUrl({ id_connector: undefined, id_connection: '1', auto: 'approve' });
    expect(locationOf(await open(url))).toBe(`${APP}?id_connection=1&state=abc`);
    expect(await connections()).toMatchObject([{ id: 1, state: null }]);
  });

  it('takes a connector by its uuid', async () => {
    const list = (await api('GET', 'connectors', token))['connectors'] as readonly { readonly uuid: string }[]; // JSON from our own server
    const url = await webauthUrl({ id_connector: undefined, connector_uuid: list[1]?.uuid, auto: 'approve' });
    expect(locationOf(await open(url))).toContain('id_connection=1');
  });

  it("knows nothing of another user's connection", async () => {
    await api('POST', 'users/me/connections', await user(), { id_connector: 2 });
    expect(await refusalOf(await open(await webauthUrl({ id_connector: undefined, id_connection: '1' })))).toEqual([404, 'notFound', null]);
  });

  it('takes a code for one call once, and does not spend it on wrong parameters', async () => {
    const code = await codeOf('singleAccess');
    expect((await open(await webauthUrl({ token: code, redirect_uri: 'https://evil.example/' }))).status).toBe(400);
    expect((await open(await webauthUrl({ token: code }))).status).toBe(302);
    expect(await refusalOf(await open(await webauthUrl({ token: code })))).toEqual([401, 'unauthorized', null]);
  });

  it('takes a code with + and / when they are encoded, and only then', async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf()));
    const code = codes.find((each) => each.includes('+') && each.includes('/')) ?? '';
    expect(code).not.toBe('');
    const url = await webauthUrl({ token: code });
    expect((await open(url.replaceAll('%2B', '+'))).status).toBe(401);
    expect((await open(url)).status).toBe(302);
  });

  it('takes no expired code', async () => {
    const url = await webauthUrl();
    clock.advance(HALF_HOUR);
    expect(await refusalOf(await open(url))).toEqual([401, 'unauthorized', null]);
  });

  it.each([
    ['no client', { client_id: undefined }, [400, 'missingParameter', null]],
    ['an unknown client', { client_id: '1' }, [401, 'invalid_client', null]],
    ['a client that is no number', { client_id: 'x' }, [401, 'invalid_client', null]],
    ['no redirect URI', { redirect_uri: undefined }, [400, 'missingParameter', null]],
    ['a relative redirect URI', { redirect_uri: '/callback' }, [400, 'invalidValue', null]],
    ['a redirect URI with a query', { redirect_uri: `${APP}?a=b` }, [400, 'invalidValue', null]],
    ['an unlisted redirect URI', { redirect_uri: 'https://evil.example/' }, [400, 'invalidValue', null]],
    ['a redirect URI that looks like this machine', { redirect_uri: 'http://localhost.evil.example/' }, [400, 'invalidValue', null]],
    ['a redirect URI with a user name', { redirect_uri: 'http://localhost@evil.example/' }, [400, 'invalidValue', null]],
    ['a user name on this machine', { redirect_uri: 'http://user@localhost/' }, [400, 'invalidValue', null]],
    ['a redirect URI with a fragment', { redirect_uri: `${APP}#part` }, [400, 'invalidValue', null]],
    ['an empty fragment', { redirect_uri: `${APP}#` }, [400, 'invalidValue', null]],
    ['a space before the redirect URI', { redirect_uri: ` ${APP}` }, [400, 'invalidValue', null]],
    ['a line break behind the redirect URI', { redirect_uri: `${APP}\n` }, [400, 'invalidValue', null]],
    ['a redirect URI without slashes', { redirect_uri: 'http:localhost/callback' }, [400, 'invalidValue', null]],
    ['a redirect URI with a backslash', { redirect_uri: 'http://localhost\\@evil.example/' }, [400, 'invalidValue', null]],
    ['a script in the place of the redirect URI', { redirect_uri: 'javascript://localhost/%0aalert(1)' }, [400, 'invalidValue', null]],
    ['no token', { token: undefined }, [401, 'unauthorized', null]],
    ['an unknown token', { token: 'x' }, [401, 'unauthorized', null]],
    ['no connector', { id_connector: undefined }, [400, 'missingParameter', null]],
    ['an unknown connector', { id_connector: '9' }, [400, 'invalidValue', null]],
    ['a connector without webauth', { id_connector: '1' }, [400, 'invalidValue', null]],
    ['a connection that is no number', { id_connection: 'x' }, [400, 'invalidValue', null]],
    ['a source in capitals', { source: 'OpenAPI' }, [400, 'invalidValue', null]],
    ['an unknown decision', { auto: 'maybe' }, [400, 'invalidValue', null]],
  ])('refuses %s', async (_, changes: Changes, refusal) => {
    expect(await refusalOf(await open(await webauthUrl(changes)))).toEqual(refusal);
  });

  it('takes no permanent token from a URL', async () => {
    expect(await refusalOf(await open(await webauthUrl({ token })))).toEqual([401, 'unauthorized', null]);
  });

  it('words an unlisted redirect URI as the vendor does', async () => {
    const { description } = await (await open(await webauthUrl({ redirect_uri: 'https://evil.example/' }))).json();
    expect(description).toBe("Invalid 'redirect_uri', the parameter must match the constraints defined in the administration console.");
  });

  it.each(['http://localhost/', 'https://127.0.0.1:8443/back', 'http://[::1]:3000/back'])(
    'allows every address of this machine without a list: %s',
    async (redirect_uri) => {
      expect(locationOf(await open(await webauthUrl({ redirect_uri, auto: 'approve' })))).toBe(`${redirect_uri}?id_connection=1&state=abc`);
    },
  );

  it('allows what is listed and nothing else when there is a list', async () => {
    await create({ redirectUris: ['https://app.example/callback', 'app://callback'] });
    for (const redirect_uri of ['https://app.example/callback', 'app://callback'])
      expect(locationOf(await open(await webauthUrl({ redirect_uri, auto: 'approve' })))).toContain(`${redirect_uri}?id_connection=`);
    for (const redirect_uri of [APP, 'https://app.example/callback/', 'https://app.example/callback#x', 'HTTPS://app.example/callback'])
      expect((await open(await webauthUrl({ redirect_uri, auto: 'approve' }))).status, redirect_uri).toBe(400);
  });

  it('allows what the client lists by the API', async () => {
    const redirect_uri = 'https://app.example/callback';
    expect((await open(await webauthUrl({ redirect_uri }))).status).toBe(400);
    const { clientId, manageToken } = sandbox.credentials;
    await api('PUT', `clients/${clientId}`, manageToken, { redirect_uris: redirect_uri });
    expect((await open(await webauthUrl({ redirect_uri }))).status).toBe(302);
  });
});

describe('the page of the bank', () => {
  it('is gone after the decision, and after two hours', async () => {
    const decided = locationOf(await open(await webauthUrl()));
    await decide(decided, 'deny');
    const left = locationOf(await open(await webauthUrl()));
    clock.advance(2 * 60 * 60_000);
    for (const url of [decided, left]) {
      expect((await open(url)).status).toBe(400);
      const late = await decide(url, 'approve');
      expect([late.status, late.headers.get('location')]).toEqual([400, null]);
    }
  });

  it('stays where nothing was decided', async () => {
    const bank = locationOf(await open(await webauthUrl()));
    expect(await (await decide(bank, 'perhaps')).text()).toContain('Approve');
    expect(locationOf(await decide(bank, 'approve'))).toContain('id_connection=1');
  });

  it('reports a connection that was deleted meanwhile', async () => {
    await api('POST', 'users/me/connections', token, { id_connector: 2 });
    const bank = locationOf(await open(await webauthUrl({ id_connector: undefined, id_connection: '1' })));
    await open(`${server.url}users/me/connections`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    expect(locationOf(await decide(bank, 'approve'))).toContain('error=server_error');
  });

  it('shows nothing that the request brought', async () => {
    const bank = locationOf(await open(await webauthUrl({ state: HOSTILE, source: 'openapi' })));
    const texts = await Promise.all(
      [bank, `${bank}&x=${encodeURIComponent(HOSTILE)}`, `${bank}${encodeURIComponent(HOSTILE)}`].map((url) => open(url)),
    );
    for (const page of texts) expect(await page.text()).not.toContain('<script');
  });
});

describe('GET /webauth-url', () => {
  const ask = (fields: Changes): Promise<Record<string, unknown>> => {
    const client_id = sandbox.credentials.clientId;
    return api('GET', `webauth-url?${queryOf({ client_id, redirect_uri: APP, state: 'abc', ...fields })}`, token);
  };

  it('gives the page of the bank', async () => {
    const { status, url } = await ask({ id_connector: '2' });
    expect(status).toBe(200);
    expect(locationOf(await decide(String(url), 'approve'))).toBe(`${APP}?id_connection=1&state=abc`);
  });

  it('gives none for a connection that is fine', async () => {
    await open(await webauthUrl({ auto: 'approve' }));
    expect(await ask({ id_connection: '1' })).toMatchObject({ status: 409, code: 'invalidValue' });
  });

  it('gives one for a connection that waits for its bank', async () => {
    await api('POST', 'users/me/connections', token, { id_connector: 2 });
    expect((await ask({ id_connection: '1' }))['status']).toBe(200);
  });

  it('wants a token in the header', async () => {
    const client_id = sandbox.credentials.clientId;
    const path = `webauth-url?${queryOf({ client_id, redirect_uri: APP, id_connector: '2', token: await codeOf() })}`;
    expect((await open(server.url + path)).status).toBe(401);
  });
});
