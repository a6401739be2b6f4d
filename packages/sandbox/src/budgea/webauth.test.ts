import { beforeEach, describe, expect, it } from 'vitest';
import { APP, browser, HOSTILE, locationOf, type Parameters, parametersOf, queryOf } from '../../test/browser.ts';
import { type Answer, BASE, budgeaCaller, type Caller, HALF_HOUR } from '../../test/budgea-caller.ts';
import type { BudgeaSandboxOptions } from '../index.ts';

let caller: Caller;
let token: string;
const create = async (options: BudgeaSandboxOptions = {}): Promise<void> => {
  caller = budgeaCaller(options);
  ({ token } = await caller.user());
};
beforeEach(() => create());

const { open, submit } = browser((url, init) => caller.sandbox.fetch(url, init));
const connections = (): Promise<unknown> => caller.connectionsOf(token);
const connect = (owner = token): Promise<Answer> => caller.connect(owner, { id_connector: 2 });
/** With a fresh code of the user unless `token` is given. */
const webauthUrl = async (changes: Parameters = {}): Promise<string> => {
  const code = 'token' in changes ? undefined : await caller.codeOf(token);
  const client_id = caller.sandbox.credentials.clientId;
  return `${BASE}webauth?${queryOf({ client_id, redirect_uri: APP, id_connector: '2', state: 'abc', token: code, ...changes })}`;
};
const sent = async (changes?: Parameters): Promise<Response> => open(await webauthUrl(changes));
const decide = (url: string, decision: string): Promise<Response> => submit(url, { decision });
const REPAIR = { id_connector: undefined, id_connection: '1' };
const refusalOf = async (response: Response): Promise<unknown[]> => [response.status, (await response.json()).code, locationOf(response)];

describe('GET /webauth', () => {
  it('leads over the page of the bank to a connection', async () => {
    const bank = locationOf(await sent());
    expect(bank).toMatch(new RegExp(`^${BASE}webauth/bank\\?`));
    const page = await (await open(bank)).text();
    expect(page).toContain('Redirect Bank');
    expect(page).toMatch(/name="decision" value="approve"/);
    expect(await connections()).toEqual([]);
    const back = await decide(bank, 'approve');
    expect([back.status, locationOf(back)]).toEqual([302, `${APP}?id_connection=1&state=abc`]);
    expect(await connections()).toMatchObject([{ id: 1, id_connector: 2, state: null }]);
  });

  it('tells the application when the user refuses', async () => {
    const back = parametersOf(await decide(locationOf(await sent()), 'deny'));
    expect(back).toEqual({ error: 'access_denied', error_description: 'The user refused at the bank.', state: 'abc' });
    expect(await connections()).toEqual([]);
  });

  it('decides in the place of the user for tests, but not for HEAD', async () => {
    const head = await open(await webauthUrl({ auto: 'approve' }), { method: 'HEAD' });
    expect([head.status, new URL(locationOf(head)).pathname, await connections()]).toEqual([302, '/2.0/webauth/bank', []]);
    expect(locationOf(await sent({ auto: 'approve' }))).toBe(`${APP}?id_connection=1&state=abc`);
    expect(parametersOf(await sent({ auto: 'deny' }))).toMatchObject({ error: 'access_denied' });
  });

  it('takes the user from the header too', async () => {
    const url = await webauthUrl({ token: undefined, auto: 'approve' });
    expect(locationOf(await open(url, { headers: { authorization: `Bearer ${token}` } }))).toContain('id_connection=1');
  });

  it('redirects with 307, and sends back no state where none was given, on demand', async () => {
    expect([(await sent()).status, locationOf(await sent({ state: undefined, auto: 'approve' }))]).toEqual([
      302,
      `${APP}?id_connection=1&state=null`,
    ]);
    await create({ webauthRedirect: 307, webauthMissingState: 'omitted' });
    expect([(await sent()).status, locationOf(await sent({ state: undefined, auto: 'approve' }))]).toEqual([307, `${APP}?id_connection=1`]);
  });

  it.each(['a+b/c==', 'a b&c=d#e', HOSTILE, 'é\n', ''])('sends back the state as it came: %j', async (state) => {
    expect(parametersOf(await sent({ state, auto: 'approve' }))).toEqual({ id_connection: '1', state });
  });

  it('repairs a connection', async () => {
    await connect();
    expect(locationOf(await sent({ ...REPAIR, auto: 'approve' }))).toBe(`${APP}?id_connection=1&state=abc`);
    expect(await connections()).toMatchObject([{ id: 1, state: null }]);
  });

  it('takes a connector by its uuid', async () => {
    const { uuid } = (await caller.send('GET', 'connectors/2')).body;
    const changes = { id_connector: undefined, connector_uuid: String(uuid), auto: 'approve' };
    expect(parametersOf(await sent(changes))).toMatchObject({ id_connection: '1' });
  });

  it("knows nothing of another user's connection", async () => {
    await connect((await caller.user()).token);
    expect(await refusalOf(await sent(REPAIR))).toEqual([404, 'notFound', '']);
  });

  it('takes a code for one call once, and does not spend it on wrong parameters', async () => {
    const code = await caller.codeOf(token, 'singleAccess');
    expect((await sent({ token: code, redirect_uri: 'https://evil.example/' })).status).toBe(400);
    expect((await sent({ token: code })).status).toBe(302);
    expect(await refusalOf(await sent({ token: code }))).toEqual([401, 'unauthorized', '']);
  });

  it('takes no expired code and no permanent token from a URL', async () => {
    const url = await webauthUrl();
    caller.clock.advance(HALF_HOUR);
    for (const each of [url, await webauthUrl({ token })]) expect(await refusalOf(await open(each))).toEqual([401, 'unauthorized', '']);
  });

  it.each<[changes: Parameters, status: number, code: string]>([
    [{ client_id: undefined }, 400, 'missingParameter'],
    [{ client_id: '1' }, 401, 'invalid_client'],
    [{ client_id: 'x' }, 401, 'invalid_client'],
    [{ redirect_uri: undefined }, 400, 'missingParameter'],
    [{ redirect_uri: '/callback' }, 400, 'invalidValue'],
    [{ redirect_uri: `${APP}?a=b` }, 400, 'invalidValue'],
    [{ redirect_uri: 'https://evil.example/' }, 400, 'invalidValue'],
    [{ redirect_uri: 'http://localhost.evil.example/' }, 400, 'invalidValue'],
    [{ redirect_uri: 'http://localhost@evil.example/' }, 400, 'invalidValue'],
    [{ redirect_uri: 'http://user@localhost/' }, 400, 'invalidValue'],
    [{ redirect_uri: 'http://:password@localhost/' }, 400, 'invalidValue'],
    [{ redirect_uri: `${APP}#part` }, 400, 'invalidValue'],
    [{ redirect_uri: `${APP}#` }, 400, 'invalidValue'],
    [{ redirect_uri: ` ${APP}` }, 400, 'invalidValue'],
    [{ redirect_uri: `${APP}\n` }, 400, 'invalidValue'],
    [{ redirect_uri: 'http:localhost/callback' }, 400, 'invalidValue'],
    [{ redirect_uri: 'http://localhost\\@evil.example/' }, 400, 'invalidValue'],
    [{ redirect_uri: 'javascript://localhost/%0aalert(1)' }, 400, 'invalidValue'],
    [{ token: undefined }, 401, 'unauthorized'],
    [{ token: 'x' }, 401, 'unauthorized'],
    [{ id_connector: undefined }, 400, 'missingParameter'],
    [{ id_connector: '9' }, 400, 'invalidValue'],
    // Without webauth.
    [{ id_connector: '1' }, 400, 'invalidValue'],
    [{ id_connection: 'x' }, 400, 'invalidValue'],
    [{ source: 'OpenAPI' }, 400, 'invalidValue'],
    [{ auto: 'maybe' }, 400, 'invalidValue'],
  ])('refuses %j and redirects nobody', async (changes, status, code) => {
    expect(await refusalOf(await sent(changes))).toEqual([status, code, '']);
  });

  it('words an unlisted redirect URI as the vendor does', async () => {
    const { description } = await (await sent({ redirect_uri: 'https://evil.example/' })).json();
    expect(description).toBe("Invalid 'redirect_uri', the parameter must match the constraints defined in the administration console.");
  });

  it('allows every address of this machine without a list, beside what the client lists by the API', async () => {
    const listed = 'https://app.example/callback';
    const { clientId } = caller.sandbox.credentials;
    await caller.sendJson('PUT', `clients/${clientId}`, { redirect_uris: listed }, caller.manageToken);
    for (const redirect_uri of ['http://localhost/', 'https://127.0.0.1:8443/back', 'http://[::1]:3000/back', listed])
      expect(locationOf(await sent({ redirect_uri, auto: 'deny' }))).toMatch(`${redirect_uri}?error=access_denied`);
  });

  it('allows what is listed and nothing else when there is a list', async () => {
    await create({ redirectUris: ['https://app.example/callback', 'app://callback'] });
    for (const redirect_uri of ['https://app.example/callback', 'app://callback'])
      expect(locationOf(await sent({ redirect_uri, auto: 'approve' }))).toContain(`${redirect_uri}?id_connection=`);
    for (const redirect_uri of [APP, 'https://app.example/callback/', 'https://app.example/callback#x', 'HTTPS://app.example/callback'])
      expect([redirect_uri, (await sent({ redirect_uri, auto: 'approve' })).status]).toEqual([redirect_uri, 400]);
  });
});

describe('the page of the bank', () => {
  it('is gone after the decision, and after two hours', async () => {
    const decided = locationOf(await sent());
    await decide(decided, 'deny');
    const left = locationOf(await sent());
    caller.clock.advance(2 * 60 * 60_000 - 1);
    expect((await open(left)).status).toBe(200);
    caller.clock.advance(1);
    for (const url of [decided, left]) {
      expect((await open(url)).status).toBe(400);
      const late = await decide(url, 'approve');
      expect([late.status, locationOf(late)]).toEqual([400, '']);
    }
  });

  it('stays where nothing was decided', async () => {
    const bank = locationOf(await sent());
    expect(await (await decide(bank, 'perhaps')).text()).toContain('Approve');
    expect(locationOf(await decide(bank, 'approve'))).toContain('id_connection=1');
  });

  it('reports a connection or a user that was deleted meanwhile', async () => {
    await connect();
    const [bank, other] = [locationOf(await sent(REPAIR)), locationOf(await sent())];
    await caller.send('DELETE', 'users/me/connections', token);
    expect(parametersOf(await decide(bank, 'approve'))).toMatchObject({ error: 'server_error' });
    await caller.send('DELETE', 'users/me', token);
    expect(parametersOf(await decide(other, 'approve'))).toMatchObject({ error: 'server_error' });
  });

  it('shows nothing that the request brought', async () => {
    const bank = locationOf(await sent({ state: HOSTILE, source: 'openapi' }));
    for (const url of [bank, `${bank}&x=${encodeURIComponent(HOSTILE)}`, `${bank}${encodeURIComponent(HOSTILE)}`])
      expect(await (await open(url)).text()).not.toContain('<script');
  });
});

describe('GET /webauth-url', () => {
  const ask = (fields: Parameters, bearer: string | undefined = token): Promise<Answer> => {
    const client_id = caller.sandbox.credentials.clientId;
    return caller.send('GET', `webauth-url?${queryOf({ client_id, redirect_uri: APP, state: 'abc', ...fields })}`, bearer);
  };

  it('gives the page of the bank, but none for a connection that is fine', async () => {
    const { body } = await ask({ id_connector: '2' });
    expect(locationOf(await decide(String(body['url']), 'approve'))).toBe(`${APP}?id_connection=1&state=abc`);
    expect(await ask({ id_connection: '1' })).toMatchObject({ status: 409, body: { code: 'invalidValue' } });
  });

  it('gives one for a connection that waits for its bank', async () => {
    await connect();
    expect((await ask({ id_connection: '1' })).status).toBe(200);
  });

  it('wants a token in the header', async () => {
    expect(await ask({ id_connector: '2', token: await caller.codeOf(token) }, '')).toMatchObject({ status: 401 });
  });
});
