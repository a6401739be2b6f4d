import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, budgeaCaller, type Caller } from '../../test/budgea-caller.ts';
import type { BudgeaSandboxOptions } from '../index.ts';

const ALL = 'users/me/connections';
const FIRST = `${ALL}/1`;

let caller: Caller;
let token: string;
const create = async (options: BudgeaSandboxOptions = {}): Promise<void> => {
  caller = budgeaCaller(options);
  ({ token } = await caller.user());
};
beforeEach(() => create());

const send = (method: string, path: string, fields?: object, bearer = token): Promise<Answer> =>
  fields === undefined ? caller.send(method, path, bearer) : caller.sendJson(method, path, fields, bearer);
const connect = (changes: object = {}, bearer = token): Promise<Answer> => caller.connect(bearer, changes);
const list = (bearer = token): Promise<unknown> => caller.connectionsOf(bearer);

describe('connections', () => {
  it('are made with the fields of the connector, by its id or uuid, and shown as documented', async () => {
    const { status, body } = await connect();
    expect([status, body]).toEqual([
      201,
      {
        ...{ id: 1, id_user: 1, id_connector: 1, id_bank: 1, id_provider: 1, connector_uuid: expect.stringMatching(/^[\da-f-]{36}$/) },
        ...{ state: null, error: null, error_message: null, fields: null, active: true, expire: null },
        ...{ created: '2026-01-01 13:00:00', last_update: '2026-01-01 13:00:00', last_push: '2026-01-01 13:00:00' },
        next_try: '2026-01-02 13:00:00',
      },
    ]);
    expect((await send('GET', FIRST)).body).toEqual(body);
    expect((await send('GET', ALL)).body).toEqual({ connections: [body], total: 1 });
    const byUuid = await connect({ id_connector: undefined, connector_uuid: body['connector_uuid'] });
    expect(byUuid).toMatchObject({ status: 201, body: { id: 2, id_connector: 1 } });
  });

  it.each([
    [{ id_connector: undefined }, 'missingParameter'],
    [{ id_connector: 99 }, 'invalidValue'],
    // An id in the place of the uuid.
    [{ id_connector: undefined, connector_uuid: '1' }, 'invalidValue'],
    [{ login: undefined }, 'missingParameter'],
    [{ password: '' }, 'missingParameter'],
    [{ password: 'wrong' }, 'wrongpass'],
    [{ source: 'OpenAPI' }, 'invalidValue'],
  ])('are refused for %j', async (changes, code) => {
    expect(await connect(changes)).toMatchObject({ status: 400, body: { code } });
    expect(await list()).toEqual([]);
  });

  it.each([
    ...['SCARequired', 'validating', 'actionNeeded', 'passwordExpired', 'rateLimiting', 'websiteUnavailable', 'bug', 'notSupported'],
    ...['additionalInformationNeeded', 'decoupled'],
  ])('come into the state that the password names, and recover from what ailed the bank with a synchronization: %s', async (state) => {
    const status = state === 'additionalInformationNeeded' || state === 'decoupled' ? 202 : 201;
    const asked = { additionalInformationNeeded: 'otp', passwordExpired: 'password' }[state];
    const fields = asked === undefined ? null : [{ name: asked, required: true }];
    expect(await connect({ password: state })).toMatchObject({ status, body: { state, fields, last_update: null, next_try: null } });
    caller.clock.advance(60_000);
    const passes = ['validating', 'rateLimiting', 'websiteUnavailable', 'bug'].includes(state);
    const expected = passes ? { state: null, last_update: '2026-01-01 13:01:00' } : { state, last_update: null };
    expect((await send('PUT', FIRST)).body).toMatchObject(expected);
  });

  it.each([
    ['the code of the bank', 'additionalInformationNeeded', [{}, { resume: true }], { otp: '123456' }],
    ['a decoupled validation', 'decoupled', [{ otp: '1' }, { resume: false }], { resume: true }],
  ])('wait for %s', async (_, password, idle, settling) => {
    await connect({ password });
    for (const fields of idle) expect((await send('POST', FIRST, fields)).status).toBe(202);
    expect(await send('POST', FIRST, settling)).toMatchObject({ status: 200, body: { state: null, fields: null } });
  });

  it('keep the error of a wrong new password until the right one comes', async () => {
    await connect();
    expect(await send('POST', FIRST, { password: 'wrong' })).toMatchObject({ status: 400, body: { code: 'wrongpass' } });
    expect((await send('GET', FIRST)).body).toMatchObject({ state: 'wrongpass', fields: [{ name: 'password' }] });
    expect((await send('POST', FIRST, { password: 'right' })).body['state']).toBe(null);
  });

  it('can be switched off, and are synchronized again with the next call', async () => {
    await connect();
    expect((await send('POST', FIRST, { active: false })).body).toMatchObject({ active: false, next_try: null });
    caller.clock.advance(60_000);
    expect((await send('PUT', FIRST)).body).toMatchObject({ last_update: '2026-01-01 13:01:00', active: false });
  });

  it('are listed in pages, and deleted one by one and all at once', async () => {
    for (const _ of [1, 2, 3]) await connect();
    expect((await send('GET', `${ALL}?limit=1&offset=1`)).body).toMatchObject({ connections: [{ id: 2 }], total: 3 });
    expect(await send('DELETE', `${ALL}/2`)).toMatchObject({ status: 204, text: '' });
    expect(await list()).toMatchObject([{ id: 1 }, { id: 3 }]);
    expect((await send('DELETE', ALL)).status).toBe(204);
    expect(await list()).toEqual([]);
  });

  it('belong to one user, and do not exist for others', async () => {
    await connect();
    const other = (await caller.user()).token;
    const paths = [FIRST, 'users/1/connections', `${FIRST}/accounts`, 'users/me/accounts/1?all'];
    for (const request of [...paths.map((path) => `GET ${path}`), `POST ${FIRST}`, `PUT ${FIRST}`, `DELETE ${FIRST}`]) {
      const [method = '', path = ''] = request.split(' ');
      expect([request, (await send(method, path, undefined, other)).status]).toEqual([request, 404]);
    }
    expect(await list(other)).toEqual([]);
    expect(await list()).toHaveLength(1);
  });

  it('go with their user, and are numbered from 1 after reset', async () => {
    await connect();
    await send('DELETE', 'users/me');
    ({ token } = await caller.user());
    expect((await send('GET', FIRST)).status).toBe(404);
    expect((await connect()).body['id']).toBe(2);
    caller.sandbox.reset();
    ({ token } = await caller.user());
    expect((await connect()).body['id']).toBe(1);
  });

  it('expand into connector, accounts and sources', async () => {
    await connect();
    const { body } = await send('GET', `${FIRST}?expand=connector[fields],accounts,all_accounts,sources,subscriptions,all_subscriptions`);
    expect(body).toMatchObject({
      connector: { id: 1, fields: [{ name: 'login' }, { name: 'password' }] },
      accounts: [],
      all_accounts: [{ id: 1, id_connection: 1 }, { id: 2 }],
      sources: [{ id: 1, name: 'directaccess', state: null }],
      ...{ subscriptions: [], all_subscriptions: [] },
    });
    expect((await send('GET', FIRST)).body).not.toHaveProperty('connector');
  });

  it('do not change when the answer cannot be expanded', async () => {
    await connect();
    for (const [method, fields] of [['GET'], ['DELETE'], ['POST', { active: false }], ['PUT']] as const)
      expect([method, (await send(method, `${FIRST}?expand=[`, fields)).status]).toEqual([method, 400]);
    for (const method of ['GET', 'DELETE', 'POST'])
      expect([method, (await send(method, `${ALL}?expand=accounts[`)).status]).toEqual([method, 400]);
    expect(await list()).toMatchObject([{ id: 1, active: true }]);
  });

  it('wait for the bank where the connector says so', async () => {
    const { status, body } = await connect({ id_connector: 2 });
    expect([status, body['state'], body['error']]).toEqual([201, 'webauthRequired', 'webauthRequired']);
    const [, url = ''] = /^Redirecting to (https:\S+)$/.exec(String(body['error_message'])) ?? [];
    const approve = { method: 'POST', body: new URLSearchParams({ decision: 'approve' }) };
    expect(await (await caller.sandbox.fetch(url, approve)).text()).toContain('Approved');
    expect(await list()).toMatchObject([{ id: 1, state: null, error_message: null }]);
    expect((await caller.sandbox.fetch(url, approve)).status).toBe(400);
  });

  it('are asked for another authorization by their bank on demand, if it has pages', async () => {
    await connect();
    await connect({ id_connector: 2 });
    expect((await send('POST', FIRST, { refresh_auth: true })).body['state']).toBe(null);
    const { body } = await send('POST', `${ALL}/2`, { refresh_auth: true });
    expect(body).toMatchObject({ state: 'webauthRequired', error_message: expect.stringContaining('Redirecting to ') });
    const [, url = ''] = /(https:\S+)$/.exec(String(body['error_message'])) ?? [];
    const refused = await caller.sandbox.fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'deny' }) });
    expect(await refused.text()).toContain('Refused');
    expect((await send('GET', `${ALL}/2`)).body['state']).toBe('webauthRequired');
  });
});

describe('accounts', () => {
  it('are kept from the application until it says that the user consents', async () => {
    await connect();
    expect((await send('GET', 'users/me/accounts')).body).toMatchObject({ accounts: [], balances: {} });
    expect((await send('GET', 'users/me/accounts/1')).status).toBe(404);
    expect((await send('POST', 'users/me/accounts/1', { disabled: false })).status).toBe(404);
    expect((await send('POST', 'users/me/accounts/1?all', { disabled: false })).body['disabled']).toBe(null);
    const { body } = await send('GET', 'users/me/accounts');
    expect(body['accounts']).toMatchObject([{ id: 1, id_user: 1, type: 'checking', currency: { id: 'EUR' } }]);
    const [{ balance, iban } = { balance: 0, iban: '' }] = body['accounts'] as readonly { balance: number; iban: string }[]; // JSON from our own server
    expect(body).toMatchObject({ balances: { EUR: balance }, total: 1 });
    // The check digits are right.
    expect(iban).toMatch(/^FR\d{25}$/);
    expect(BigInt(`${iban.slice(4)}1527${iban.slice(2, 4)}`) % 97n).toBe(1n);
    expect((await send('POST', 'users/me/accounts/1', {})).body['disabled']).toBe(null);
    expect((await send('GET', 'users/me/accounts?all')).body['accounts']).toHaveLength(2);
    for (const later of [0, 60_000]) {
      caller.clock.advance(later);
      expect((await send('POST', 'users/me/accounts/1?all', { disabled: true })).body['disabled']).toBe('2026-01-01 13:00:00');
    }
    expect((await send('GET', 'users/me/accounts?all=false')).body['accounts']).toEqual([]);
  });

  it('belong to a connection', async () => {
    for (const _ of [1, 2]) await connect();
    const { body } = await send('GET', `${ALL}/2/accounts?all`);
    expect(body['accounts']).toMatchObject([{ id: 3, id_connection: 2 }]);
  });
});

describe('connections in 2019', () => {
  beforeEach(() => create({ profile: '2019' }));

  it('have the older shape, statuses and names', async () => {
    const { status, body } = await connect();
    expect([status, body]).toEqual([
      200,
      {
        ...{ id: 1, id_user: 1, id_connector: 1, error: null, error_message: null, active: true, expire: null },
        ...{ last_update: '2026-01-01 13:00:00', last_push: '2026-01-01 13:00:00', next_try: '2026-01-02 13:00:00' },
      },
    ]);
    expect(await send('DELETE', FIRST)).toMatchObject({ status: 200, body });
  });

  it('show their accounts at once, and the last one of all that are deleted', async () => {
    for (const _ of [1, 2]) await connect();
    expect((await send('GET', 'users/me/accounts')).body['accounts']).toHaveLength(3);
    expect(await send('DELETE', ALL)).toMatchObject({ status: 200, body: { id: 2 } });
    expect((await send('DELETE', ALL)).status).toBe(404);
  });
});
