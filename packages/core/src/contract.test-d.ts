import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import type {
  AuthEvent,
  Authority,
  AuthorityStatus,
  Authorization,
  AuthProvider,
  Capability,
  Clock,
  Connect,
  Fetch,
  Outgoing,
  ProviderConfig,
  ProviderPlugin,
  ProviderRuntime,
  Revocation,
  Token,
  TokenAuthority,
  Users,
  UserTokens,
} from './index.ts';
import { AuthError, authorizedFetch, createRegistry, managed, supports, systemClock } from './index.ts';
import { managedMany, parser, tokenAuthority } from './kit/index.ts';

/** A value of a type, where only the type matters. Nothing here is run. */
declare const given: <T>() => T;

const endUser = async (provider: AuthProvider<'users' | 'revocation'>, userId: string): Promise<void> => {
  await provider.revocation.revoke(userId);
  await provider.users.delete(userId);
};

describe('a capability that a provider lacks', () => {
  it('does not compile where it is needed', () => {
    // @ts-expect-error: there is no `revocation` on this provider
    endUser(given<AuthProvider<'users'>>(), '17');
    // @ts-expect-error: there is no capability at all
    endUser(given<AuthProvider>(), '17');
    endUser(given<AuthProvider<'users' | 'revocation'>>(), '17');
    endUser(given<AuthProvider<'users' | 'revocation' | 'codes'>>(), '17');
  });

  it('is not a property', () => {
    const provider = given<AuthProvider<'users'>>();
    expectTypeOf(provider.users).toEqualTypeOf<Users>();
    expectTypeOf(provider).not.toHaveProperty('revocation');
    // @ts-expect-error: there is no `revocation` on this provider
    provider.revocation;
  });

  it('is there once `supports` has said so, and only there', () => {
    const provider = given<AuthProvider<'users'>>();
    if (supports(provider, 'revocation', 'codes')) {
      expectTypeOf(provider.revocation).toEqualTypeOf<Revocation>();
      expectTypeOf(provider.users).toEqualTypeOf<Users>();
      endUser(provider, '17');
      // @ts-expect-error: nobody asked for `connect`
      provider.connect;
    } else {
      // @ts-expect-error: `supports` has just said no
      provider.revocation;
    }
    // @ts-expect-error: there is no such capability
    supports(provider, 'payments');
    // @ts-expect-error: no capability was named
    supports(provider);
  });

  it('keeps what a concrete provider knows when `supports` narrows it', () => {
    const provider = given<Alpha | Beta>();
    if (supports(provider, 'users')) expectTypeOf(provider.id).toEqualTypeOf<'alpha' | 'beta'>();
  });

  it('cannot be implemented by half', () => {
    const { create, get } = given<Users>();
    const provider: AuthProvider<'users'> = {
      ...given<AuthProvider>(),
      // @ts-expect-error: `delete` is missing
      users: { create, get },
    };
    // @ts-expect-error: a capability that may be missing is not one
    const optional: AuthProvider<'users'> = given<AuthProvider & { readonly users?: Users }>();
    return [provider, optional];
  });
});

describe('a provider that demands more than the contract gives', () => {
  it('does not compile with a narrower parameter', () => {
    const revocation: Revocation = {
      // @ts-expect-error: any string must do
      revoke: async (_userId: 'me' | 'all') => ({ existed: true }),
    };
    const users: Users = {
      ...given<Users>(),
      // @ts-expect-error: the contract passes no email
      create: async (user: { readonly reference: string; readonly email: string }) => ({ id: user.email, createdAt: null }),
    };
    return [revocation, users];
  });

  it('does not compile with one more parameter, compiles with one more option', () => {
    const base = given<AuthProvider>();
    // @ts-expect-error: the contract passes no scope
    const scoped: AuthProvider = { ...base, asUser: (_userId: string, _scope: string) => given<Authority>() };
    const extended: AuthProvider = { ...base, asUser: (_userId: string, _scope?: string) => given<Authority>() };
    return [scoped, extended];
  });

  it('does not compile for another version of the contract', () => {
    // @ts-expect-error: this registry reads contract 1
    const next: AuthProvider = { ...given<AuthProvider>(), contract: 2 };
    return next;
  });

  it('may give more than the contract asks', () => {
    expectTypeOf<Authority>().not.toExtend<TokenAuthority>();
    expectTypeOf<TokenAuthority>().toExtend<Authority>();
    expectTypeOf<AuthProvider & { readonly application: TokenAuthority }>().toExtend<AuthProvider<'application'>>();
    expectTypeOf<{
      readonly issue: UserTokens['issue'] & { readonly extra: true };
      readonly adopt: UserTokens['adopt'];
    }>().toExtend<UserTokens>();
  });
});

describe('the shape of the contract', () => {
  it('has seven capabilities', () => {
    expectTypeOf<Capability>().toEqualTypeOf<'application' | 'secret' | 'users' | 'userTokens' | 'codes' | 'revocation' | 'connect'>();
  });

  it('is read-only', () => {
    const provider = given<AuthProvider<'users'>>();
    // @ts-expect-error: read-only
    provider.baseUrl = 'https://elsewhere.example/';
    // @ts-expect-error: read-only
    provider.users = given<Users>();
    // @ts-expect-error: read-only
    provider.users.create = given<Users['create']>();
  });

  it('takes the platform’s own Request and fetch', () => {
    expectTypeOf<Request>().toExtend<Outgoing>();
    expectTypeOf<typeof globalThis.fetch>().toExtend<Fetch>();
    expectTypeOf(authorizedFetch).returns.toEqualTypeOf<Fetch>();
  });

  it('tells events apart by their type', () => {
    const event = given<AuthEvent>();
    if (event.type === 'refreshed') expectTypeOf(event.expiresAt).toEqualTypeOf<number | null>();
    if (event.type === 'served_stale') expectTypeOf(event.code).toEqualTypeOf<AuthError['code']>();
    // @ts-expect-error: an invalidation has no token to name
    if (event.type === 'invalidated') event.tokenId;
  });
});

// ── the registry ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Alpha = AuthProvider<'application' | 'users'> & { readonly id: 'alpha'; readonly application: TokenAuthority };
type Beta = AuthProvider<'users' | 'revocation'> & { readonly id: 'beta' };
interface AlphaOptions extends ProviderRuntime {
  readonly partnerId: string;
}
interface BetaOptions extends ProviderRuntime {
  readonly domain: string;
  readonly clientId?: string | undefined;
}
const alphaPlugin = given<ProviderPlugin<'alpha', AlphaOptions, Alpha>>();
const betaPlugin = given<ProviderPlugin<'beta', BetaOptions, Beta>>();
const registry = createRegistry([alphaPlugin, betaPlugin]);

describe('createRegistry', () => {
  it('creates the concrete provider that the configuration names', () => {
    expectTypeOf(registry.create({ provider: 'alpha', options: { partnerId: '1' } })).toEqualTypeOf<Alpha>();
    expectTypeOf(registry.create({ provider: 'beta', options: { domain: 'demo' } })).toEqualTypeOf<Beta>();
  });

  it('does not compile for an unknown provider', () => {
    // @ts-expect-error: there is no such plugin
    registry.create({ provider: 'gamma', options: { partnerId: '1' } });
  });

  it('does not compile with options that are missing, excess, or of another provider', () => {
    // @ts-expect-error: `partnerId` is missing
    registry.create({ provider: 'alpha', options: {} });
    // @ts-expect-error: `partnerID` is not an option
    registry.create({ provider: 'alpha', options: { partnerId: '1', partnerID: '1' } });
    // @ts-expect-error: these are the options of beta
    registry.create({ provider: 'alpha', options: { domain: 'demo' } });
  });

  it('reads the union of the concrete providers from the environment, told apart by id', () => {
    const provider = registry.fromEnv({});
    expectTypeOf(provider).toEqualTypeOf<Alpha | Beta>();
    if (provider.id === 'alpha') expectTypeOf(provider).toEqualTypeOf<Alpha>();
    else expectTypeOf(provider).toEqualTypeOf<Beta>();
    // @ts-expect-error: only beta revokes
    provider.revocation;
    const paths = { alpha: 'aggregation/v1/', beta: 'users/me/' } satisfies Record<typeof provider.id, string>;
    // @ts-expect-error: a table of vendor paths must name each provider
    const incomplete = { alpha: 'aggregation/v1/' } satisfies Record<typeof provider.id, string>;
    return [paths[provider.id], incomplete];
  });

  it('makes one configuration of each plugin, told apart by provider', () => {
    const config = given<ProviderConfig<typeof alphaPlugin | typeof betaPlugin>>();
    if (config.provider === 'alpha') expectTypeOf(config.options).toEqualTypeOf<AlphaOptions>();
    else expectTypeOf(config.options).toEqualTypeOf<BetaOptions>();
  });

  it('takes every plugin, and nothing that is none', () => {
    expectTypeOf<ProviderPlugin<'alpha', AlphaOptions, Alpha>>().toExtend<ProviderPlugin>();
    // @ts-expect-error: a plugin names its fields and its schema
    createRegistry([{ id: 'gamma', contract: 1, create: () => given<Alpha>() }]);
  });
});

// ── four foreign models on the unchanged contract ──────────────────────────────────────────────────────────────────────

const json = async (response: Response): Promise<unknown> => response.json();
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const base64url = (bytes: ArrayBuffer): string => base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const foreign = (provider: string, origin: string): AuthError =>
  new AuthError(`Refused to send credentials to any origin but ${origin}.`, { code: 'foreign_origin', provider, operation: 'authorize' });

const refused = (provider: string, operation: string, { status }: Response): AuthError =>
  new AuthError(`${operation}: ${provider} refused it with ${status}.`, {
    code: status === 404 ? 'not_found' : 'invalid_request',
    provider,
    operation,
    status,
  });

const staticStatus = (provider: string, authority: string): AuthorityStatus => ({
  provider,
  authority,
  state: 'static',
  expiresAt: null,
  nextRefreshAt: null,
  lastSuccessAt: null,
  lastError: null,
  attemptsLeft: null,
  holdsLease: false,
});

/** Compares in constant time for equal lengths, as `Connect.complete` asks. */
const sameText = (one: string, other: string): boolean => {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
};

const checkState = (provider: string, callbackUrl: string, state: string): URLSearchParams => {
  const { searchParams } = new URL(callbackUrl);
  if (!sameText(searchParams.get('state') ?? '', state))
    throw new AuthError('The callback belongs to another session.', { code: 'state_mismatch', provider, operation: 'connect.complete' });
  return searchParams;
};

// 1. MX: HTTP Basic with static keys. Nothing to obtain, so nothing to renew.

interface MxOptions extends ProviderRuntime {
  readonly clientId: string;
  readonly apiKey: string;
}
type Mx = AuthProvider<'application' | 'users' | 'connect'> & { readonly id: 'mx' };

const parseMxUser = parser(v.object({ user: v.object({ guid: v.string() }) }));
const parseMxWidget = parser(v.object({ widget_url: v.object({ url: v.string() }) }));

const mx = ({ clientId, apiKey, fetch = globalThis.fetch, clock = systemClock }: MxOptions): Mx => {
  const id = 'mx';
  const baseUrl = 'https://int-api.mx.com/';
  const { origin } = new URL(baseUrl);
  const authorization: Authorization = Object.freeze({
    headers: Object.freeze({ authorization: `Basic ${btoa(`${clientId}:${apiKey}`)}`, accept: 'application/vnd.mx.api.v1+json' }),
    token: null,
  });
  const application: Authority = {
    baseUrl,
    transport: fetch,
    authorize: async ({ url }) => {
      if (new URL(url).origin !== origin) throw foreign(id, origin);
      return authorization;
    },
    shouldRetry: async () => null,
    status: async () => staticStatus(id, clientId),
  };
  const send = authorizedFetch(application);

  return {
    id,
    contract: 1,
    baseUrl,
    application,
    // The user is in the path; the credentials are the same.
    asUser: () => application,
    users: {
      create: async ({ reference }, { signal } = {}) => {
        const response = await send('users', {
          method: 'POST',
          body: JSON.stringify({ user: { id: reference } }),
          ...(signal ? { signal } : {}),
        });
        if (!response.ok) throw refused(id, 'users.create', response);
        return { id: parseMxUser(await json(response)).user.guid, createdAt: null };
      },
      get: async (userId) => {
        const response = await send(`users/${encodeURIComponent(userId)}`);
        if (!response.ok) throw refused(id, 'users.get', response);
        return { id: parseMxUser(await json(response)).user.guid, createdAt: null };
      },
      delete: async (userId) => {
        const response = await send(`users/${encodeURIComponent(userId)}`, { method: 'DELETE' });
        if (!response.ok && response.status !== 404) throw refused(id, 'users.delete', response);
        return { existed: response.ok };
      },
    },
    connect: {
      start: async ({ userId, redirectUri, connectionId }) => {
        const state = crypto.randomUUID();
        const response = await send(`users/${encodeURIComponent(userId)}/widget_urls`, {
          method: 'POST',
          body: JSON.stringify({ widget_url: { client_redirect_url: `${redirectUri}?state=${state}`, current_member_guid: connectionId } }),
        });
        if (!response.ok) throw refused(id, 'connect.start', response);
        const { url } = parseMxWidget(await json(response)).widget_url;
        return { url, state, userId, redirectUri, expiresAt: clock.now() + 600_000 };
      },
      complete: async (callbackUrl, { state, userId }) => {
        const member = checkState(id, callbackUrl, state).get('member_guid');
        return { userId, connectionIds: member === null ? [] : [member] };
      },
    },
    [Symbol.asyncDispose]: async () => {},
  };
};

// 2. Enable Banking: the application signs its own token (RS256), without any request.

interface EnableBankingOptions extends ProviderRuntime {
  readonly applicationId: string;
  /** PKCS #8. */
  readonly privateKey: Uint8Array<ArrayBuffer>;
}
type EnableBanking = AuthProvider<'application' | 'connect' | 'revocation'> & {
  readonly id: 'enable-banking';
  readonly application: TokenAuthority;
};

const parseAuthorization = parser(v.object({ url: v.string() }));
const parseSession = parser(v.object({ session_id: v.string(), accounts: v.array(v.object({ uid: v.string() })) }));

const signJwt = async (
  { applicationId, privateKey }: EnableBankingOptions,
  { issuedAt, expiresAt }: { readonly issuedAt: number; readonly expiresAt: number },
): Promise<string> => {
  const part = (value: object): string => base64url(utf8(JSON.stringify(value)).buffer);
  const claims = {
    iss: 'enablebanking.com',
    aud: 'api.enablebanking.com',
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
  };
  const signed = `${part({ typ: 'JWT', alg: 'RS256', kid: applicationId })}.${part(claims)}`;
  const key = await crypto.subtle.importKey('pkcs8', privateKey, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
  return `${signed}.${base64url(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, utf8(signed)))}`;
};

const enableBanking = (options: EnableBankingOptions): EnableBanking => {
  const { fetch = globalThis.fetch, clock = systemClock, applicationId, store, observe } = options;
  const id = 'enable-banking';
  const baseUrl = 'https://api.enablebanking.com/';
  const tokens = managed(
    {
      token: async () => {
        const issuedAt = clock.now();
        const expiresAt = issuedAt + 3_600_000;
        return { value: await signJwt(options, { issuedAt, expiresAt }), issuedAt, expiresAt };
      },
    },
    { store, clock, observe, key: JSON.stringify([id, baseUrl, applicationId]), provider: id },
  );
  const application = tokenAuthority({
    provider: id,
    baseUrl,
    transport: fetch,
    tokens,
    headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
    isTokenRefused: async ({ status }) => status === 401,
  });
  const send = authorizedFetch(application);

  return {
    id,
    contract: 1,
    baseUrl,
    application,
    // A session is named in the path; the application sends its own credentials.
    asUser: () => application,
    connect: {
      start: async ({ userId, redirectUri }) => {
        const state = crypto.randomUUID();
        const response = await send('auth', { method: 'POST', body: JSON.stringify({ redirect_url: redirectUri, state }) });
        if (!response.ok) throw refused(id, 'connect.start', response);
        const { url } = parseAuthorization(await json(response));
        return { url, state, userId, redirectUri, expiresAt: clock.now() + 600_000 };
      },
      complete: async (callbackUrl, { state }) => {
        const code = checkState(id, callbackUrl, state).get('code');
        const response = await send('sessions', { method: 'POST', body: JSON.stringify({ code }) });
        if (!response.ok) throw refused(id, 'connect.complete', response);
        const { session_id, accounts } = parseSession(await json(response));
        return { userId: session_id, connectionIds: accounts.map(({ uid }) => uid) };
      },
    },
    revocation: {
      revoke: async (userId) => {
        const response = await send(`sessions/${encodeURIComponent(userId)}`, { method: 'DELETE' });
        if (!response.ok && response.status !== 404) throw refused(id, 'revocation.revoke', response);
        return { existed: response.ok };
      },
    },
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

// 3. Akoya: each connection has its own token and a refresh token that works once.

interface AkoyaOptions extends ProviderRuntime {
  readonly clientId: string;
  readonly clientSecret: string;
}
type Akoya = AuthProvider<'userTokens' | 'connect' | 'revocation'> & {
  readonly id: 'akoya';
  readonly asUser: (userId: string) => TokenAuthority;
};

const parseAkoyaTokens = parser(v.object({ id_token: v.string(), refresh_token: v.string(), expires_in: v.number() }));

const akoya = ({ clientId, clientSecret, fetch = globalThis.fetch, clock = systemClock, store, observe }: AkoyaOptions): Akoya => {
  const id = 'akoya';
  const baseUrl = 'https://products.ddp.akoya.com/';
  const issuer = 'https://idp.ddp.akoya.com/';

  const exchange = async (
    operation: string,
    form: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<{ readonly token: Token; readonly refreshToken: string }> => {
    const issuedAt = clock.now();
    const response = await fetch(`${issuer}token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams(form),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw refused(id, operation, response);
    const { id_token, refresh_token, expires_in } = parseAkoyaTokens(await json(response));
    return { token: { value: id_token, issuedAt, expiresAt: issuedAt + expires_in * 1000 }, refreshToken: refresh_token };
  };

  const renew = async (
    signal: AbortSignal,
    refreshToken: string | null,
  ): Promise<{ readonly token: Token; readonly refreshToken: string }> => {
    if (refreshToken === null)
      throw new AuthError('Nothing is stored for this connection. Let the user connect again.', {
        code: 'reconnect_required',
        provider: id,
        operation: 'asUser.token',
      });
    return exchange('asUser.token', { grant_type: 'refresh_token', refresh_token: refreshToken }, signal);
  };

  const tokens = managedMany(
    () => ({
      token: async ({ signal, refreshToken, saveRefreshToken }) => {
        const renewed = await renew(signal, refreshToken);
        // The old one is used up: the new one must be durable before anybody uses the token that came with it.
        await saveRefreshToken(renewed.refreshToken);
        return renewed.token;
      },
    }),
    { store, clock, observe, key: JSON.stringify([id, baseUrl, clientId]), provider: id },
  );

  return {
    id,
    contract: 1,
    baseUrl,
    asUser: (userId) =>
      tokenAuthority({
        provider: id,
        baseUrl,
        transport: fetch,
        tokens: tokens.of(userId),
        headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
        isTokenRefused: async ({ status }) => status === 401,
      }),
    userTokens: {
      issue: (userId, options) => tokens.of(userId).token(options),
      adopt: (userId, token) => tokens.of(userId).adopt(token),
    },
    connect: {
      start: async ({ userId, redirectUri, connectionId }) => {
        const state = crypto.randomUUID();
        const query = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state });
        if (connectionId !== undefined) query.set('connector', connectionId);
        return { url: `${issuer}auth?${query}`, state, userId, redirectUri, expiresAt: clock.now() + 300_000 };
      },
      complete: async (callbackUrl, { state, userId, redirectUri }, { signal } = {}) => {
        const code = checkState(id, callbackUrl, state).get('code') ?? '';
        const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
        const { token, refreshToken } = await exchange('connect.complete', form, signal);
        await tokens.of(userId).adopt(token, refreshToken);
        return { userId, connectionIds: [] };
      },
    },
    revocation: {
      revoke: async (userId) => {
        const token = await tokens.of(userId).current();
        if (token !== undefined) await exchange('revocation.revoke', { token: token.value });
        await tokens.of(userId).forget();
        return { existed: token !== undefined };
      },
    },
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

// 4. Salt Edge: each request is signed over its expiry, method, URL and body.

interface SaltEdgeOptions extends ProviderRuntime {
  readonly appId: string;
  readonly secret: string;
  readonly signingKey: CryptoKey;
}
type SaltEdge = AuthProvider<'application' | 'users' | 'revocation'> & { readonly id: 'salt-edge' };

const parseCustomer = parser(v.object({ data: v.object({ customer_id: v.string() }) }));

const saltEdge = ({ appId, secret, signingKey, fetch = globalThis.fetch, clock = systemClock }: SaltEdgeOptions): SaltEdge => {
  const id = 'salt-edge';
  const baseUrl = 'https://www.saltedge.com/api/v6/';
  const { origin } = new URL(baseUrl);
  let skew = 0;

  const application: Authority = {
    baseUrl,
    transport: fetch,
    authorize: async (request) => {
      const { method, url } = request;
      if (new URL(url).origin !== origin) throw foreign(id, origin);
      const expiresAt = String(Math.floor((clock.now() + skew) / 1000) + 60);
      const body = await request.clone().text();
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', signingKey, utf8([expiresAt, method, url, body].join('|')));
      return {
        headers: { 'app-id': appId, secret, 'expires-at': expiresAt, signature: base64(signature) },
        token: null,
      };
    },
    // The vendor disagrees about the time: learn its clock, then the same request can succeed.
    shouldRetry: async (response) => {
      if (response.status !== 400 || !(await response.clone().text()).includes('ExpiresAtInvalid')) return null;
      skew = Date.parse(response.headers.get('date') ?? '') - clock.now() || 0;
      return 'clock';
    },
    status: async () => staticStatus(id, appId),
  };
  const send = authorizedFetch(application);

  return {
    id,
    contract: 1,
    baseUrl,
    application,
    asUser: () => application,
    users: {
      create: async ({ reference }) => {
        const response = await send('customers', { method: 'POST', body: JSON.stringify({ data: { identifier: reference } }) });
        if (!response.ok) throw refused(id, 'users.create', response);
        return { id: parseCustomer(await json(response)).data.customer_id, createdAt: null };
      },
      get: async (userId) => {
        const response = await send(`customers/${encodeURIComponent(userId)}`);
        if (!response.ok) throw refused(id, 'users.get', response);
        return { id: parseCustomer(await json(response)).data.customer_id, createdAt: null };
      },
      delete: async (userId) => {
        const response = await send(`customers/${encodeURIComponent(userId)}`, { method: 'DELETE' });
        return { existed: response.ok };
      },
    },
    revocation: {
      revoke: async (userId) => {
        const response = await send(`connections?customer_id=${encodeURIComponent(userId)}`, { method: 'DELETE' });
        return { existed: response.ok };
      },
    },
    [Symbol.asyncDispose]: async () => {},
  };
};

describe('four foreign models on the unchanged contract', () => {
  it('HTTP Basic with static keys is an authority without a token', () => {
    expectTypeOf(mx).returns.toEqualTypeOf<Mx>();
    expectTypeOf(mx).returns.toExtend<AuthProvider<'application' | 'users' | 'connect'>>();
    expectTypeOf(mx).returns.not.toExtend<AuthProvider<'revocation'>>();
    expectTypeOf<Mx['application']>().not.toExtend<TokenAuthority>();
    expectTypeOf<Mx['connect']>().toEqualTypeOf<Connect>();
  });

  it('a self-signed RS256 JWT is a token authority whose source sends nothing', () => {
    expectTypeOf(enableBanking).returns.toEqualTypeOf<EnableBanking>();
    expectTypeOf(enableBanking).returns.toExtend<AuthProvider<'application' | 'connect' | 'revocation'>>();
    expectTypeOf<EnableBanking['application']>().toExtend<TokenAuthority>();
  });

  it('a connection has one single-use refresh token', () => {
    expectTypeOf(akoya).returns.toEqualTypeOf<Akoya>();
    expectTypeOf(akoya).returns.toExtend<AuthProvider<'userTokens' | 'connect' | 'revocation'>>();
    expectTypeOf(akoya).returns.not.toExtend<AuthProvider<'application'>>();
    expectTypeOf<ReturnType<Akoya['asUser']>>().toEqualTypeOf<TokenAuthority>();
  });

  it('a signature over method, URL and body is headers that depend on the request', () => {
    expectTypeOf(saltEdge).returns.toEqualTypeOf<SaltEdge>();
    expectTypeOf(saltEdge).returns.toExtend<AuthProvider<'application' | 'users' | 'revocation'>>();
    expectTypeOf(saltEdge).returns.not.toExtend<AuthProvider<'connect'>>();
    expectTypeOf<SaltEdge['application']['authorize']>().returns.resolves.toEqualTypeOf<Authorization>();
  });

  it('serve one product code without a branch on the vendor', () => {
    const invite = async (provider: AuthProvider<'users'>, reference: string): Promise<Fetch> => {
      const { id } = await provider.users.create({ reference });
      return authorizedFetch(provider.asUser(id));
    };
    const clock: Clock = systemClock;
    invite(mx({ clientId: 'client', apiKey: 'key', clock }), 'anna');
    invite(given<SaltEdge>(), 'anna');
    // @ts-expect-error: Akoya has connections, no users to create
    invite(given<Akoya>(), 'anna');
  });
});
