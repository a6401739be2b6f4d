import { type FakeClock, fakeClock } from '@auth/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox } from '../index.ts';

const BASE = 'https://demo.biapi.pro/2.0/';
const HALF_HOUR = 1_800_000;

let clock: FakeClock;
let sandbox: BudgeaSandbox;

const create = (options: BudgeaSandboxOptions = {}): void => {
  clock = fakeClock({ now: Date.UTC(2026, 0, 1, 12) });
  sandbox = budgeaSandbox({ clock, ...options });
};

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const send = async (method: string, path: string, token: string, fields?: object): Promise<Answer> => {
  const headers = new Headers({ authorization: `Bearer ${token}` });
  if (fields !== undefined) headers.set('content-type', 'application/json');
  const response = await sandbox.fetch(BASE + path, { method, headers, ...(fields && { body: JSON.stringify(fields) }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
};

const user = async (): Promise<string> => {
  const { clientId, clientSecret } = sandbox.credentials;
  const { body } = await send('POST', 'auth/init', '', { client_id: clientId, client_secret: clientSecret });
  return String(body['auth_token']);
};

const credentials = { id_connector: 1, login: 'demo', password: 'secret' };
const connect = (token: string, changes: object = {}): Promise<Answer> =>
  send('POST', 'users/me/connections', token, { ...credentials, ...changes });
const list = async (token: string): Promise<unknown> => (await send('GET', 'users/me/connections', token)).body['connections'];

describe('connections', () => {
  let token: string;
  beforeEach(async () => {
    create();
    token = await user();
  });

  it('are made with the fields of the connector and shown as documented', async () => {
    const connected = await connect(token);
    expect(connected).toEqual({
      status: 201,
      body: {
        ...{ id: 1, id_user: 1, id_connector: 1, id_bank: 1, id_provider: 1, connector_uuid: expect.stringMatching(/^[\da-f-]{36}$/) },
        ...{ state: null, error: null, error_message: null, fields: null, active: true, expire: null },
        ...{ created: '2026-01-01 13:00:00', last_update: '2026-01-01 13:00:00', last_push: '2026-01-01 13:00:00' },
        next_try: '2026-01-02 13:00:00',
      },
    });
    expect((await send('GET', 'users/me/connections/1', token)).body).toEqual(connected.body);
    expect((await send('GET', 'users/me/connections', token)).body).toEqual({ connections: [connected.body], total: 1 });
  });

  it('are made by the uuid of a connector too', async () => {
    const uuid = (await connect(token)).body['connector_uuid'];
    const { status, body } = await connect(token, { id_connector: undefined, connector_uuid: uuid });
    expect([status, body['id_connector']]).toEqual([201, 1]);
  });

  it.each([
    ['no connector', { id_connector: undefined }, 400, 'missingParameter'],
    ['an unknown connector', { id_connector: 99 }, 400, 'invalidValue'],
    ['an id in the place of the uuid', { id_connector: undefined, connector_uuid: '1' }, 400, 'invalidValue'],
    ['no login', { login: undefined }, 400, 'missingParameter'],
    ['no password', { password: '' }, 400, 'missingParameter'],
    ['a wrong password', { password: 'wrong' }, 400, 'wrongpass'],
    ['a source in capitals', { source: 'OpenAPI' }, 400, 'invalidValue'],
  ])('are refused for %s', async (_, changes, status, code) => {
    const refused = await connect(token, changes);
    expect([refused.status, refused.body['code']]).toEqual([status, code]);
    expect(await list(token)).toEqual([]);
  });

  it.each([
    ['actionNeeded', 201],
    ['websiteUnavailable', 201],
    ['additionalInformationNeeded', 202],
    ['decoupled', 202],
  ])('come into the state that the password names: %s', async (state, status) => {
    const { status: actual, body } = await connect(token, { password: state });
    expect([actual, body['state'], body['last_update'], body['next_try']]).toEqual([status, state, null, null]);
  });

  it('wait for the code of the bank', async () => {
    const { body } = await connect(token, { password: 'additionalInformationNeeded' });
    expect(body['fields']).toMatchObject([{ name: 'otp', required: true }]);
    const path = `users/me/connections/${body['id']}`;
    expect((await send('POST', path, token, {})).status).toBe(202);
    expect(await send('POST', path, token, { otp: '123456' })).toMatchObject({ status: 200, body: { state: null, fields: null } });
  });

  it('resume after a decoupled validation', async () => {
    const { body } = await connect(token, { password: 'decoupled' });
    const path = `users/me/connections/${body['id']}`;
    expect((await send('POST', path, token, { resume: false })).status).toBe(202);
    expect(await send('POST', path, token, { resume: true })).toMatchObject({ status: 200, body: { state: null } });
  });

  it('keep the error of a wrong new password until the right one comes', async () => {
    await connect(token);
    expect(await send('POST', 'users/me/connections/1', token, { password: 'wrong' })).toMatchObject({
      status: 400,
      body: { code: 'wrongpass' },
    });
    expect((await send('GET', 'users/me/connections/1', token)).body).toMatchObject({ state: 'wrongpass', fields: [{ name: 'password' }] });
    expect((await send('POST', 'users/me/connections/1', token, { password: 'right' })).body['state']).toBe(null);
  });

  it('can be switched off', async () => {
    await connect(token);
    expect((await send('POST', 'users/me/connections/1', token, { active: false })).body).toMatchObject({ active: false, next_try: null });
  });

  it('recover from what ailed the bank when they are synchronized, and from nothing else', async () => {
    await connect(token, { password: 'websiteUnavailable' });
    await connect(token, { password: 'actionNeeded' });
    clock.advance(60_000);
    expect((await send('PUT', 'users/me/connections/1', token)).body).toMatchObject({ state: null, last_update: '2026-01-01 13:01:00' });
    expect((await send('PUT', 'users/me/connections/2', token)).body).toMatchObject({ state: 'actionNeeded', last_update: null });
  });

  it('are deleted one by one and all at once', async () => {
    for (const _ of [1, 2, 3]) await connect(token);
    expect(await send('DELETE', 'users/me/connections/2', token)).toEqual({ status: 204, body: {} });
    expect(await list(token)).toMatchObject([{ id: 1 }, { id: 3 }]);
    expect((await send('DELETE', 'users/me/connections', token)).status).toBe(204);
    expect(await list(token)).toEqual([]);
  });

  it('are listed in pages', async () => {
    for (const _ of [1, 2, 3]) await connect(token);
    const { body } = await send('GET', 'users/me/connections?limit=1&offset=1', token);
    expect(body).toMatchObject({ connections: [{ id: 2 }], total: 3 });
  });

  it('belong to one user, for others they do not exist', async () => {
    await connect(token);
    const other = await user();
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
      expect((await send(method, 'users/me/connections/1', other)).status, method).toBe(404);
    expect((await send('GET', 'users/1/connections', other)).status).toBe(404);
    expect((await send('GET', 'users/me/connections/1/accounts', other)).status).toBe(404);
    expect((await send('GET', 'users/me/accounts/1?all', other)).status).toBe(404);
    expect(await list(other)).toEqual([]);
    expect(await list(token)).toHaveLength(1);
  });

  it('want an id that is a number', async () => {
    const { status, body } = await send('GET', 'users/me/connections/one', token);
    expect([status, body['code']]).toEqual([400, 'invalidValue']);
  });

  it('survive the exchange of a temporary token', async () => {
    const temporary = String((await send('POST', 'auth/init', '')).body['auth_token']);
    await connect(temporary);
    const { clientId, clientSecret } = sandbox.credentials;
    const { body } = await send('POST', 'auth/token/access', '', { client_id: clientId, client_secret: clientSecret, code: temporary });
    clock.advance(2 * HALF_HOUR);
    expect(await list(String(body['access_token']))).toMatchObject([{ id: 1 }]);
  });

  it('go with their user', async () => {
    await connect(token);
    await send('DELETE', 'users/me', token);
    const again = await user();
    expect((await send('GET', 'users/me/connections/1', again)).status).toBe(404);
  });

  it('expand into connector, accounts and sources', async () => {
    await connect(token);
    const { body } = await send(
      'GET',
      'users/me/connections/1?expand=connector[fields],accounts,all_accounts,sources,subscriptions',
      token,
    );
    expect(body).toMatchObject({
      connector: { id: 1, fields: [{ name: 'login' }, { name: 'password' }] },
      accounts: [],
      all_accounts: [{ id: 1, id_connection: 1 }, { id: 2 }],
      sources: [{ id: 1, name: 'directaccess', state: null }],
      subscriptions: [],
    });
    expect((await send('GET', 'users/me/connections/1', token)).body).not.toHaveProperty('connector');
    expect((await send('GET', 'users/me/connections?expand=accounts[', token)).status).toBe(400);
  });

  it('do not change when the answer cannot be expanded', async () => {
    await connect(token);
    for (const [method, fields] of [['DELETE'], ['POST', { active: false }]] as const)
      expect((await send(method, 'users/me/connections/1?expand=[', token, fields)).status).toBe(400);
    expect(await list(token)).toMatchObject([{ id: 1, active: true }]);
  });

  it('wait for the bank where the connector says so', async () => {
    const { status, body } = await connect(token, { id_connector: 2 });
    expect([status, body['state'], body['error']]).toEqual([201, 'webauthRequired', 'webauthRequired']);
    const [, url = ''] = /^Redirecting to (https:\S+)$/.exec(String(body['error_message'])) ?? [];
    const approve = { method: 'POST', body: new URLSearchParams({ decision: 'approve' }) };
    expect(await (await sandbox.fetch(url, approve)).text()).toContain('Approved');
    expect((await send('GET', 'users/me/connections/2', token)).status).toBe(404);
    expect((await send('GET', 'users/me/connections/1', token)).body).toMatchObject({ state: null, error_message: null });
    expect((await sandbox.fetch(url, approve)).status).toBe(400);
  });

  it('are asked for another authorization by their bank on demand', async () => {
    await connect(token, { id_connector: 2 });
    const { body } = await send('POST', 'users/me/connections/1', token, { refresh_auth: true });
    expect(body).toMatchObject({ state: 'webauthRequired', error_message: expect.stringContaining('Redirecting to ') });
  });

  it('are gone after reset', async () => {
    await connect(token);
    sandbox.reset();
    token = await user();
    expect((await connect(token)).body['id']).toBe(1);
  });

  describe('accounts', () => {
    it('are kept from the application until it says that the user consents', async () => {
      await connect(token);
      expect((await send('GET', 'users/me/accounts', token)).body).toMatchObject({ accounts: [], balances: {} });
      expect((await send('GET', 'users/me/accounts/1', token)).status).toBe(404);
      expect((await send('POST', 'users/me/accounts/1', token, { disabled: false })).status).toBe(404);
      expect((await send('POST', 'users/me/accounts/1?all', token, { disabled: false })).body['disabled']).toBe(null);
      const { body } = await send('GET', 'users/me/accounts', token);
      expect(body['accounts']).toMatchObject([{ id: 1, id_user: 1, type: 'checking', currency: { id: 'EUR' } }]);
      expect((await send('GET', 'users/me/accounts?all', token)).body['accounts']).toHaveLength(2);
      expect((await send('POST', 'users/me/accounts/1', token, { disabled: true })).body['disabled']).toBe('2026-01-01 13:00:00');
      expect((await send('GET', 'users/me/accounts', token)).body['accounts']).toEqual([]);
    });

    it('belong to a connection', async () => {
      for (const _ of [1, 2]) await connect(token);
      const { body } = await send('GET', 'users/me/connections/2/accounts?all', token);
      expect(body['accounts']).toMatchObject([{ id: 3, id_connection: 2 }]);
    });

    it('have an IBAN with the right check digits', async () => {
      await connect(token);
      const { body } = await send('GET', 'users/me/accounts?all', token);
      const [{ iban } = { iban: '' }] = body['accounts'] as readonly { readonly iban: string }[]; // JSON from our own server
      expect(iban).toMatch(/^FR\d{25}$/);
      expect(BigInt(`${iban.slice(4)}1527${iban.slice(2, 4)}`) % 97n).toBe(1n);
    });
  });
});

describe('connections in 2019', () => {
  let token: string;
  beforeEach(async () => {
    create({ profile: '2019' });
    token = await user();
  });

  it('have the older shape, statuses and names', async () => {
    const { status, body } = await connect(token);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ id: 1, id_user: 1, id_connector: 1, error: null, error_message: null, active: true, expire: null },
      ...{ last_update: '2026-01-01 13:00:00', last_push: '2026-01-01 13:00:00', next_try: '2026-01-02 13:00:00' },
    });
    expect(await send('DELETE', 'users/me/connections/1', token)).toEqual({ status: 200, body });
  });

  it('show the last one when all are deleted', async () => {
    for (const _ of [1, 2]) await connect(token);
    expect(await send('DELETE', 'users/me/connections', token)).toMatchObject({ status: 200, body: { id: 2 } });
    expect((await send('DELETE', 'users/me/connections', token)).status).toBe(404);
  });

  it('show their accounts at once', async () => {
    await connect(token);
    expect((await send('GET', 'users/me/accounts', token)).body['accounts']).toHaveLength(2);
  });
});
