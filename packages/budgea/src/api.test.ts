import type { ApiPromise, Token } from '@auth/core';
import type { FaultReply } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, openVendor, permanent, type Sent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaApi, ClientCredentials } from './index.ts';

describe.each(VENDORS)('api, $profile $way', ({ profile, way }) => {
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

  const credentials = () => ({ client_id: client.clientId, client_secret: client.clientSecret });
  const manager = (): Token => permanent(vendor.sandbox.credentials.manageToken);
  const lastSent = (): Sent => vendor.sent.at(-1) ?? expect.fail('nothing was sent');
  interface Account {
    readonly id: string;
    readonly token: Token;
  }
  const newUser = async (): Promise<Account> => {
    const { idUser, authToken } = await api.createAnonymousUser(client);
    return { id: idUser ?? expect.fail('no id'), token: permanent(authToken) };
  };

  interface Operation {
    readonly name: string;
    /** Sends the request with every parameter. */
    readonly send: (given: Account & { readonly code: string }) => ApiPromise<unknown>;
    readonly method: string;
    readonly path: string;
    readonly body: (given: { readonly id: number; readonly code: string }) => unknown;
    /** Whose token the request carries. */
    readonly bearer: 'user' | 'manage' | null;
    readonly status?: number;
  }
  const noContent = profile === '2019' ? 200 : 204;
  const operations: readonly Operation[] = [
    {
      name: 'createAnonymousUser',
      send: () => api.createAnonymousUser(client),
      method: 'POST',
      path: 'auth/init',
      body: () => credentials(),
      bearer: null,
    },
    {
      name: 'createAnonymousUser without credentials',
      send: () => api.createAnonymousUser(),
      method: 'POST',
      path: 'auth/init',
      body: () => ({}),
      bearer: null,
    },
    {
      name: 'createUserJwt',
      send: ({ id }) => api.createUserJwt({ ...client, scope: '', idUser: id, expire: false }),
      method: 'POST',
      path: 'auth/jwt',
      body: ({ id }) => ({ ...credentials(), scope: '', id_user: id, expire: false }),
      bearer: null,
    },
    {
      name: 'createUserJwt for a new user',
      send: () => api.createUserJwt(client),
      method: 'POST',
      path: 'auth/jwt',
      body: () => credentials(),
      bearer: null,
    },
    {
      name: 'createManageJwt',
      send: () => api.createManageJwt({ scope: 'users', duration: 5 }, { as: manager() }),
      method: 'POST',
      path: 'admin/jwt',
      body: () => ({ scope: 'users', duration: 5 }),
      bearer: 'manage',
    },
    {
      name: 'createManageJwt as the vendor likes',
      send: () => api.createManageJwt({}, { as: manager() }),
      method: 'POST',
      path: 'admin/jwt',
      body: () => ({}),
      bearer: 'manage',
    },
    {
      name: 'renewToken',
      send: ({ id }) => api.renewToken({ ...client, idUser: id, revokePrevious: true }),
      method: 'POST',
      path: 'auth/renew',
      body: ({ id }) => ({ grant_type: 'client_credentials', ...credentials(), id_user: id, revoke_previous: true }),
      bearer: null,
    },
    {
      name: 'exchangeCode',
      send: ({ code }) => api.exchangeCode({ ...client, code, redirectUri: 'https://shop.example/back' }),
      method: 'POST',
      path: 'auth/token/access',
      body: ({ code }) => ({
        grant_type: 'authorization_code',
        ...credentials(),
        code,
        redirect_uri: 'https://shop.example/back',
      }),
      bearer: null,
    },
    {
      name: 'createCode',
      send: ({ token }) => api.createCode({ type: 'singleAccess' }, { as: token }),
      method: 'GET',
      path: 'auth/token/code?type=singleAccess',
      body: () => null,
      bearer: 'user',
    },
    {
      name: 'createCode without a type',
      send: ({ token }) => api.createCode({}, { as: token }),
      method: 'GET',
      path: 'auth/token/code',
      body: () => null,
      bearer: 'user',
    },
    {
      name: 'revokeToken',
      send: ({ token }) => api.revokeToken({ as: token }),
      method: 'DELETE',
      path: 'auth/token',
      body: () => null,
      bearer: 'user',
      status: noContent,
    },
    {
      name: 'getUser',
      send: ({ id, token }) => api.getUser(id, { as: token, expand: 'connections[accounts]' }),
      method: 'GET',
      path: 'users/1?expand=connections%5Baccounts%5D',
      body: () => null,
      bearer: 'user',
    },
    {
      name: 'getUser of the token',
      send: ({ token }) => api.getUser('me', { as: token }),
      method: 'GET',
      path: 'users/me',
      body: () => null,
      bearer: 'user',
    },
    {
      name: 'deleteUser',
      send: ({ id, token }) => api.deleteUser(id, { as: token, expand: 'connections' }),
      method: 'DELETE',
      path: 'users/1?expand=connections',
      body: () => null,
      bearer: 'user',
      status: noContent,
    },
  ];
  const given = async (): Promise<Account & { code: string }> => {
    const user = await newUser();
    return { ...user, code: (await api.createCode({}, { as: user.token })).code };
  };

  describe.each(operations)('$name', ({ send, method, path, body, bearer, status = 200 }) => {
    it('sends exactly what is documented, and says what came back', async () => {
      const account = await given();
      const before = vendor.sent.length;

      const response = await send(account).withResponse();

      expect(vendor.sent).toHaveLength(before + 1);
      const sent = lastSent();
      expect([sent.method, sent.path]).toEqual([method, `/2.0/${path}`]);
      expect(sent.body).toEqual(body({ id: Number(account.id), code: account.code }));
      const token = bearer === 'user' ? account.token : manager();
      expect(sent.headers.get('authorization')).toBe(bearer === null ? null : `Bearer ${token.value}`);
      expect(sent.headers.get('accept')).toBe('application/json');
      expect(sent.headers.get('content-type')).toBe(sent.body === null ? null : 'application/json');
      expect(response.status).toBe(status);
      expect(response.headers.get('date')).toBe(new Date(vendor.clock.now()).toUTCString());
    });

    it('resolves to the same data with and without the response', async () => {
      const promise = send(await given());
      const { data } = await promise.withResponse();
      expect(await promise).toBe(data);
    });

    it('rejects both ways when the vendor is down', async () => {
      const account = await given();
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 503, headers: { 'retry-after': '7' } } });
      const promise = send(account);
      expect(await errorOf(promise.withResponse())).toBe(await errorOf(promise));
      expect(await errorOf(promise)).toMatchObject({ code: 'unavailable', status: 503, retryAfter: 7000, retryable: true });
    });
  });

  describe('answers', () => {
    it('reads a permanent user', async () => {
      expect(await api.createAnonymousUser(client)).toEqual({
        authToken: expect.any(String),
        type: 'permanent',
        idUser: '1',
        expiresIn: null,
      });
    });

    it('reads a temporary user', async () => {
      expect(await api.createAnonymousUser()).toMatchObject({ type: 'temporary', idUser: '1', expiresIn: 1800 });
    });

    it('reads a user JWT and how long it lives', async () => {
      const { id } = await newUser();
      const jwt = await api.createUserJwt({ ...client, idUser: id });
      expect(jwt).toEqual({ jwtToken: expect.stringMatching(/^ey/), lifetime: 1800 });
      expect(await api.getUser('me', { as: permanent(jwt.jwtToken) })).toMatchObject({ id });
    });

    it('reads a user JWT that does not end', async () => {
      const { id } = await newUser();
      expect(await api.createUserJwt({ ...client, idUser: id, expire: false })).toMatchObject({ lifetime: null });
    });

    it('reads a manage JWT and how long it lives', async () => {
      const jwtToken = expect.stringMatching(/^ey/);
      expect(await api.createManageJwt({}, { as: manager() })).toEqual({ jwtToken, lifetime: 60 });
      expect(await api.createManageJwt({ duration: 0 }, { as: manager() })).toEqual({ jwtToken, lifetime: null });
    });

    it('reads both kinds of codes', async () => {
      const { token } = await newUser();
      const isNew = profile === 'powens';
      expect(await api.createCode({ type: 'singleAccess' }, { as: token })).toEqual({
        code: expect.any(String),
        expiresIn: 1800,
        access: isNew ? 'single' : null,
      });
      expect(await api.createCode({}, { as: token })).toMatchObject({ access: isNew ? 'standard' : null });
    });

    it('reads a user', async () => {
      const { id, token } = await newUser();
      expect(await api.getUser('me', { as: token })).toEqual({
        id,
        signin: vendor.clock.now(),
        platform: profile === '2019' ? 'sharedAccess' : null,
      });
    });

    it('reads the deleted user where the vendor describes it', async () => {
      const { id, token } = await newUser();
      const deleted = await api.deleteUser('me', { as: token });
      expect(deleted).toEqual(profile === '2019' ? { id, signin: vendor.clock.now(), platform: 'sharedAccess' } : null);
    });

    it('reads nothing from a revocation', async () => {
      const { token } = await newUser();
      expect(await api.revokeToken({ as: token })).toBeUndefined();
    });
  });

  describe('tokens and codes', () => {
    it('sends a token with + and / as it is', async () => {
      const { token } = await newUser();
      expect(token.value).toMatch(/\+.*\/|\/.*\+/);
      await api.getUser('me', { as: token });
      expect(lastSent().headers.get('authorization')).toBe(`Bearer ${token.value}`);
    });

    it('exchanges a code with + and /', async () => {
      const { id, token } = await newUser();
      const { code } = await api.createCode({}, { as: token });
      expect(code).toMatch(/\+.*\/|\/.*\+/);
      const { accessToken, tokenType } = await api.exchangeCode({ ...client, code });
      expect(tokenType).toBe('Bearer');
      expect(await api.getUser('me', { as: permanent(accessToken) })).toMatchObject({ id });
    });

    it('leaves redirect_uri out where none is given', async () => {
      const { token } = await newUser();
      const { code } = await api.createCode({}, { as: token });
      await api.exchangeCode({ ...client, code });
      expect(lastSent().body).toEqual({ grant_type: 'authorization_code', ...credentials(), code });
    });

    it('ends the tokens from before only when asked', async () => {
      const { id, token } = await newUser();
      await api.renewToken({ ...client, idUser: id });
      expect(await api.getUser('me', { as: token })).toMatchObject({ id });
      await api.renewToken({ ...client, idUser: id, revokePrevious: true });
      expect(await errorOf(api.getUser('me', { as: token }))).toMatchObject({ status: profile === '2019' ? 403 : 401 });
    });

    it('calls on behalf of an authority, which renews a dead token once', async () => {
      const provider = vendor.provider();
      const { id } = await provider.users.create({ reference: 'a' });
      vendor.sandbox.expireTokens();
      expect(await provider.api.getUser('me', { as: provider.asUser(id) })).toMatchObject({ id });
      expect(vendor.calls('POST', 'auth/renew')).toBe(1);
    });
  });

  describe('the user in a path', () => {
    it.each(['', '.', '..', '1/..', '../auth/token', '0', '-1', '1?x', 'ME', 'everybody', '9007199254740993'])(
      'is never %j, and nothing is sent',
      async (selector) => {
        const { token } = await newUser();
        const before = vendor.sent.length;
        for (const promise of [api.getUser(selector, { as: token }), api.deleteUser(selector, { as: token })])
          expect(await errorOf(promise)).toMatchObject({ code: 'invalid_request' });
        expect(vendor.sent).toHaveLength(before);
      },
    );

    it.each(['', 'me', 'all', '0', '1.5', '1e3', '9007199254740993'])(
      'is never %j in a body, as none would create a user',
      async (idUser) => {
        expect(await errorOf(api.createUserJwt({ ...client, idUser }))).toMatchObject({ code: 'invalid_request' });
        expect(await errorOf(api.renewToken({ ...client, idUser }))).toMatchObject({ code: 'invalid_request' });
        expect(vendor.sent).toHaveLength(0);
      },
    );

    it('can be all, for administrators', async () => {
      const { token } = await newUser();
      expect(await errorOf(api.deleteUser('all', { as: token }))).toMatchObject({ code: 'forbidden', vendorCode: 'forbidden' });
      expect(lastSent().path).toBe('/2.0/users/all');
    });
  });

  describe('what must not be repeated', () => {
    const lost: FaultReply = { kind: 'lost' };

    it.each<[string, string, () => Promise<unknown>]>([
      ['createAnonymousUser', 'auth/init', () => api.createAnonymousUser(client)],
      ['createUserJwt for a new user', 'auth/jwt', () => api.createUserJwt(client)],
      ['exchangeCode', 'auth/token/access', () => api.exchangeCode({ ...client, code: 'a+b/c' })],
    ])('%s is outcome_unknown when the answer is lost, and sent once', async (_, path, send) => {
      vendor.sandbox.faults.add({ path: `/2.0/${path}`, reply: lost });
      expect(await errorOf(send())).toMatchObject({ code: 'outcome_unknown', retryable: false, provider: 'budgea' });
      expect(vendor.calls('POST', path)).toBe(1);
    });

    it.each([502, 504])('createAnonymousUser is outcome_unknown behind a gateway that says %i', async (status) => {
      vendor.sandbox.faults.add({ reply: { kind: 'status', status, body: '<html></html>' } });
      expect(await errorOf(api.createAnonymousUser(client))).toMatchObject({ code: 'outcome_unknown', status });
      expect(vendor.calls('POST', 'auth/init')).toBe(1);
    });

    it.each<[string, string, () => Promise<unknown>]>([
      ['renewToken', 'auth/renew', () => api.renewToken({ ...client, idUser: '1' })],
      ['createUserJwt of a user', 'auth/jwt', () => api.createUserJwt({ ...client, idUser: '1' })],
      ['createManageJwt', 'admin/jwt', () => api.createManageJwt({}, { as: manager() })],
    ])('%s may be, so a lost answer is unavailable, and sent once all the same', async (_, path, send) => {
      await newUser();
      vendor.sandbox.faults.add({ path: `/2.0/${path}`, reply: lost });
      expect(await errorOf(send())).toMatchObject({ code: 'unavailable', retryable: true });
      expect(vendor.calls('POST', path)).toBe(1);
    });
  });

  describe('refusals', () => {
    it('of a dead token say so', async () => {
      const { token } = await newUser();
      vendor.sandbox.expireTokens();
      const expected =
        profile === '2019'
          ? { code: 'forbidden', status: 403, requestId: undefined }
          : { code: 'invalid_token', status: 401, requestId: expect.stringMatching(/^\d+$/) };
      expect(await errorOf(api.getUser('me', { as: token }))).toMatchObject({ ...expected, operation: 'api.getUser' });
    });

    it('of the client name the options', async () => {
      const error = await errorOf(api.createAnonymousUser({ ...client, clientSecret: 'wrong' }));
      expect(error).toMatchObject({ code: 'invalid_credentials', status: profile === '2019' ? 403 : 401 });
      expect(error.message).toContain('BUDGEA_CLIENT_SECRET');
    });

    it('of the manage token are those of any token', async () => {
      const { token } = await newUser();
      expect(await errorOf(api.createManageJwt({}, { as: permanent('wrong') }))).toMatchObject({
        code: profile === '2019' ? 'forbidden' : 'invalid_token',
        operation: 'api.createManageJwt',
      });
      expect(await errorOf(api.createManageJwt({}, { as: token }))).toMatchObject({ code: 'forbidden', vendorCode: 'forbidden' });
    });

    it('of a code say that it is of no use', async () => {
      expect(await errorOf(api.exchangeCode({ ...client, code: 'unknown' }))).toMatchObject({ code: 'invalid_token', status: 400 });
    });

    it('of another user are not_found', async () => {
      const [{ token }, other] = [await newUser(), await newUser()];
      expect(await errorOf(api.getUser(other.id, { as: token }))).toMatchObject({ code: 'not_found', status: 404 });
    });

    it.each<[string, unknown, string]>([
      ['a number', 77, '77'],
      ['a string', 'r-77', 'r-77'],
    ])('carry a request id that is %s', async (_, request_id, requestId) => {
      const body = JSON.stringify({ code: 'bug', description: 'x', message: null, request_id });
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 500, body } });
      expect(await errorOf(api.createAnonymousUser(client))).toMatchObject({ code: 'outcome_unknown', vendorCode: 'bug', requestId });
    });

    it.each([403, 404, 503])('that are a page with status %i are unavailable, and quote nothing', async (status) => {
      const { token } = await newUser();
      const body = '<html><body>Request blocked. Ray 4711</body></html>';
      vendor.sandbox.faults.add({ times: 2, reply: { kind: 'status', status, body, headers: { 'content-type': 'text/html' } } });
      for (const promise of [api.renewToken({ ...client, idUser: '1' }), api.getUser('me', { as: token })]) {
        const error = await errorOf(promise);
        expect(error).toMatchObject({ code: 'unavailable', status });
        expect(error.message).not.toMatch(/html|4711/);
      }
    });
  });

  describe('bodies that do not fit', () => {
    const token = permanent('some-token');
    it.each<[string, unknown, () => Promise<unknown>, RegExp]>([
      ['a token that is no text', { auth_token: 4711, type: 'permanent' }, () => api.createAnonymousUser(client), /auth_token/],
      ['an empty token', { auth_token: '', type: 'permanent', id_user: 4711 }, () => api.createAnonymousUser(client), /auth_token/],
      [
        'a token in two lines',
        { access_token: '47\n4711', token_type: 'Bearer' },
        () => api.renewToken({ ...client, idUser: '1' }),
        /access_token/,
      ],
      ['an unknown type', { auth_token: 'hunter4711', type: 'x4711' }, () => api.createAnonymousUser(client), /type/],
      ['a fraction as id', { auth_token: 'a4711', type: 'permanent', id_user: 47.11 }, () => api.createAnonymousUser(client), /id_user/],
      ['no access token', { token: 'hunter4711', token_type: 'Bearer' }, () => api.renewToken({ ...client, idUser: '1' }), /access_token/],
      [
        'another token type',
        { access_token: '4711', token_type: 'mac4711' },
        () => api.renewToken({ ...client, idUser: '1' }),
        /token_type/,
      ],
      ['no token at all', { payload: { iat: 4711 } }, () => api.createUserJwt({ ...client, idUser: '1' }), /jwt_token/],
      ['a date as text', { jwt_token: 'a', payload: { exp: '4711' } }, () => api.createUserJwt({ ...client, idUser: '1' }), /payload\.exp/],
      ['no payload', { jwt_token: 'a4711' }, () => api.createManageJwt({}, { as: token }), /payload/],
      ['no code', { expires_in: 4711 }, () => api.createCode({}, { as: token }), /code/],
      ['a life as text', { code: 'c4711', expires_in: '4711' }, () => api.createCode({}, { as: token }), /expires_in/],
      ['an id as text', { id: '4711' }, () => api.getUser('me', { as: token }), /id/],
      ['a list', [4711], () => api.getUser('me', { as: token }), /id|body/],
      ['nothing', null, () => api.getUser('me', { as: token }), /body/],
      ['text', 'hunter4711', () => api.getUser('me', { as: token }), /body/],
      ['half a user', { signin: '4711' }, () => api.deleteUser('me', { as: token }), /id/],
    ])('with %s name the path and not the value', async (_, body, send, path) => {
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body: JSON.stringify(body) } });
      const error = await errorOf(send());
      // The call that must not be repeated has taken effect all the same.
      const isOnce = error.operation === 'api.createAnonymousUser' || error.operation === 'api.exchangeCode';
      expect(error).toMatchObject({ code: isOnce ? 'outcome_unknown' : 'invalid_response', status: 200 });
      expect(error.message).toMatch(path);
      expect(`${error.stack} ${JSON.stringify(error)}`.replace(/\(.*:\d+:\d+\)/g, '')).not.toContain('4711');
    });

    it('may say more than is documented, and bearer in small letters', async () => {
      const body = JSON.stringify({ access_token: 'a', token_type: 'bearer', new_field: { deep: true } });
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });
      expect(await api.renewToken({ ...client, idUser: '1' })).toEqual({ accessToken: 'a', tokenType: 'bearer' });
    });
  });

  it('sends nothing for a signal that has aborted', async () => {
    const error = await errorOf(api.createAnonymousUser(client, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted' });
    expect(vendor.sent).toHaveLength(0);
  });
});

describe('api, with nobody at the port', () => {
  it('says unavailable, not outcome_unknown, as nothing was sent', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'over HTTP' });
    await vendor.close();
    const error = await errorOf(vendor.provider().api.createAnonymousUser());
    expect(error).toMatchObject({ code: 'unavailable', retryable: true, status: undefined });
    expect(vendor.sandbox.calls).toHaveLength(0);
  });
});
