import { systemClock } from '@auth/core';
import { Hono } from 'hono';
import { sandboxClock } from '../clock.ts';
import { alphanumerics, base64, digits, hexadecimals } from '../random.ts';
import { type Sandbox, type SandboxOptions, sandboxFrame } from '../sandbox.ts';
import type { Vendor } from '../vendor.ts';
import { accountRoutes } from './accounts.ts';
import { adminRoutes } from './admin.ts';
import { authRoutes } from './auth.ts';
import { certificateRoutes } from './certificates.ts';
import { clientApplications } from './client-applications.ts';
import { clientRoutes } from './clients.ts';
import { connectionState } from './connection-state.ts';
import { connectionRoutes } from './connections.ts';
import { connectorRoutes, connectorsOf } from './connectors.ts';
import {
  type BudgeaErrorCodes,
  type BudgeaErrorName,
  type BudgeaProfile,
  errorResponses,
  errorsOf,
  inventedErrorCodes,
  Refusal,
  refusals,
} from './errors.ts';
import { hashRoutes } from './hash.ts';
import { manageJwts } from './manage-jwt.ts';
import { type BudgeaLogin, pfmLogin } from './pfm-login.ts';
import { publicKeyRoutes } from './public-key.ts';
import { type BudgeaRateLimit, rateLimiter } from './rate-limit.ts';
import { type Authentication, type BudgeaServerTokens, bearer } from './request.ts';
import { routesOf } from './routes.ts';
import { configRoutes, serverConfig } from './server-config.ts';
import { serviceTokens } from './service-tokens.ts';
import { budgeaState } from './state.ts';
import { userConfigRoutes, userConfigs } from './user-config.ts';
import { userJwts } from './user-jwt.ts';
import { userRoutes } from './users.ts';
import { bankSessions, bankUrlOf, webauthRoutes } from './webauth.ts';
import { webviewRoutes } from './webview.ts';
import { webviewSessions } from './webview-session.ts';

const BASE_PATH = '/2.0/';

/** What pages are asked for, without what is secret in it. */
const BROWSER_QUERY = ['auto', 'client_id', 'connection_id', 'connector_ids', 'domain', 'id_connection', 'id_connector', 'max_connections'];

/** A client application's account. */
export interface BudgeaCredentials {
  /** The name before `.biapi.pro`. */
  readonly domain: string;
  /** Digits only. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The administrator's: makes manage JWTs, and lets `/auth/init` make permanent users. */
  readonly manageToken: string;
}

/** How the emulated vendor behaves. Each option that settles what no source documents is marked as an assumption. */
export interface BudgeaSandboxOptions extends SandboxOptions {
  /** Default: made from `random`. */
  readonly credentials?: Partial<BudgeaCredentials> | undefined;
  /** Statuses and shapes of the 2019 documentation, or of Powens today. Default `'powens'`. */
  readonly profile?: BudgeaProfile | undefined;
  /** Milliseconds; a setting of the vendor's servers. Assumption: half an hour, as in the published example. */
  readonly jwtLifetime?: number | undefined;
  /** Assumption: codes that no source documents, see their defaults. */
  readonly errorCodes?: Partial<BudgeaErrorCodes> | undefined;
  /** Default: made from `random`. */
  readonly serverTokens?: Partial<BudgeaServerTokens> | undefined;
  /** Who can log in at `auth/token` of 2019. Default: made from `random`. */
  readonly login?: Partial<BudgeaLogin> | undefined;
  /** Characters in tokens and codes of the kinds that are no JWT: both are seen in the vendor's documents. Default 128. */
  readonly tokenLength?: 128 | 32 | undefined;
  /** Whether an exchange ends the code. Assumption: it does. Temporary tokens and `singleAccess` codes end in any case. Default `true`. */
  readonly singleUseCodes?: boolean | undefined;
  /** Of which types there is a certificate. Assumption: `['tls']`. */
  readonly certificateTypes?: readonly string[] | undefined;
  /** That of the sandbox plan is `{ perMinute: 30, perDay: 86_400 }`. Assumption: 429 with `errorCodes.rateLimited`. Default `false`: no limit. */
  readonly rateLimit?: BudgeaRateLimit | false | undefined;
  /**
   * Where browsers may be sent back to, compared as texts. Default: what `PUT /clients/{id}` lists and, as an assumption, every http(s)
   * URL on `localhost`, `127.0.0.1` and `[::1]`.
   */
  readonly redirectUris?: readonly string[] | undefined;
  /** The status of `webauth`: both are documented. Default 302. */
  readonly webauthRedirect?: 302 | 307 | undefined;
  /** The `state` that `webauth` sends back where none was given. Assumption: the text `null`, as in the published example. Default `'null'`. */
  readonly webauthMissingState?: 'null' | 'omitted' | undefined;
  /** A Webview without a language is documented to redirect to the browser's; an integrator got a 503 page. Default `'redirect'`. */
  readonly webviewWithoutLanguage?: 'redirect' | 'unavailable' | undefined;
}

/** An emulated Budgea. */
export interface BudgeaSandbox extends Sandbox<BudgeaCredentials, BudgeaErrorName> {
  /** The keys of the console, beside the manage token of the credentials. */
  readonly serverTokens: BudgeaServerTokens;
  /** Who can log in at `auth/token` of 2019. */
  readonly login: BudgeaLogin;
}

/**
 * Emulates the authentication of Budgea (Powens) below `/2.0/`: users, permanent and temporary tokens, codes, service tokens, JWTs of
 * users and of the administrator, client applications, certificates, and a few calls that want a token.
 *
 * @example
 * ```ts
 * const sandbox = budgeaSandbox({ profile: '2019' });
 * const { domain, clientId, clientSecret } = sandbox.credentials;
 * const provider = budgea({ domain, clientId, clientSecret, fetch: sandbox.fetch });
 * ```
 */
export const budgeaSandbox = ({
  clock: baseClock = systemClock,
  random = Math.random,
  credentials: given = {},
  profile = 'powens',
  jwtLifetime = 30 * 60_000,
  errorCodes = {},
  serverTokens: givenTokens = {},
  login: givenLogin = {},
  tokenLength = 128,
  singleUseCodes = true,
  certificateTypes = ['tls'],
  rateLimit = false,
  redirectUris,
  webauthRedirect = 302,
  webauthMissingState = 'null',
  webviewWithoutLanguage = 'redirect',
  callLimit,
  observe,
}: BudgeaSandboxOptions = {}): BudgeaSandbox => {
  const clock = sandboxClock(baseClock);
  const credentials: BudgeaCredentials = {
    domain: given.domain ?? `demo${hexadecimals(random, 6)}-sandbox`,
    clientId: given.clientId ?? digits(random, 8),
    clientSecret: given.clientSecret ?? alphanumerics(random, 32),
    manageToken: given.manageToken ?? base64(random, 24),
  };
  const serverTokens: BudgeaServerTokens = {
    usersToken: givenTokens.usersToken ?? base64(random, 24),
    configToken: givenTokens.configToken ?? base64(random, 24),
  };
  const refuse = refusals(profile, { ...inventedErrorCodes, ...errorCodes });
  // Base64: 3 bytes are 4 characters.
  const tokenBytes = (tokenLength / 4) * 3;

  const connections = connectionState({ clock, random, enablesAccounts: profile === '2019' });
  const settings = userConfigs();
  const state = budgeaState({
    clock,
    random,
    tokenBytes,
    onUserDeleted: (id) => {
      connections.deleteAll(id);
      settings.delete(id);
    },
  });
  const clients = clientApplications({
    clock,
    random,
    ready: { clientId: credentials.clientId, secret: credentials.clientSecret, name: credentials.domain, redirectUris: redirectUris ?? [] },
  });
  const config = serverConfig(jwtLifetime);
  const services = serviceTokens(clock, random, tokenBytes);
  const jwts = userJwts({ profile, issuerOf: (id) => clients.find(id)?.issuer, lifetime: config.jwtLifetime });
  const managers = manageJwts(clock);
  const connectors = connectorsOf(profile);
  const login = pfmLogin(givenLogin, { state, random, refuse });
  const limiter = rateLimiter(clock, refuse, rateLimit);
  const authentication: Authentication = {
    state,
    jwts,
    manageJwts: managers,
    serviceTokens: services,
    manageToken: credentials.manageToken,
    serverTokens,
    refuse,
  };
  const banks = bankSessions({ clock, random });
  const webviews = webviewSessions({ clock, random });
  const browsing = { ...authentication, clients, connections, connectors, allowsLoopback: redirectUris === undefined };
  const endToken = async (token: string): Promise<void> => {
    state.revoke(token);
    services.revoke(token);
    await Promise.all([jwts.revoke(token), managers.revoke(token)]);
  };

  const app = new Hono();
  app.use(limiter.middleware);
  const routes = routesOf(app.basePath(BASE_PATH), refuse);
  authRoutes(routes, { ...authentication, clients, login, profile, singleUseCodes, endToken });
  adminRoutes(routes, authentication);
  clientRoutes(routes, { ...authentication, clients, profile });
  userRoutes(routes, { ...authentication, profile, userConfigs: settings, endToken });
  userConfigRoutes(routes, { ...authentication, profile, userConfigs: settings });
  hashRoutes(routes, { ...authentication, connections, profile });
  configRoutes(routes, { ...authentication, config });
  certificateRoutes(routes, { ...authentication, clock, certificateTypes });
  connectorRoutes(routes, { ...authentication, connectors });
  publicKeyRoutes(routes, random);
  connectionRoutes(routes, { ...authentication, profile, connections, connectors, bankUrl: bankUrlOf(banks, connectors) });
  accountRoutes(routes, { ...authentication, connections, clock });
  webauthRoutes(routes, { ...browsing, bankSessions: banks, webauthRedirect, webauthMissingState });
  webviewRoutes(routes, {
    ...browsing,
    webviewSessions: webviews,
    webviewWithoutLanguage,
    domain: credentials.domain,
    requiresDomain: profile === 'powens',
  });

  const errorResponse = errorResponses(profile, random);
  app.notFound(({ req }) => errorResponse(req.raw, refuse.notFound()));
  // `bug` is the vendor's own word for an error of its own.
  app.onError((error, { req }) => errorResponse(req.raw, error instanceof Refusal ? error : refuse.bug()));

  const vendor: Vendor<BudgeaCredentials, BudgeaErrorName> = {
    name: 'budgea',
    basePath: BASE_PATH,
    credentials,
    answer: app.fetch,
    environment: (url) => ({
      BUDGEA_DOMAIN: credentials.domain,
      BUDGEA_CLIENT_ID: credentials.clientId,
      BUDGEA_CLIENT_SECRET: credentials.clientSecret,
      BUDGEA_MANAGE_TOKEN: credentials.manageToken,
      BUDGEA_BASE_URL: url,
    }),
    errors: errorsOf(refuse, errorResponse),
    visibleQuery: new Set([...['expand', 'limit', 'offset', 'search', 'all'], ...BROWSER_QUERY]),
    endToken: (request) => endToken(bearer(request) ?? ''),
    expireTokens: () => {
      state.revokeAll();
      services.revokeAll();
      clients.revokeJwts();
      managers.revokeAll();
    },
    state: () => ({
      profile,
      users: state.users().length,
      tokens: { ...state.tokenCounts(), service: services.count() },
      connections: connections.count(),
      clients: clients.list().length,
    }),
    reset: () => {
      services.revokeAll();
      resetAll(state, clients, managers, connections, connectors, settings, config, login, limiter, banks, webviews);
    },
  };
  return { ...sandboxFrame({ vendor, clock, random, callLimit, observe }), serverTokens, login: login.login };
};

const resetAll = (...parts: readonly { readonly reset: () => void }[]): void => {
  for (const part of parts) part.reset();
};
