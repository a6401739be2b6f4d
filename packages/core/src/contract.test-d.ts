import { describe, expectTypeOf, it } from 'vitest';
import type {
  AuthEvent,
  Authority,
  Authorization,
  AuthProvider,
  Capability,
  Connect,
  Fetch,
  Outgoing,
  ProviderConfig,
  ProviderPlugin,
  ProviderRuntime,
  RetryReason,
  Revocation,
  Token,
  TokenAuthority,
  TokenSource,
  User,
  Users,
  UserTokens,
} from './index.ts';
import { AuthError, authorizedFetch, createRegistry, managed, supports, systemClock } from './index.ts';
import { type HttpOptions, managedMany, tokenAuthority } from './kit/index.ts';

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

  it('is a property once `supports` has said so, and only there', () => {
    const provider = given<AuthProvider<'users'>>();
    expectTypeOf(provider.users).toEqualTypeOf<Users>();
    expectTypeOf(provider).not.toHaveProperty('revocation');
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
    // What a concrete provider knows is kept.
    const concrete = given<Alpha | Beta>();
    if (supports(concrete, 'users')) expectTypeOf(concrete.id).toEqualTypeOf<'alpha' | 'beta'>();
  });

  it('cannot be implemented by half', () => {
    // @ts-expect-error: `delete` is missing
    given<Omit<Users, 'delete'>>() satisfies Users;
    // @ts-expect-error: a capability that may be missing is not one
    given<AuthProvider & { readonly users?: Users }>() satisfies AuthProvider<'users'>;
  });
});

describe('a provider that demands more than the contract gives', () => {
  it('does not compile with a narrower parameter or one more, compiles with one more option', () => {
    // @ts-expect-error: any string must do
    given<(userId: 'me' | 'all') => Promise<{ existed: boolean }>>() satisfies Revocation['revoke'];
    // @ts-expect-error: the contract passes no email
    given<(user: { reference: string; email: string }) => Promise<User>>() satisfies Users['create'];
    // @ts-expect-error: the contract passes no scope
    given<(userId: string, scope: string) => Authority>() satisfies AuthProvider['asUser'];
    given<(userId: string, scope?: string) => Authority>() satisfies AuthProvider['asUser'];
  });

  it('does not compile for another version of the contract', () => {
    // @ts-expect-error: this registry reads contract 1
    ({ ...given<AuthProvider>(), contract: 2 }) satisfies AuthProvider;
  });

  it('does not compile without a way to forget refusals, even if it counts none', () => {
    // @ts-expect-error: `reset` is missing
    given<Omit<AuthProvider, 'reset'>>() satisfies AuthProvider;
    // @ts-expect-error: a member that may be missing is not one
    given<Omit<AuthProvider, 'reset'> & { readonly reset?: () => Promise<void> }>() satisfies AuthProvider;
    expectTypeOf<AuthProvider['reset']>().toEqualTypeOf<() => Promise<void>>();
  });

  it('may give more than the contract asks', () => {
    expectTypeOf<Authority>().not.toExtend<TokenAuthority>();
    expectTypeOf<TokenAuthority>().toExtend<Authority>();
    expectTypeOf<AuthProvider & { readonly application: TokenAuthority }>().toExtend<AuthProvider<'application'>>();
    expectTypeOf<Omit<UserTokens, 'issue'> & { readonly issue: UserTokens['issue'] & { readonly extra: true } }>().toExtend<UserTokens>();
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
type AlphaOptions = ProviderRuntime & { readonly partnerId: string };
type BetaOptions = ProviderRuntime & { readonly domain: string; readonly clientId?: string | undefined };
const alphaPlugin = given<ProviderPlugin<'alpha', AlphaOptions, Alpha>>();
const betaPlugin = given<ProviderPlugin<'beta', BetaOptions, Beta>>();
const registry = createRegistry([alphaPlugin, betaPlugin]);

describe('createRegistry', () => {
  it('creates the concrete provider that the configuration names', () => {
    expectTypeOf(registry.create({ provider: 'alpha', options: { partnerId: '1' } })).toEqualTypeOf<Alpha>();
    expectTypeOf(registry.create({ provider: 'beta', options: { domain: 'demo' } })).toEqualTypeOf<Beta>();
  });

  it('does not compile for an unknown provider, or with options that are missing, excess, or of another provider', () => {
    // @ts-expect-error: there is no such plugin
    registry.create({ provider: 'gamma', options: { partnerId: '1' } });
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
    ({ alpha: 'aggregation/v1/', beta: 'users/me/' }) satisfies Record<typeof provider.id, string>;
    // @ts-expect-error: a table of vendor paths must name each provider
    ({ alpha: 'aggregation/v1/' }) satisfies Record<typeof provider.id, string>;
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

// ── four foreign models on the unchanged contract: what each has beside capabilities that any provider could have ─────────

const parts = {
  provider: 'acme',
  baseUrl: 'https://api.acme.example/',
  transport: given<Fetch>(),
  headersOf: ({ value }: Token) => ({ authorization: `Bearer ${value}` }),
  isTokenRefused: async ({ status }: Response) => status === 401,
  explain: given<HttpOptions['explain']>(),
};

/** HTTP Basic with static keys. Nothing to obtain, so nothing to renew. */
type Mx = AuthProvider<'application' | 'users' | 'connect'> & { readonly id: 'mx' };

const mx = (apiKey: string): Mx => {
  const authorization: Authorization = Object.freeze({
    headers: Object.freeze({ authorization: `Basic ${btoa(apiKey)}` }),
    bodyFields: null,
    token: null,
  });
  const application: Authority = { ...given<Authority>(), authorize: async () => authorization, shouldRetry: async () => null };
  // The user is in the path; the credentials are the same.
  return { ...given<AuthProvider<'users' | 'connect'>>(), id: 'mx', application, asUser: () => application };
};

/** The application signs its own token (RS256), without any request. */
type EnableBanking = AuthProvider<'application' | 'connect'> & { readonly id: 'enable-banking'; readonly application: TokenAuthority };

const enableBanking = (
  sign: (issuedAt: number) => Promise<string>,
  { clock = systemClock, ...runtime }: ProviderRuntime,
): EnableBanking => {
  const token = async (): Promise<Token> => {
    const issuedAt = clock.now();
    return { value: await sign(issuedAt), issuedAt, expiresAt: issuedAt + 3_600_000 };
  };
  const application = tokenAuthority({ ...parts, tokens: managed({ token }, { ...runtime, clock, key: 'enable-banking' }) });
  return { ...given<AuthProvider<'connect'>>(), id: 'enable-banking', application, asUser: () => application };
};

/** Each connection has its own token and a refresh token that works once. */
type Akoya = AuthProvider<'userTokens' | 'connect' | 'revocation'> & {
  readonly id: 'akoya';
  readonly asUser: (userId: string) => TokenAuthority;
};
type Exchange = (code: string, signal?: AbortSignal) => Promise<{ readonly token: Token; readonly refreshToken: string }>;

const akoya = (exchange: Exchange, runtime: ProviderRuntime): Akoya => {
  const token: TokenSource['token'] = async ({ signal, refreshToken, saveRefreshToken }) => {
    if (refreshToken === null) throw new AuthError('Connect again.', { code: 'reconnect_required', provider: 'akoya', operation: 'token' });
    const renewed = await exchange(refreshToken, signal);
    // The old one is used up: the new one must be durable before anybody uses the token that came with it.
    await saveRefreshToken(renewed.refreshToken);
    return renewed.token;
  };
  const { of, reset, [Symbol.asyncDispose]: dispose } = managedMany(() => ({ token }), { ...runtime, key: 'akoya', singleUse: true });
  return {
    ...given<AuthProvider<'connect'>>(),
    id: 'akoya',
    asUser: (userId) => tokenAuthority({ ...parts, tokens: of(userId) }),
    userTokens: { issue: (userId, options) => of(userId).token(options), adopt: (userId, adopted) => of(userId).adopt(adopted) },
    connect: {
      ...given<Connect>(),
      complete: async (callbackUrl, { userId }, { signal } = {}) => {
        const exchanged = await exchange(callbackUrl, signal);
        await of(userId).adopt(exchanged.token, exchanged.refreshToken);
        return { userId, connectionIds: [] };
      },
    },
    revocation: {
      revoke: async (userId) => {
        const existed = (await of(userId).current()) !== undefined;
        await of(userId).forget();
        return { existed };
      },
    },
    reset,
    [Symbol.asyncDispose]: dispose,
  };
};

/** Each request is signed over its expiry, method, URL and body. */
type SaltEdge = AuthProvider<'application' | 'users' | 'revocation'> & { readonly id: 'salt-edge' };

const saltEdge = (sign: (text: string) => Promise<string>, { clock = systemClock }: ProviderRuntime): SaltEdge => {
  let skew = 0;
  const application: Authority = {
    ...given<Authority>(),
    authorize: async ({ method, url, clone }) => {
      const expiresAt = String(Math.floor((clock.now() + skew) / 1000) + 60);
      const signature = await sign([expiresAt, method, url, await clone().text()].join('|'));
      return { headers: { 'expires-at': expiresAt, signature }, bodyFields: null, token: null };
    },
    // The vendor disagrees about the time: learn its clock, then the same request can succeed.
    shouldRetry: async (response) => {
      if (response.status !== 400 || !(await response.clone().text()).includes('ExpiresAtInvalid')) return null;
      skew = Date.parse(response.headers.get('date') ?? '') - clock.now() || 0;
      return 'clock';
    },
  };
  return { ...given<AuthProvider<'users' | 'revocation'>>(), id: 'salt-edge', application, asUser: () => application };
};

/** Each item has a token, which travels in the JSON body. */
const plaid = (): AuthProvider =>
  ({
    ...given<AuthProvider>(),
    asUser: () => tokenAuthority({ ...parts, tokens: managed(given<TokenSource>()), headersOf: () => ({}), bodyFieldsOf }),
  }) satisfies AuthProvider;
const bodyFieldsOf = ({ value }: Token) => ({ access_token: value });

describe('an authority', () => {
  it('answers credentials for headers and for the body, and a token or none: nothing of it is optional', () => {
    expectTypeOf<Authorization>().toEqualTypeOf<{
      readonly headers: Readonly<Record<string, string>>;
      readonly bodyFields: Readonly<Record<string, string>> | null;
      readonly token: Token | null;
    }>();
    expectTypeOf<Omit<Authorization, 'bodyFields'>>().not.toExtend<Authorization>();
    expectTypeOf<Omit<Authority, 'errorOf'>>().not.toExtend<Authority>();
  });

  it('gives one of three reasons to repeat, and an error for every refusal', () => {
    expectTypeOf<RetryReason>().toEqualTypeOf<'token' | 'nonce' | 'clock'>();
    expectTypeOf<Authority['shouldRetry']>().toEqualTypeOf<(response: Response, sent: Authorization) => Promise<RetryReason | null>>();
    expectTypeOf<Authority['errorOf']>().toEqualTypeOf<(response: Response) => Promise<AuthError>>();
    expectTypeOf<Outgoing>().toEqualTypeOf<Pick<Request, 'method' | 'url' | 'clone'>>();
  });

  it('is sent for by a fetch with three options', () => {
    type Options = { fetch?: Fetch | undefined; baseUrl?: string | undefined; throwHttpErrors?: boolean | undefined };
    expectTypeOf(authorizedFetch).toEqualTypeOf<(authority: Authority, options?: Readonly<Options>) => Fetch>();
    // @ts-expect-error: a provider acts for nobody by itself
    authorizedFetch(given<AuthProvider>());
  });
});

describe('five foreign models on the unchanged contract', () => {
  it('HTTP Basic with static keys is an authority without a token', () => {
    expectTypeOf(mx).returns.toExtend<AuthProvider<'application' | 'users' | 'connect'>>();
    expectTypeOf(mx).returns.not.toExtend<AuthProvider<'revocation'>>();
    expectTypeOf<Mx['application']>().not.toExtend<TokenAuthority>();
    expectTypeOf<Mx['connect']>().toEqualTypeOf<Connect>();
  });

  it('a self-signed RS256 JWT is a token authority whose source sends nothing', () => {
    expectTypeOf(enableBanking).returns.toExtend<AuthProvider<'application' | 'connect'>>();
    expectTypeOf<EnableBanking['application']>().toExtend<TokenAuthority>();
  });

  it('a connection has one single-use refresh token', () => {
    expectTypeOf(akoya).returns.toExtend<AuthProvider<'userTokens' | 'connect' | 'revocation'>>();
    expectTypeOf(akoya).returns.not.toExtend<AuthProvider<'application'>>();
    expectTypeOf<ReturnType<Akoya['asUser']>>().toEqualTypeOf<TokenAuthority>();
  });

  it('a signature over method, URL and body is headers that depend on the request', () => {
    expectTypeOf(saltEdge).returns.toExtend<AuthProvider<'application' | 'users' | 'revocation'>>();
    expectTypeOf(saltEdge).returns.not.toExtend<AuthProvider<'connect'>>();
    expectTypeOf<SaltEdge['application']['authorize']>().returns.resolves.toEqualTypeOf<Authorization>();
  });

  it('a token in the body is members that the token makes', () => {
    expectTypeOf(plaid).returns.toExtend<AuthProvider>();
  });

  it('serve one product code without a branch on the vendor', () => {
    const invite = async (provider: AuthProvider<'users'>, reference: string): Promise<Fetch> => {
      const { id } = await provider.users.create({ reference });
      return authorizedFetch(provider.asUser(id));
    };
    invite(mx('key'), 'anna');
    invite(given<SaltEdge>(), 'anna');
    // @ts-expect-error: Akoya has connections, no users to create
    invite(given<Akoya>(), 'anna');
  });
});
