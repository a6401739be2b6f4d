import type { Clock } from '@auth/core';
import { systemClock } from '@auth/core';
import { Hono } from 'hono';
import { alphanumerics, base64, digits, hexadecimals, type Random } from '../random.ts';
import { type Sandbox, sandboxFrame } from '../sandbox.ts';
import { adminRoutes } from './admin.ts';
import { authRoutes } from './auth.ts';
import { connectorRoutes } from './connectors.ts';
import { type BudgeaErrorCodes, type BudgeaProfile, errorBody, inventedErrorCodes, Refusal, refusals } from './errors.ts';
import { manageJwts } from './manage-jwt.ts';
import { routesOf } from './routes.ts';
import { budgeaState } from './state.ts';
import { userJwts } from './user-jwt.ts';
import { userRoutes } from './users.ts';

const BASE_PATH = '/2.0/';

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
export interface BudgeaSandboxOptions {
  /** Where the vendor's time comes from. Default: `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Makes credentials and tokens; a seeded function makes them the same in every run, but not the RSA keys of JWTs. Default: `Math.random`, as nothing here is worth guarding. */
  readonly random?: Random | undefined;
  /** Default: made from `random`. */
  readonly credentials?: Partial<BudgeaCredentials> | undefined;
  /** Statuses and shapes of the 2019 documentation, or of Powens today. Default `'powens'`. */
  readonly profile?: BudgeaProfile | undefined;
  /** Milliseconds; a setting of the vendor's servers. Assumption: half an hour, as in the published example. */
  readonly jwtLifetime?: number | undefined;
  /** Assumption: codes that no source documents, see their defaults. */
  readonly errorCodes?: Partial<BudgeaErrorCodes> | undefined;
}

/** An emulated Budgea. */
export type BudgeaSandbox = Sandbox<BudgeaCredentials>;

/**
 * Emulates the authentication of Budgea (Powens) below `/2.0/`: users, permanent and temporary tokens, codes, JWTs of users and of
 * the administrator, and a few calls that want a token.
 *
 * @example
 * ```ts
 * const sandbox = budgeaSandbox({ profile: '2019' });
 * const { domain, clientId, clientSecret } = sandbox.credentials;
 * const provider = budgea({ domain, clientId, clientSecret, fetch: sandbox.fetch });
 * ```
 */
export const budgeaSandbox = ({
  clock = systemClock,
  random = Math.random,
  credentials: given = {},
  profile = 'powens',
  jwtLifetime = 30 * 60_000,
  errorCodes = {},
}: BudgeaSandboxOptions = {}): BudgeaSandbox => {
  const credentials: BudgeaCredentials = {
    domain: given.domain ?? `demo${hexadecimals(random, 6)}-sandbox`,
    clientId: given.clientId ?? digits(random, 8),
    clientSecret: given.clientSecret ?? alphanumerics(random, 32),
    manageToken: given.manageToken ?? base64(random, 24),
  };
  const refuse = refusals(profile, { ...inventedErrorCodes, ...errorCodes });
  const state = budgeaState({ clock, random });
  const jwts = userJwts({ clock, profile, clientId: credentials.clientId, lifetime: jwtLifetime });
  const managers = manageJwts(clock);
  const authentication = { state, jwts, manageJwts: managers, manageToken: credentials.manageToken, refuse };

  const app = new Hono();
  const routes = routesOf(app.basePath(BASE_PATH), refuse);
  authRoutes(routes, { ...authentication, credentials, profile });
  adminRoutes(routes, { ...authentication, domain: credentials.domain, clientId: credentials.clientId });
  userRoutes(routes, profile, authentication);
  connectorRoutes(routes);

  const errorResponse = ({ error }: Refusal): Response =>
    Response.json(errorBody(profile, error, Math.floor(random() * 2 ** 31)), { status: error.status });
  app.notFound(() => errorResponse(refuse.notFound()));
  // `bug` is the vendor's own word for an error of its own.
  app.onError((error) =>
    errorResponse(error instanceof Refusal ? error : new Refusal({ status: 500, code: 'bug', description: 'Internal error.' })),
  );

  return {
    ...sandboxFrame({ answer: app.fetch, clock, basePath: BASE_PATH, reset: () => resetAll(state, jwts, managers) }),
    credentials,
    environment: (url) => ({
      BUDGEA_DOMAIN: credentials.domain,
      BUDGEA_CLIENT_ID: credentials.clientId,
      BUDGEA_CLIENT_SECRET: credentials.clientSecret,
      BUDGEA_MANAGE_TOKEN: credentials.manageToken,
      BUDGEA_BASE_URL: url,
    }),
    expireTokens: () => {
      state.revokeAll();
      jwts.revokeAll();
      managers.revokeAll();
    },
  };
};

const resetAll = (...parts: readonly { readonly reset: () => void }[]): void => {
  for (const part of parts) part.reset();
};
