import type { ApiPromise, Token } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, openVendor, permanent, type Sent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaApi, ClientCredentials } from './index.ts';

const REDIRECT_URI = 'http://localhost:3000/back';
const UUID = 'b2e1d8cf-63c5-5f1c-8b48-1d2e6a3c7f02';

describe.each(VENDORS)('api of resources, $profile $way', ({ profile, way }) => {
  const isOld = profile === '2019';
  const noContent = isOld ? 200 : 204;
  let vendor: Vendor;
  let api: BudgeaApi;
  let client: ClientCredentials;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    ({ api } = vendor.provider());
    const { clientId, clientSecret } = vendor.sandbox.credentials;
    client = { clientId, clientSecret };
  });
  afterEach(() => vendor.close());

  const manager = (): Token => permanent(vendor.sandbox.credentials.manageToken);
  const lister = (): Token => permanent(vendor.sandbox.serverTokens.usersToken);
  const lastSent = (): Sent => vendor.sent.at(-1) ?? expect.fail('nothing was sent');
  interface Account {
    readonly id: string;
    readonly token: Token;
    readonly connectionId: string;
  }

  /** A user with a connection; `wrong` is a connection that needs a repair. */
  const connected = async (password = 'right'): Promise<Account> => {
    const { idUser, authToken } = await api.createAnonymousUser(client);
    const id = idUser ?? expect.fail('no id');
    const transport = vendor.options.fetch ?? expect.fail('no fetch');
    const response = await transport(`${vendor.provider().baseUrl}users/me/connections`, {
      method: 'POST',
      headers: { authorization: `Bearer ${authToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id_connector: 1, login: 'me', password }),
    });
    const { id: connectionId }: { id: number } = await response.json();
    return { id, token: permanent(authToken), connectionId: String(connectionId) };
  };

  interface Operation {
    readonly name: string;
    readonly send: (given: Account) => ApiPromise<unknown>;
    readonly method: string;
    readonly path: (given: Account) => string;
    readonly body?: unknown;
    readonly bearer: 'user' | 'manage' | 'users' | null;
    readonly status?: number;
  }
  const list = { expand: 'a[b],c', limit: 7, offset: 0 };
  const listed = 'expand=a%5Bb%5D%2Cc&limit=7&offset=0';
  const page = {
    redirectUri: REDIRECT_URI,
    idConnector: '2',
    connectorUuid: UUID,
    state: 'a+b/c d',
    source: 'openapi',
    fields: 'x',
    values: { openapiwebsite: 'par' },
  };
  const operations: readonly Operation[] = [
    {
      name: 'createUserToken',
      send: ({ id, token }) => api.createUserToken(id, { application: 'sharedAccess' }, { as: token }),
      method: 'POST',
      path: ({ id }) => `users/${id}/token`,
      body: { application: 'sharedAccess' },
      bearer: 'user',
    },
    {
      name: 'createUserToken of the token',
      send: ({ token }) => api.createUserToken('me', { application: 'a+b/c' }, { as: token }),
      method: 'POST',
      path: () => 'users/me/token',
      body: { application: 'a+b/c' },
      bearer: 'user',
    },
    {
      name: 'getUsers',
      send: () => api.getUsers({ as: lister(), search: 'shared Access', ...list }),
      method: 'GET',
      path: () => `users?search=shared+Access&${listed}`,
      bearer: 'users',
    },
    {
      name: 'getUser of all',
      send: () => api.getUser('all', { as: manager(), expand: 'config' }),
      method: 'GET',
      path: () => 'users/all?expand=config',
      bearer: 'manage',
    },
    {
      name: 'deleteUser of all',
      send: () => api.deleteUser('all', { as: manager() }),
      method: 'DELETE',
      path: () => 'users/all',
      bearer: 'manage',
      status: noContent,
    },
    {
      name: 'getConnections',
      send: ({ id, token }) => api.getConnections(id, { as: token, ...list }),
      method: 'GET',
      path: ({ id }) => `users/${id}/connections?${listed}`,
      bearer: 'user',
    },
    {
      name: 'getConnection',
      send: ({ token, connectionId }) => api.getConnection('me', connectionId, { as: token, expand: 'connector' }),
      method: 'GET',
      path: ({ connectionId }) => `users/me/connections/${connectionId}?expand=connector`,
      bearer: 'user',
    },
    {
      name: 'deleteConnection',
      send: ({ id, token, connectionId }) => api.deleteConnection(id, connectionId, { as: token, expand: 'connector' }),
      method: 'DELETE',
      path: ({ id, connectionId }) => `users/${id}/connections/${connectionId}?expand=connector`,
      bearer: 'user',
      status: noContent,
    },
    {
      name: 'deleteConnections',
      send: ({ token }) => api.deleteConnections('me', { as: token, expand: 'connector' }),
      method: 'DELETE',
      path: () => 'users/me/connections?expand=connector',
      bearer: 'user',
      status: noContent,
    },
    {
      name: 'deleteConnectionsByHash',
      send: ({ token }) => api.deleteConnectionsByHash({ as: token }),
      method: 'DELETE',
      path: () => 'hash',
      bearer: 'user',
      status: noContent,
    },
    {
      name: 'getWebauthUrl',
      send: ({ token }) => api.getWebauthUrl({ ...page, clientId: client.clientId }, { as: token }),
      method: 'GET',
      path: () =>
        `webauth-url?openapiwebsite=par&client_id=${client.clientId}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}` +
        `&id_connector=2&connector_uuid=${UUID}&state=a%2Bb%2Fc+d&source=openapi&fields=x`,
      bearer: 'user',
    },
    {
      name: 'getCertificate',
      send: ({ token }) => api.getCertificate('tls', { as: token, expand: 'public_key_file' }),
      method: 'GET',
      path: () => 'certificate/tls?expand=public_key_file',
      bearer: 'user',
    },
    {
      name: 'getClient',
      send: () => api.getClient(client.clientId, { as: manager(), expand: 'a' }),
      method: 'GET',
      path: () => `clients/${client.clientId}?expand=a`,
      bearer: 'manage',
    },
    {
      name: 'getConnectors',
      send: () => api.getConnectors(list),
      method: 'GET',
      path: () => `connectors?${listed}`,
      bearer: null,
    },
    {
      name: 'getConnectors on behalf of somebody',
      send: ({ token }) => api.getConnectors({ as: token }),
      method: 'GET',
      path: () => 'connectors',
      bearer: 'user',
    },
    { name: 'getPublicKey', send: () => api.getPublicKey(), method: 'GET', path: () => 'publickey', bearer: null },
    {
      name: 'createAnonymousUser as the manage token',
      send: () => api.createAnonymousUser({}, { as: manager() }),
      method: 'POST',
      path: () => 'auth/init',
      body: {},
      bearer: 'manage',
    },
  ];

  describe.each(operations)('$name', ({ send, method, path, body = null, bearer, status = 200 }) => {
    it('sends exactly what is documented, and says what came back', async () => {
      const given = await connected();
      const before = vendor.sent.length;

      const response = await send(given).withResponse();

      expect(vendor.sent).toHaveLength(before + 1);
      const sent = lastSent();
      expect([sent.method, sent.path]).toEqual([method, `/2.0/${path(given)}`]);
      expect(sent.body).toEqual(body);
      const bearers = { user: given.token, manage: manager(), users: lister() };
      expect(sent.headers.get('authorization')).toBe(bearer === null ? null : `Bearer ${bearers[bearer].value}`);
      expect(sent.headers.get('accept')).toBe('application/json');
      expect(response.status).toBe(status);
      expect(response.headers.get('date')).toBe(new Date(vendor.clock.now()).toUTCString());
    });

    it('rejects both ways when the vendor is down', async () => {
      const given = await connected();
      vendor.sandbox.faults.add({ reply: { kind: 'error', error: 'unavailable' } });
      const promise = send(given);
      expect(await errorOf(promise.withResponse())).toBe(await errorOf(promise));
      expect(await errorOf(promise)).toMatchObject({ code: 'unavailable', status: 503, retryable: true });
    });
  });

  describe('createServiceToken', () => {
    it.each([
      ['one scope', 'payments:admin' as const, 'payments:admin'],
      ['several scopes', ['payments:validate', 'payment-links:admin'] as const, 'payments:validate payment-links:admin'],
    ])('sends %s', async (_, scope, granted) => {
      const promise = api.createServiceToken({ ...client, scope });
      // In the older API this path is the login of another product.
      if (isOld) expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request', operation: 'api.createServiceToken' });
      else expect(await promise).toEqual({ token: expect.any(String), scope: granted });
      expect(lastSent()).toMatchObject({
        method: 'POST',
        path: '/2.0/auth/token',
        body: { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret, scope },
      });
    });

    it('reads answers with and without the scope', async () => {
      for (const [answer, scope] of [
        [{ token: 'a', token_type: 'bearer' }, null],
        [{ token: 'a', scope: 'payments' }, 'payments'],
        [{ token: 'a', scope: ['payments', 'payments:cancel'] }, 'payments payments:cancel'],
      ] as const) {
        vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body: JSON.stringify(answer) } });
        expect(await api.createServiceToken({ ...client, scope: 'payments' })).toEqual({ token: 'a', scope });
      }
    });
  });

  it('sends a client secret with + and / and all that forms would change, as it is', async () => {
    const clientSecret = 'a+b/c==&d=%2B "é"';
    const other = await openVendor({ profile, way }, { credentials: { clientSecret } });
    try {
      const provider = other.provider();
      const { id } = await provider.users.create({ reference: 'a' });
      const { value } = await provider.codes.issue(id);
      expect(await provider.codes.exchange(value, { redirectUri: null })).toEqual({ userId: id });
      await provider.userTokens.issue(id);
      await provider.userTokens.issue(id, { grant: 'jwt' });
      const bodies = other.sent.filter(({ method }) => method === 'POST').map(({ body }) => body);
      expect(bodies).toEqual(Array.from({ length: 4 }, () => expect.objectContaining({ client_secret: clientSecret })));
    } finally {
      await other.close();
    }
  });

  it('sends the grant types that it is told', async () => {
    const grantType = 'another';
    await errorOf(api.exchangeCode({ ...client, code: 'a', grantType }));
    await errorOf(api.renewToken({ ...client, idUser: '1', grantType }));
    await errorOf(api.createServiceToken({ ...client, scope: 'payments', grantType }));
    expect(vendor.sent.map(({ body }) => body)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ grant_type: grantType })),
    );
  });

  describe('answers', () => {
    it('has another token of the user, which works', async () => {
      const { id, token } = await connected();
      const other = await api.createUserToken('me', { application: 'sharedAccess' }, { as: token });
      expect(await api.getUser('me', { as: permanent(other.token) })).toMatchObject({ id });
      expect(await api.getUser('me', { as: token })).toMatchObject({ id });
    });

    it('lists users, page by page', async () => {
      const [one, other] = [await connected(), await connected()];
      const { users, total } = await api.getUsers({ as: lister() });
      expect([users.map(({ id }) => id), total]).toEqual([[one.id, other.id], 2]);
      expect((await api.getUsers({ as: lister(), limit: 1, offset: 1 })).users).toMatchObject([{ id: other.id }]);
      expect((await api.getUser('all', { as: manager() })).users).toHaveLength(2);
    });

    it('has nobody left after all were deleted', async () => {
      await connected();
      expect(await api.deleteUser('all', { as: manager() })).toBeNull();
      expect(await api.getUsers({ as: lister() })).toEqual({ users: [], total: 0 });
    });

    it('describes a connection, with its times in Paris', async () => {
      const { id, token, connectionId } = await connected();
      const now = vendor.clock.now();
      const connection = await api.getConnection('me', connectionId, { as: token });
      expect(connection).toMatchObject({ id: connectionId, idUser: id, idConnector: '1', state: null, active: true, lastUpdate: now });
      expect(connection).toMatchObject(
        isOld ? { connectorUuid: null, created: null } : { connectorUuid: expect.any(String), created: now },
      );
      expect(connection.expanded).toBeUndefined();
      expect(await api.getConnections(id, { as: token })).toEqual({ connections: [connection], total: 1 });
    });

    it('passes on what expand asked for, and no more', async () => {
      const { token, connectionId } = await connected();
      const { expanded } = await api.getConnection('me', connectionId, { as: token, expand: 'connector[countries],accounts,nothing' });
      expect(Object.keys(expanded ?? {}).sort()).toEqual(['accounts', 'connector']);
      expect(expanded).toMatchObject({ connector: { id: 1, name: 'Sandbox Bank' } });
    });

    it('deletes one connection, or all', async () => {
      const { token, connectionId } = await connected();
      const deleted = await api.deleteConnection('me', connectionId, { as: token });
      expect(deleted).toEqual(isOld ? expect.objectContaining({ id: connectionId }) : null);
      expect(await api.getConnections('me', { as: token })).toEqual({ connections: [], total: 0 });

      for (const all of ['deleteConnections', 'deleteConnectionsByHash'] as const) {
        const { token: as } = await connected();
        await (all === 'deleteConnections' ? api.deleteConnections('me', { as }) : api.deleteConnectionsByHash({ as }));
        expect(await api.getConnections('me', { as })).toEqual({ connections: [], total: 0 });
      }
    });

    it('has the page of a bank', async () => {
      const { token } = await connected();
      const { clientId } = client;
      const url = await api.getWebauthUrl({ clientId, redirectUri: REDIRECT_URI, idConnector: '2' }, { as: token });
      expect(url.pathname).toContain('webauth');
    });

    it('has no page for a connection that needs no repair', async () => {
      const { token, connectionId } = await connected();
      const repair = { clientId: client.clientId, redirectUri: REDIRECT_URI, idConnection: connectionId };
      expect(await errorOf(api.getWebauthUrl(repair, { as: token }))).toMatchObject({
        code: 'conflict',
        status: 409,
        vendorCode: 'invalidValue',
      });
    });

    it('describes a certificate', async () => {
      const { token } = await connected();
      expect(await api.getCertificate('tls', { as: token })).toEqual({
        id: '1',
        type: 'tls',
        idPublicKeyFile: expect.stringMatching(/^\d+$/),
        idPrivateKeyFile: expect.stringMatching(/^\d+$/),
        created: vendor.clock.now(),
      });
      expect(await errorOf(api.getCertificate('other', { as: token }))).toMatchObject({ code: 'not_found' });
    });

    it('describes the client application without its private key', async () => {
      const found = await api.getClient(client.clientId, { as: manager() });
      expect(found).toMatchObject({ id: client.clientId, secret: client.clientSecret, publicKey: expect.stringContaining('PUBLIC KEY') });
      expect(JSON.stringify(found)).not.toMatch(/private/i);
    });

    it('lists connectors', async () => {
      const { connectors, total } = await api.getConnectors({ expand: 'fields' });
      expect(total).toBe(connectors.length);
      expect(connectors).toContainEqual(expect.objectContaining({ id: '2', uuid: UUID, name: 'Redirect Bank', authMechanism: 'webauth' }));
      expect(connectors[0]?.expanded).toHaveProperty('fields');
    });

    it('has the key to encrypt with', async () => {
      expect(await api.getPublicKey()).toEqual({
        kty: 'RSA',
        use: 'enc',
        kid: expect.stringMatching(/^rsa-/),
        n: expect.stringMatching(/^[\w-]{300,}$/),
        e: 'AQAB',
      });
    });

    it.each<[string, unknown, readonly string[]]>([
      ['a text with lines', 'https://a.example/\nhttps://b.example/', ['https://a.example/', 'https://b.example/']],
      ['a list', ['https://a.example/'], ['https://a.example/']],
      ['null', null, []],
    ])('reads redirect URIs that are %s', async (_, redirect_uris, expected) => {
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body: JSON.stringify({ id: 1, redirect_uris }) } });
      expect(await api.getClient('1', { as: manager() })).toMatchObject({ redirectUris: expected });
    });

    it.each<[string, object, string | null]>([
      ['state', { state: 'SCARequired' }, 'SCARequired'],
      ['error, as it was called before', { error: 'wrongpass' }, 'wrongpass'],
      ['both', { state: 'decoupled', error: 'bug' }, 'decoupled'],
      ['null', { state: null, error: null }, null],
      ['neither', {}, null],
      ['one that nobody documented', { state: 'somethingNew' }, 'somethingNew'],
    ])('reads the state of a connection from %s', async (_, members, state) => {
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body: JSON.stringify({ id: 1, ...members }) } });
      expect(await api.getConnection('me', '1', { as: permanent('a') })).toMatchObject({ id: '1', state });
    });
  });

  describe('what callers put into paths', () => {
    it.each(['', '.', '..', '0', '1/..', '1?x', 'all', '-1'])('is never %j as a connection, as none would be all of them', async (id) => {
      const as = permanent('a');
      for (const promise of [api.getConnection('me', id, { as }), api.deleteConnection('me', id, { as })])
        expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request', provider: 'budgea' });
      expect(vendor.sent).toHaveLength(0);
    });

    it.each(['', '.', '..', '../users/all', 'a/b', 'a?b', 'a b', '%2e'])('is never %j as a certificate or a client', async (text) => {
      const as = permanent('a');
      for (const promise of [api.getCertificate(text, { as }), api.getClient(text, { as })])
        expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request' });
      expect(vendor.sent).toHaveLength(0);
    });

    it.each(['', '..', '1/..', '0'])('is never %j as a user', async (id) => {
      const as = permanent('a');
      const promises = [
        api.createUserToken(id, { application: 'a' }, { as }),
        api.getConnections(id, { as }),
        api.deleteConnection(id, '1', { as }),
        api.deleteConnections(id, { as }),
      ];
      for (const promise of promises) expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request' });
      expect(vendor.sent).toHaveLength(0);
    });
  });

  describe('webauthUrl', () => {
    it('has every parameter, percent-encoded, and sends nothing', () => {
      const url = api.webauthUrl({
        ...page,
        clientId: client.clientId,
        idConnection: '7',
        idTransfer: '8',
        token: 'a+b/c==',
        values: { 'openapi website': 'p&r' },
      });
      expect(url.href).toBe(
        `${vendor.provider().baseUrl}webauth?openapi%20website=p%26r&client_id=${client.clientId}` +
          `&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&id_connector=2&connector_uuid=${UUID}&id_connection=7&id_transfer=8` +
          '&state=a%2Bb%2Fc%20d&source=openapi&fields=x&token=a%2Bb%2Fc%3D%3D',
      );
      expect(vendor.sent).toHaveLength(0);
    });

    it('leaves out what is not given, and lets no field of a bank take the place of a parameter', () => {
      const url = api.webauthUrl({ clientId: '1', redirectUri: REDIRECT_URI, state: 'mine', values: { state: 'theirs', client_id: '2' } });
      expect([...url.searchParams]).toEqual([
        ['state', 'mine'],
        ['client_id', '1'],
        ['redirect_uri', REDIRECT_URI],
      ]);
    });

    it('takes the browser to the bank and back, with a code and a state that have + and /', async () => {
      const { token } = await connected();
      const { code } = await api.createCode({}, { as: token });
      expect(code).toMatch(/[+/]/);
      const url = api.webauthUrl({ clientId: client.clientId, redirectUri: REDIRECT_URI, idConnector: '2', state: 'a+b/c d', token: code });
      url.searchParams.set('auto', 'approve');
      const response = await (vendor.options.fetch ?? fetch)(url, { redirect: 'manual' });
      const location = new URL(response.headers.get('location') ?? '');
      expect(location.origin + location.pathname).toBe(REDIRECT_URI);
      expect(location.searchParams.get('state')).toBe('a+b/c d');
    });
  });

  describe('bodies that do not fit', () => {
    const as = permanent('some-token');
    it.each<[string, unknown, () => Promise<unknown>, RegExp]>([
      ['no service token', { scope: 's4711' }, () => api.createServiceToken({ ...client, scope: 'payments' }), /token/],
      ['a user token in two lines', { token: '47\n4711' }, () => api.createUserToken('me', { application: 'a' }, { as }), /token/],
      ['no users', { total: 4711 }, () => api.getUsers({ as }), /users/],
      ['a user that is none', { users: ['4711'] }, () => api.getUsers({ as }), /body/],
      ['a connection without an id', { active: '4711' }, () => api.getConnection('me', '1', { as }), /id/],
      ['connections that are no list', { connections: { 4711: 1 } }, () => api.getConnections('me', { as }), /connections/],
      [
        'a bank page that is no URL',
        { url: 'javascript:4711' },
        () => api.getWebauthUrl({ clientId: '1', redirectUri: REDIRECT_URI }, { as }),
        /url/,
      ],
      ['a certificate without files', { id: 4711, type: 'tls' }, () => api.getCertificate('tls', { as }), /id_public_key_file/],
      ['a connector without a name', { connectors: [{ id: 4711 }] }, () => api.getConnectors(), /name/],
      ['a key without a modulus', { kty: 'RSA', e: '4711' }, () => api.getPublicKey(), /n should be/],
    ])('with %s are invalid_response, naming the path and not the value', async (_, body, send, path) => {
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body: JSON.stringify(body) } });
      const error = await errorOf(send());
      expect(error).toMatchObject({ code: 'invalid_response', status: 200 });
      expect(error.message).toMatch(path);
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('4711');
    });
  });
});
