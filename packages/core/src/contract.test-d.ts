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

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const fail = (code: AuthError['code'], operation: string): AuthError => new AuthError('Not here.', { code, provider: 'acme', operation });
const bearerOf = ({ value }: Token) => ({ authorization: `Bearer ${value}` });
const isUnauthorized = async ({ status }: Response): Promise<boolean> => status === 401;
const status = async () => given<AuthorityStatus>();
const dispose = async (): Promise<void> => {};

// 1. MX: HTTP Basic with static keys. Nothing to obtain, so nothing to renew. The user is in the path.

type Mx = AuthProvider<'application' | 'users' | 'connect'> & { readonly id: 'mx' };

const mx = ({ apiKey, fetch = globalThis.fetch }: ProviderRuntime & { readonly apiKey: string }): Mx => {
  const baseUrl = 'https://int-api.mx.com/';
  const authorization: Authorization = Object.freeze({ headers: Object.freeze({ authorization: `Basic ${btoa(apiKey)}` }), token: null });
  const application: Authority = {
    baseUrl,
    transport: fetch,
    authorize: async ({ url }) => {
      if (!url.startsWith(baseUrl)) throw fail('foreign_origin', 'authorize');
      return authorization;
    },
    shouldRetry: async () => null,
    status,
  };
  const users: Users = {
    ...given<Users>(),
    create: async ({ reference }, { signal } = {}) => {
      const init = { method: 'POST', body: JSON.stringify({ user: { id: reference } }), ...(signal ? { signal } : {}) };
      const response = await authorizedFetch(application)('users', init);
      return { id: parser(v.object({ guid: v.string() }))(await response.json()).guid, createdAt: null };
    },
  };
  const asUser = () => application;
  return { id: 'mx', contract: 1, baseUrl, application, asUser, users, connect: given<Connect>(), [Symbol.asyncDispose]: dispose };
};

// 2. Enable Banking: the application signs its own token (RS256), without any request. A session is in the path.

type EnableBanking = AuthProvider<'application' | 'connect'> & { readonly id: 'enable-banking'; readonly application: TokenAuthority };

const enableBanking = ({
  signingKey,
  fetch = globalThis.fetch,
  clock = systemClock,
  ...runtime
}: ProviderRuntime & { readonly signingKey: CryptoKey }): EnableBanking => {
  const id = 'enable-banking';
  const baseUrl = 'https://api.enablebanking.com/';
  const token = async (): Promise<Token> => {
    const issuedAt = clock.now();
    const claims = utf8(JSON.stringify({ iat: Math.floor(issuedAt / 1000) }));
    const value = base64(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', signingKey, claims));
    return { value, issuedAt, expiresAt: issuedAt + 3_600_000 };
  };
  const tokens = managed({ token }, { ...runtime, clock, key: id, provider: id });
  const parts = { provider: id, baseUrl, transport: fetch, tokens, headersOf: bearerOf, isTokenRefused: isUnauthorized };
  const application = tokenAuthority(parts);
  const asUser = () => application;
  return {
    id,
    contract: 1,
    baseUrl,
    application,
    asUser,
    connect: {
      start: async ({ userId, redirectUri }) => {
        const state = crypto.randomUUID();
        const url = `${baseUrl}auth?${new URLSearchParams({ redirect_url: redirectUri, state })}`;
        return { url, state, userId, redirectUri, expiresAt: clock.now() + 600_000 };
      },
      complete: async (callbackUrl, { state, userId }) => {
        const { searchParams } = new URL(callbackUrl);
        if (searchParams.get('state') !== state) throw fail('state_mismatch', 'connect.complete');
        return { userId, connectionIds: searchParams.getAll('account') };
      },
    },
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

// 3. Akoya: each connection has its own token and a refresh token that works once.

type Akoya = AuthProvider<'userTokens' | 'connect' | 'revocation'> & {
  readonly id: 'akoya';
  readonly asUser: (userId: string) => TokenAuthority;
};
type Exchange = (code: string, signal: AbortSignal) => Promise<{ readonly token: Token; readonly refreshToken: string }>;

const akoya = ({ fetch = globalThis.fetch, ...runtime }: ProviderRuntime, exchange: Exchange): Akoya => {
  const id = 'akoya';
  const baseUrl = 'https://products.ddp.akoya.com/';
  const tokens = managedMany(
    () => ({
      token: async ({ signal, refreshToken, saveRefreshToken }) => {
        if (refreshToken === null) throw fail('reconnect_required', 'asUser.token');
        const renewed = await exchange(refreshToken, signal);
        // The old one is used up: the new one must be durable before anybody uses the token that came with it.
        await saveRefreshToken(renewed.refreshToken);
        return renewed.token;
      },
    }),
    { ...runtime, key: id, provider: id },
  );
  const parts = { provider: id, baseUrl, transport: fetch, headersOf: bearerOf, isTokenRefused: isUnauthorized };
  return {
    id,
    contract: 1,
    baseUrl,
    asUser: (userId) => tokenAuthority({ ...parts, tokens: tokens.of(userId) }),
    userTokens: {
      issue: (userId, options) => tokens.of(userId).token(options),
      adopt: (userId, token) => tokens.of(userId).adopt(token),
    },
    connect: {
      ...given<Connect>(),
      complete: async (callbackUrl, { userId }, { signal = new AbortController().signal } = {}) => {
        const { token, refreshToken } = await exchange(callbackUrl, signal);
        await tokens.of(userId).adopt(token, refreshToken);
        return { userId, connectionIds: [] };
      },
    },
    revocation: {
      revoke: async (userId) => {
        const existed = (await tokens.of(userId).current()) !== undefined;
        await tokens.of(userId).forget();
        return { existed };
      },
    },
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

// 4. Salt Edge: each request is signed over its expiry, method, URL and body.

type SaltEdge = AuthProvider<'application' | 'users' | 'revocation'> & { readonly id: 'salt-edge' };

const saltEdge = ({
  signingKey,
  fetch = globalThis.fetch,
  clock = systemClock,
}: ProviderRuntime & { readonly signingKey: CryptoKey }): SaltEdge => {
  const baseUrl = 'https://www.saltedge.com/api/v6/';
  let skew = 0;
  const application: Authority = {
    baseUrl,
    transport: fetch,
    authorize: async (request) => {
      const expiresAt = String(Math.floor((clock.now() + skew) / 1000) + 60);
      const text = [expiresAt, request.method, request.url, await request.clone().text()].join('|');
      const signature = base64(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', signingKey, utf8(text)));
      return { headers: { 'expires-at': expiresAt, signature }, token: null };
    },
    // The vendor disagrees about the time: learn its clock, then the same request can succeed.
    shouldRetry: async (response) => {
      if (response.status !== 400 || !(await response.clone().text()).includes('ExpiresAtInvalid')) return null;
      skew = Date.parse(response.headers.get('date') ?? '') - clock.now() || 0;
      return 'clock';
    },
    status,
  };
  const revoke = async (userId: string) => {
    const response = await authorizedFetch(application)(`connections?customer_id=${userId}`, { method: 'DELETE' });
    return { existed: response.ok };
  };
  const capabilities = { application, asUser: () => application, users: given<Users>(), revocation: { revoke } };
  return { id: 'salt-edge', contract: 1, baseUrl, ...capabilities, [Symbol.asyncDispose]: dispose };
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
    expectTypeOf(enableBanking).returns.toExtend<AuthProvider<'application' | 'connect'>>();
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
    invite(mx({ apiKey: 'key', clock }), 'anna');
    invite(given<SaltEdge>(), 'anna');
    // @ts-expect-error: Akoya has connections, no users to create
    invite(given<Akoya>(), 'anna');
  });
});
