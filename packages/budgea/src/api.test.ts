import type { ApiPromise, CallOptions } from '@auth/core';
import type { BudgeaProfile } from '@auth/sandbox';
import { describe, expect, it } from 'vitest';
import { BASE_URL, errorOf, HOUR, openVendor, permanent, REDIRECT_URI, START } from '../test/setup.ts';
import { TABLE } from './api/operations.ts';
import type { BearerOptions, BudgeaApi } from './index.ts';

/** With all that a form or a query would change. */
const client = { clientId: '17', clientSecret: 'a+b/c==&d=%2B "é"' };
const CLIENT = { client_id: client.clientId, client_secret: client.clientSecret };
const CLIENT_GRANT = { grant_type: 'client_credentials', ...CLIENT };
/** The vendor takes no other code than the one that it made. */
const CODE_GRANT = { grant_type: 'authorization_code', ...CLIENT, code: expect.stringMatching(/\+.*\/|\/.*\+/) };
const redirectUri = REDIRECT_URI;
const REDIRECTED = { ...CODE_GRANT, redirect_uri: redirectUri };
const EXCHANGE = 'POST auth/token/access';
const UUID = 'b2e1d8cf-63c5-5f1c-8b48-1d2e6a3c7f02';
const BACK = encodeURIComponent(REDIRECT_URI);
const LIST = { expand: 'a[b],c', limit: 7, offset: 0 };
const LISTED = 'expand=a%5Bb%5D%2Cc&limit=7&offset=0';
const BANK = { redirectUri, idConnector: '2', connectorUuid: UUID };
const PAGE = { ...client, ...BANK, state: 'a+b/c d', source: 'openapi', fields: 'x' };
const PAGED = `client_id=17&redirect_uri=${BACK}&id_connector=2&connector_uuid=${UUID}&state=a%2Bb%2Fc+d&source=openapi&fields=x`;

/** What an operation is sent with. `call` and the three bearers have the same signal. */
interface Given {
  readonly id: string;
  readonly idUser: string;
  readonly bank: string;
  readonly type: string;
  readonly clientId: string;
  readonly code: string;
  readonly call: CallOptions;
  readonly user: BearerOptions;
  readonly manager: BearerOptions;
  readonly lister: BearerOptions;
}
type Send = (api: BudgeaApi, given: Given) => ApiPromise<unknown>;

/** Values that no request has for these members, in a path or in a body: they would lead elsewhere, or mean somebody else. */
const REFUSED: Partial<Record<keyof Given, readonly string[]>> = {
  id: ['', '.', '..', '1/..', '../auth/token', '0', '-1', '1?x', 'ME', 'everybody', '9007199254740993'],
  idUser: ['', 'me', 'all', '0', '1.5', '1e3', '9007199254740993'],
  bank: ['', '.', '..', '0', '1/..', '1?x', 'all', '-1', '12345678901234567'],
  type: ['', '.', '..', '../users/all', 'a/b', 'a?b', 'a b', '%2e', 'a'.repeat(101)],
  clientId: ['', '.', '..', '../users/all', 'a/b', 'a?b', 'a b', '%2e'],
};

const WITH_A = { expand: 'a' };
const WEB = { application: 'a+b/c' };
const JWT_FOR = { scope: '', expire: false };
const JWT_BODY = { ...CLIENT, ...JWT_FOR, id_user: 1 };
const RENEWAL = { ...CLIENT_GRANT, id_user: 1, revoke_previous: true };
const ADMIN = { scope: 'users', duration: 5 };
const SCOPE = { scope: ['payments:validate', 'payment-links:admin'] } as const;
const SERVICE = { ...CLIENT_GRANT, ...SCOPE };

/** Each operation with all its parameters, and without those that may be left out. `once`: another request would do it again. */
const OPERATIONS: readonly [name: string, send: Send, request: string, body?: object, once?: 'once'][] = [
  ['createAnonymousUser', (api, { call }) => api.createAnonymousUser(client, call), 'POST auth/init', CLIENT, 'once'],
  ['createAnonymousUser, temporary', (api, { call }) => api.createAnonymousUser({}, call), 'POST auth/init', {}, 'once'],
  ['createAnonymousUser, managed', (api, { manager }) => api.createAnonymousUser({}, manager), 'POST auth/init', {}, 'once'],
  ['createUserJwt, new', (api, { call }) => api.createUserJwt(client, call), 'POST auth/jwt', CLIENT, 'once'],
  ['createUserJwt', (api, { idUser, call }) => api.createUserJwt({ ...client, idUser, ...JWT_FOR }, call), 'POST auth/jwt', JWT_BODY],
  ['createManageJwt', (api, { manager }) => api.createManageJwt(ADMIN, manager), 'POST admin/jwt', ADMIN],
  ['createManageJwt, by default', (api, { manager }) => api.createManageJwt({}, manager), 'POST admin/jwt', {}],
  ['renewToken', (api, { idUser, call }) => api.renewToken({ ...client, idUser, revokePrevious: true }, call), 'POST auth/renew', RENEWAL],
  ['exchangeCode', (api, { code, call }) => api.exchangeCode({ ...client, code }, call), EXCHANGE, CODE_GRANT, 'once'],
  ['exchangeCode, all', (api, { code, call }) => api.exchangeCode({ ...client, code, redirectUri }, call), EXCHANGE, REDIRECTED, 'once'],
  ['createCode', (api, { user }) => api.createCode({ type: 'singleAccess' }, user), 'GET auth/token/code?type=singleAccess'],
  ['createCode, by default', (api, { user }) => api.createCode({}, user), 'GET auth/token/code'],
  ['revokeToken', (api, { user }) => api.revokeToken(user), 'DELETE auth/token'],
  ['createServiceToken', (api, { call }) => api.createServiceToken({ ...client, ...SCOPE }, call), 'POST auth/token', SERVICE],
  ['getUsers', (api, { lister }) => api.getUsers({ ...lister, search: 'a b', ...LIST }), `GET users?search=a+b&${LISTED}`],
  ['getUser', (api, { id, user }) => api.getUser(id, { ...user, expand: 'a[b]' }), 'GET users/1?expand=a%5Bb%5D'],
  ['getUser, me', (api, { user }) => api.getUser('me', user), 'GET users/me'],
  ['getUser, all', (api, { manager }) => api.getUser('all', { ...manager, ...WITH_A }), 'GET users/all?expand=a'],
  ['deleteUser', (api, { id, user }) => api.deleteUser(id, { ...user, ...WITH_A }), 'DELETE users/1?expand=a'],
  ['deleteUser, all', (api, { manager }) => api.deleteUser('all', manager), 'DELETE users/all'],
  ['createUserToken', (api, { id, user }) => api.createUserToken(id, WEB, user), 'POST users/1/token', WEB],
  ['getConnections', (api, { id, user }) => api.getConnections(id, { ...user, ...LIST }), `GET users/1/connections?${LISTED}`],
  ['getConnection', (api, { id, bank, user }) => api.getConnection(id, bank, { ...user, ...WITH_A }), 'GET users/1/connections/1?expand=a'],
  [
    'deleteConnection',
    (api, { id, bank, user }) => api.deleteConnection(id, bank, { ...user, ...WITH_A }),
    'DELETE users/1/connections/1?expand=a',
  ],
  ['deleteConnections', (api, { id, user }) => api.deleteConnections(id, { ...user, ...WITH_A }), 'DELETE users/1/connections?expand=a'],
  ['deleteConnectionsByHash', (api, { user }) => api.deleteConnectionsByHash(user), 'DELETE hash'],
  ['getWebauthUrl', (api, { user }) => api.getWebauthUrl({ ...PAGE, values: { web: 'par' } }, user), `GET webauth-url?web=par&${PAGED}`],
  ['getCertificate', (api, { type, user }) => api.getCertificate(type, { ...user, ...WITH_A }), 'GET certificate/tls?expand=a'],
  ['getClient', (api, { clientId, manager }) => api.getClient(clientId, { ...manager, ...WITH_A }), 'GET clients/17?expand=a'],
  ['getConnectors', (api, { call }) => api.getConnectors({ ...call, ...LIST }), `GET connectors?${LISTED}`],
  ['getConnectors, as a user', (api, { user }) => api.getConnectors(user), 'GET connectors'],
  ['getPublicKey', (api, { call }) => api.getPublicKey(call), 'GET publickey'],
  ['getPublicKey, as a user', (api, { user }) => api.getPublicKey(user), 'GET publickey'],
];

const IDS = { id: '1', idUser: '1', type: 'tls', clientId: '17' };
const tokenOf = ({ as }: BearerOptions): string => ('value' in as ? as.value : expect.fail('an authority'));

/** A vendor with one user, who has one connection and a code. `taken` tells which members of `given` an operation has read. */
const open = async ({ profile, signal }: { profile?: BudgeaProfile; signal?: AbortSignal } = {}) => {
  const vendor = openVendor({ profile, credentials: client });
  const { api } = vendor.provider();
  const token = permanent((await api.createAnonymousUser(client)).authToken);
  const { code } = await api.createCode({}, { as: token });
  const { credentials, serverTokens } = vendor.sandbox;
  const all: Given = {
    ...IDS,
    bank: await vendor.addConnection(token),
    code,
    call: { signal },
    user: { as: token, signal },
    manager: { as: permanent(credentials.manageToken), signal },
    lister: { as: permanent(serverTokens.usersToken), signal },
  };
  const taken = new Set<keyof Given>();
  const take = (_: Given, name: string) => {
    const member = name as keyof Given; // destructuring reads no others
    taken.add(member);
    return all[member];
  };
  return { vendor, api, given: new Proxy(all, { get: take }), all, taken, before: vendor.sent.length };
};

describe.each(OPERATIONS)('%s', (name, send, request, body, once) => {
  const operation = `api.${name.split(',')[0]}`;

  it('sends exactly what is documented, and says what came back, with and without the response', async () => {
    const { vendor, api, given, taken, before } = await open();
    const promise = send(api, given);
    const { data, status, headers } = await promise.withResponse();
    expect(await promise).toBe(data);
    expect(status).toBe(request.startsWith('DELETE') ? 204 : 200);
    expect(headers.get('date')).toBe(new Date(START).toUTCString());

    const [sent = expect.fail('nothing was sent'), ...others] = vendor.sent.slice(before);
    expect(others).toEqual([]);
    expect(`${sent.method} ${sent.path}`).toBe(request.replace(' ', ' /2.0/'));
    expect(sent.body).toEqual(body ?? null);
    const bearer = (['user', 'manager', 'lister'] as const).find((who) => taken.has(who));
    expect(sent.headers.get('authorization')).toBe(bearer === undefined ? null : `Bearer ${tokenOf(given[bearer])}`);
    expect(sent.headers.get('accept')).toBe('application/json');
    expect(sent.headers.get('content-type')).toBe(body === undefined ? null : 'application/json');
  });

  it(`rejects both ways when the vendor is down, and ${once ? 'does not know the outcome' : 'may be repeated'} when the answer is lost`, async () => {
    const { vendor, api, given, before } = await open();
    vendor.answer(503, { code: 'somethingElse' });
    const promise = send(api, given);
    expect(await errorOf(promise.withResponse())).toStrictEqual(await errorOf(promise));
    expect(await errorOf(promise)).toMatchObject({ code: 'unavailable', status: 503, provider: 'budgea', operation });
    vendor.loseAnswer();
    expect(await errorOf(send(api, given))).toMatchObject({ code: once ? 'outcome_unknown' : 'unavailable', retryable: !once });
    expect(vendor.sent).toHaveLength(before + 2);
  });

  it('sends nothing for a signal that has aborted, and nothing with an id that could lead elsewhere', async () => {
    const controller = new AbortController();
    const { vendor, api, given, taken, before } = await open({ signal: controller.signal });
    controller.abort();
    expect(await errorOf(send(api, given))).toMatchObject({ code: 'aborted', operation });
    const live = await open();
    const refusal = { code: 'invalid_request', provider: 'budgea', operation };
    for (const member of taken)
      for (const refused of REFUSED[member] ?? [])
        expect(await errorOf(send(live.api, { ...live.all, [member]: refused })), refused).toMatchObject(refusal);
    expect([vendor.sent.length, live.vendor.sent.length]).toEqual([before, live.before]);
  });
});

it('has a row here for every operation', () => {
  const names = OPERATIONS.map(([name]) => name.split(',')[0]);
  expect(new Set(names)).toEqual(new Set(Object.keys(TABLE)));
});

it('names the client of the provider where none is passed, and no client without a secret', async () => {
  const { vendor, api, code, before } = await open().then(({ given, ...rest }) => ({ ...rest, code: given.code }));
  const { clientSecret } = client;
  await api.createAnonymousUser({ clientSecret });
  await api.createUserJwt({ clientSecret });
  await api.renewToken({ clientSecret, idUser: '1' });
  await api.exchangeCode({ clientSecret, code });
  await api.createServiceToken({ clientSecret, scope: 'payments' });
  const named = expect.objectContaining(CLIENT);
  expect(vendor.sent.slice(before).map(({ body }) => body)).toEqual([named, named, named, named, named]);
  await api.createAnonymousUser({ clientId: client.clientId });
  expect(vendor.sent.at(-1)?.body).toEqual({});
  expect(api.webauthUrl({ redirectUri }).searchParams.get('client_id')).toBe(client.clientId);
});

it('sends the grant types that it is told', async () => {
  const { vendor, api, before } = await open();
  const grantType = 'another';
  await errorOf(api.exchangeCode({ ...client, code: 'a', grantType }));
  await errorOf(api.renewToken({ ...client, idUser: '1', grantType }));
  await errorOf(api.createServiceToken({ ...client, scope: 'payments', grantType }));
  const told = expect.objectContaining({ grant_type: grantType });
  expect(vendor.sent.slice(before).map(({ body }) => body)).toEqual([told, told, told]);
});

const JWT = expect.stringMatching(/^ey/);
const TEXT = expect.any(String);
const CODE = { code: TEXT, expiresIn: 1800 };
const USER = { id: '1', signin: START, platform: null };
/** Its times are in Paris on the wire. */
const TIMES = { lastUpdate: START, lastPush: START, nextTry: START + 24 * HOUR, expire: null };
const CONNECTION = { ...TIMES, id: '1', idUser: '1', idConnector: '1', state: null, errorMessage: null, active: true };
const NEW_CONNECTION = { ...CONNECTION, connectorUuid: TEXT, created: START };
const OLD_CONNECTION = { ...CONNECTION, connectorUuid: null, created: null };

describe('what the vendor answers is read', () => {
  it.each<[string, Send, unknown]>([
    ['a permanent user', (api) => api.createAnonymousUser(client), { authToken: TEXT, type: 'permanent', idUser: '2', expiresIn: null }],
    ['a temporary user', (api) => api.createAnonymousUser(), { authToken: TEXT, type: 'temporary', idUser: '2', expiresIn: 1800 }],
    ['a user JWT', (api, { idUser }) => api.createUserJwt({ ...client, idUser }), { jwtToken: JWT, lifetime: 1800 }],
    ['an endless JWT', (api, { idUser }) => api.createUserJwt({ ...client, idUser, expire: false }), { jwtToken: JWT, lifetime: null }],
    ['a manage JWT', (api, { manager }) => api.createManageJwt({}, manager), { jwtToken: JWT, lifetime: 60 }],
    ['an endless manage JWT', (api, { manager }) => api.createManageJwt({ duration: 0 }, manager), { jwtToken: JWT, lifetime: null }],
    ['a renewed token', (api, { idUser }) => api.renewToken({ ...client, idUser }), { accessToken: TEXT, tokenType: 'Bearer' }],
    ['an exchanged code', (api, { code }) => api.exchangeCode({ ...client, code }), { accessToken: TEXT, tokenType: 'Bearer' }],
    ['a code', (api, { user }) => api.createCode({}, user), { ...CODE, access: 'standard' }],
    ['a code for one call', (api, { user }) => api.createCode({ type: 'singleAccess' }, user), { ...CODE, access: 'single' }],
    ['nothing of a revocation', (api, { user }) => api.revokeToken(user), undefined],
    ['a user', (api, { user }) => api.getUser('me', user), USER],
    ['all users', (api, { manager }) => api.getUser('all', manager), { users: [USER], total: 1 }],
    ['users', (api, { lister }) => api.getUsers(lister), { users: [USER], total: 1 }],
    ['no user after a deletion', (api, { user }) => api.deleteUser('me', user), null],
    ['nobody after all were deleted', (api, { manager }) => api.deleteUser('all', manager), null],
    ['another token', (api, { user }) => api.createUserToken('me', { application: 'a' }, user), { token: TEXT }],
    ['a connection', (api, { user }) => api.getConnection('me', '1', user), NEW_CONNECTION],
    ['connections', (api, { user }) => api.getConnections('me', user), { connections: [NEW_CONNECTION], total: 1 }],
    ['no connection after a deletion', (api, { user }) => api.deleteConnection('me', '1', user), null],
    ['no connections after a deletion', (api, { user }) => api.deleteConnections('me', user), null],
    ['the page of a bank', (api, { user }) => api.getWebauthUrl(PAGE, user), expect.any(URL)],
  ])('%s', async (_, send, data) => {
    const { api, given } = await open();
    expect(await send(api, given)).toEqual(data);
  });

  it.each<[string, Send, unknown]>([
    ['a code', (api, { user }) => api.createCode({}, user), { ...CODE, access: null }],
    ['a user', (api, { user }) => api.getUser('me', user), { ...USER, platform: 'sharedAccess' }],
    ['a deleted user', (api, { user }) => api.deleteUser('me', user), { ...USER, platform: 'sharedAccess' }],
    ['a connection', (api, { user }) => api.getConnection('me', '1', user), OLD_CONNECTION],
    ['a deleted connection', (api, { user }) => api.deleteConnection('me', '1', user), OLD_CONNECTION],
    ['one of the deleted connections', (api, { user }) => api.deleteConnections('me', user), OLD_CONNECTION],
    ['nothing of a revocation', (api, { user }) => api.revokeToken(user), undefined],
  ])('%s, in the dialect of 2019', async (_, send, data) => {
    const { api, given } = await open({ profile: '2019' });
    const { status, data: read } = await send(api, given).withResponse();
    expect([status, read]).toEqual([200, data]);
  });

  const NO_CLIENT = { id: '1', name: null, secret: null, redirectUris: [], publicKey: null, pro: null, config: null };
  const NO_TIMES = { lastUpdate: null, lastPush: null, nextTry: null };
  const NO_CONNECTION = { ...OLD_CONNECTION, ...NO_TIMES, idUser: null, idConnector: null, active: null };
  const connection: Send = (api, { user }) => api.getConnection('me', '1', user);
  const getClient: Send = (api, { manager }) => api.getClient('1', manager);
  const service: Send = (api) => api.createServiceToken({ ...client, scope: 'payments' });
  const jwt: Send = (api, { manager }) => api.createManageJwt({}, manager);
  const paris = (second: number): string => `2026-01-15 13:00:0${second}`;

  const TEMPORARY = { authToken: 'a', type: 'temporary', idUser: null, expiresIn: 1800 };
  it.each<[string, Send, object, unknown]>([
    ['a temporary user without a life and an id', (api) => api.createAnonymousUser(), { auth_token: 'a', type: 'temporary' }, TEMPORARY],
    ['nothing of what is said after all were deleted', (api, { manager }) => api.deleteUser('all', manager), { said: 1 }, null],
    ['a user without a date', (api, { user }) => api.getUser('me', user), { id: 1, signin: null }, { ...USER, signin: null }],
    ['a user with a date that is none', (api, { user }) => api.getUser('me', user), { id: 1, signin: 'then' }, { ...USER, signin: null }],
    ['a service token', service, { token: 'a', token_type: 'bearer' }, { token: 'a', scope: null }],
    ['a service token with a scope', service, { token: 'a', scope: 'payments' }, { token: 'a', scope: 'payments' }],
    ['a service token with scopes', service, { token: 'a', scope: ['b', 'c'] }, { token: 'a', scope: 'b c' }],
    ['a JWT without an issue', jwt, { jwt_token: 'a', payload: { exp: 7 } }, { jwtToken: 'a', lifetime: null }],
    ['a client', getClient, { id: 1, redirect_uris: null }, NO_CLIENT],
    ['redirect URIs in lines', getClient, { id: 1, redirect_uris: 'a\nb\n' }, { ...NO_CLIENT, redirectUris: ['a', 'b'] }],
    ['redirect URIs in a list', getClient, { id: 1, redirect_uris: ['a'], redirect_uri: 'b' }, { ...NO_CLIENT, redirectUris: ['a'] }],
    ['redirect URIs under the older name', getClient, { id: 1, redirect_uri: 'b' }, { ...NO_CLIENT, redirectUris: ['b'] }],
    ['information of a client', getClient, { id: 1, information: 'i' }, { ...NO_CLIENT, config: 'i' }],
    ['a state', connection, { id: 1, state: 'SCARequired', error: 'bug' }, { ...NO_CONNECTION, state: 'SCARequired' }],
    ['a state that nobody documented', connection, { id: 1, state: 'somethingNew' }, { ...NO_CONNECTION, state: 'somethingNew' }],
    ['a state that is called error', connection, { id: 1, error: 'wrongpass' }, { ...NO_CONNECTION, state: 'wrongpass' }],
    ['no state', connection, { id: 1, state: null, error: null }, NO_CONNECTION],
    ['a time that is none', connection, { id: 1, created: 'yesterday' }, NO_CONNECTION],
  ])('%s', async (_, send, body, data) => {
    const { vendor, api, given } = await open();
    vendor.answer(200, body);
    expect(await send(api, given)).toEqual(data);
  });

  it('each member of a connection, a client and a connector, under its own name', async () => {
    const { vendor, api, given } = await open();
    const times = { created: paris(1), last_update: paris(2), last_push: paris(3), next_try: paris(4), expire: paris(5) };
    vendor.answer(200, { id: 1, id_user: 2, id_connector: 3, connector_uuid: 'u', error_message: 'm', active: false, ...times });
    const ids = { id: '1', idUser: '2', idConnector: '3', connectorUuid: 'u', state: null, errorMessage: 'm', active: false };
    const [created, lastUpdate, lastPush, nextTry, expire] = [1, 2, 3, 4, 5].map((second) => START + second * 1000);
    expect(await connection(api, given)).toEqual({ ...ids, created, lastUpdate, lastPush, nextTry, expire });

    const same = { name: 'n', secret: 's', pro: true, config: 'c' };
    vendor.answer(200, { id: 1, ...same, redirect_uris: ['r'], public_key: 'p', private_key: 'hunter2', information: 'i' });
    expect(await getClient(api, given)).toEqual({ id: '1', ...same, redirectUris: ['r'], publicKey: 'p' });

    const flags = { hidden: true, charged: false, beta: true, restricted: false };
    const texts = { uuid: 'u', name: 'n', code: 'c', slug: 'd', color: 'e', siret: 'f' };
    const connector = { ...texts, ...flags, capabilities: ['a'], products: ['b'] };
    const renamed = { auth_mechanism: 'webauth', available_auth_mechanisms: ['g'], account_usages: ['h'], months_to_fetch: 9 };
    vendor.answer(200, { connectors: [{ id: 1, ...connector, ...renamed }] });
    const read = { authMechanism: 'webauth', availableAuthMechanisms: ['g'], accountUsages: ['h'], monthsToFetch: 9 };
    expect(await api.getConnectors()).toEqual({ connectors: [{ id: '1', ...connector, ...read }], total: null });
  });

  it('a certificate, the key to encrypt with, and the connectors of the sandbox', async () => {
    const { api, given } = await open();
    const file = expect.stringMatching(/^\d+$/);
    const certificate = { id: '1', type: 'tls', idPublicKeyFile: file, idPrivateKeyFile: file, created: START };
    expect(await api.getCertificate('tls', given.user)).toEqual(certificate);
    const kid = expect.stringMatching(/^rsa-/);
    expect(await api.getPublicKey()).toEqual({ kty: 'RSA', use: 'enc', kid, n: expect.stringMatching(/^[\w-]{300,}$/), e: 'AQAB' });
    const { connectors, total } = await api.getConnectors();
    expect(total).toBe(connectors.length);
    expect(connectors).toContainEqual(expect.objectContaining({ id: '2', uuid: UUID, name: 'Redirect Bank', authMechanism: 'webauth' }));
  });

  const expand = 'accounts[transactions,categories],nothing';
  it.each<[string, Send, list?: string]>([
    ['getUser', (api, { user }) => api.getUser('me', { ...user, expand })],
    ['getUser, all', (api, { manager }) => api.getUser('all', { ...manager, expand }), 'users'],
    ['getUsers', (api, { lister }) => api.getUsers({ ...lister, expand }), 'users'],
    ['deleteUser', (api, { user }) => api.deleteUser('me', { ...user, expand })],
    ['getConnection', (api, { user }) => api.getConnection('me', '1', { ...user, expand })],
    ['getConnections', (api, { user }) => api.getConnections('me', { ...user, expand }), 'connections'],
    ['deleteConnection', (api, { user }) => api.deleteConnection('me', '1', { ...user, expand })],
    ['deleteConnections', (api, { user }) => api.deleteConnections('me', { ...user, expand })],
    ['getCertificate', (api, { user }) => api.getCertificate('tls', { ...user, expand })],
    ['getClient', (api, { manager }) => api.getClient('17', { ...manager, expand })],
    ['getConnectors', (api) => api.getConnectors({ expand }), 'connectors'],
  ])('what expand asked for by %s, and no more', async (_, send, list) => {
    const { vendor, api, given } = await open();
    const files = { id_public_key_file: 1, id_private_key_file: 2 };
    const resource = { id: 1, name: 'n', type: 't', ...files, accounts: [{ id: 9 }], transactions: [], categories: [], connector: {} };
    vendor.answer(200, list ? { [list]: [resource] } : resource);
    expect(await send(api, given)).toHaveProperty(list ? `${list}.0.expanded` : 'expanded', { accounts: [{ id: 9 }] });
  });
});

describe('answers that do not fit', () => {
  const init: Send = (api) => api.createAnonymousUser(client);
  const renew: Send = (api) => api.renewToken({ ...client, idUser: '1' });
  const exchange: Send = (api) => api.exchangeCode({ ...client, code: 'a' });
  const userJwt: Send = (api) => api.createUserJwt({ ...client, idUser: '1' });
  const manageJwt: Send = (api, { manager }) => api.createManageJwt({}, manager);
  const code: Send = (api, { user }) => api.createCode({}, user);
  const me: Send = (api, { user }) => api.getUser('me', user);

  it.each<[string, unknown, Send, RegExp]>([
    ['a token that is no text', { auth_token: 4711, type: 'permanent' }, init, /auth_token/],
    ['an empty token', { auth_token: '', type: 'permanent', id_user: 4711 }, init, /auth_token/],
    ['an unknown type', { auth_token: 'hunter4711', type: 'x4711' }, init, /type/],
    ['a fraction as id', { auth_token: 'a4711', type: 'permanent', id_user: 47.11 }, init, /id_user/],
    ['nobody as id', { auth_token: 'a4711', type: 'permanent', id_user: 0 }, init, /id_user/],
    ['a token in two lines', { access_token: '47\n4711', token_type: 'Bearer' }, renew, /access_token/],
    ['no access token', { token: 'hunter4711', token_type: 'Bearer' }, exchange, /access_token/],
    ['another token type', { access_token: '4711', token_type: 'mac4711' }, renew, /token_type/],
    ['no token at all', { payload: { iat: 4711 } }, userJwt, /jwt_token/],
    ['a date as text', { jwt_token: 'a', payload: { exp: '4711' } }, userJwt, /payload\.exp/],
    ['no payload', { jwt_token: 'a4711' }, manageJwt, /payload/],
    ['no code', { expires_in: 4711 }, code, /code/],
    ['a life as text', { code: 'c4711', expires_in: '4711' }, code, /expires_in/],
    ['an id as text', { id: '4711' }, me, /id/],
    ['a list', [4711], me, /id|body/],
    ['nothing', null, me, /body/],
    ['text', 'hunter4711', me, /body/],
    ['half a user', { signin: '4711' }, (api, { user }) => api.deleteUser('me', user), /id/],
    ['no service token', { scope: 's4711' }, (api) => api.createServiceToken({ ...client, scope: 'payments' }), /token/],
    ['a user token in two lines', { token: '47\n4711' }, (api, { user }) => api.createUserToken('me', { application: 'a' }, user), /token/],
    ['no users', { total: 4711 }, (api, { lister }) => api.getUsers(lister), /users/],
    ['a user that is none', { users: ['4711'] }, (api, { lister }) => api.getUsers(lister), /body/],
    ['a connection without an id', { active: '4711' }, (api, { user }) => api.getConnection('me', '1', user), /id/],
    ['connections that are no list', { connections: { 4711: 1 } }, (api, { user }) => api.getConnections('me', user), /connections/],
    ['a bank page that is no URL', { url: 'javascript:4711' }, (api, { user }) => api.getWebauthUrl(PAGE, user), /url/],
    ['a certificate without files', { id: 4711, type: 'tls' }, (api, { user }) => api.getCertificate('tls', user), /id_public_key_file/],
    ['a connector without a name', { connectors: [{ id: 4711 }] }, (api) => api.getConnectors(), /name/],
    ['a key without a modulus', { kty: 'RSA', e: '4711' }, (api) => api.getPublicKey(), /n should be/],
  ])('with %s name the path and not the value', async (_, body, send, path) => {
    const { vendor, api, given } = await open();
    vendor.answer(200, JSON.stringify(body));
    const error = await errorOf(send(api, given));
    // A call that must not be repeated has taken effect all the same.
    expect(error).toMatchObject({ code: [init, exchange].includes(send) ? 'outcome_unknown' : 'invalid_response', status: 200 });
    expect(error.message).toMatch(path);
    expect(`${error.stack} ${JSON.stringify(error)}`.replace(/\(.*:\d+:\d+\)/g, '')).not.toContain('4711');
  });

  it('may say more than is documented, and bearer in small letters', async () => {
    const { vendor, api, given } = await open();
    vendor.answer(200, { access_token: 'a', token_type: 'bearer', new_field: { deep: true } });
    expect(await renew(api, given)).toEqual({ accessToken: 'a', tokenType: 'bearer' });
  });
});

it('a token and a code with + and / in them work, and so do tokens of every other kind', async () => {
  const { api, given } = await open();
  for (const text of [tokenOf(given.user), given.code]) expect(text).toMatch(/\+.*\/|\/.*\+/);
  const { accessToken } = await api.exchangeCode({ ...client, code: given.code });
  const { jwtToken } = await api.createUserJwt({ ...client, idUser: '1' });
  const { token } = await api.createUserToken('me', WEB, given.user);
  for (const value of [accessToken, jwtToken, token]) expect(await api.getUser('me', { as: permanent(value) })).toMatchObject({ id: '1' });
});

describe('webauthUrl', () => {
  it('has every parameter, percent-encoded, and sends nothing', async () => {
    const { vendor, api, before } = await open();
    const values = { 'openapi website': 'p&r' };
    expect(api.webauthUrl({ ...PAGE, idConnection: '7', idTransfer: '8', token: 'a+b/c==', values }).href).toBe(
      `${BASE_URL}webauth?openapi%20website=p%26r&client_id=17&redirect_uri=${BACK}&id_connector=2&connector_uuid=${UUID}` +
        '&id_connection=7&id_transfer=8&state=a%2Bb%2Fc%20d&source=openapi&fields=x&token=a%2Bb%2Fc%3D%3D',
    );
    expect(vendor.sent).toHaveLength(before);
  });

  it('leaves out what is not given, and lets no field of a bank take the place of a parameter', async () => {
    const { api } = await open();
    const values = { state: 'theirs', client_id: '2' };
    const url = api.webauthUrl({ clientId: '1', redirectUri, state: 'mine', values });
    expect(url.search).toBe(`?state=mine&client_id=1&redirect_uri=${BACK}`);
  });
});
