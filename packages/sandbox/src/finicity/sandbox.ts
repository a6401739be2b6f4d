import type { Clock } from '@auth/core';
import { systemClock } from '@auth/core';
import { Hono, type MiddlewareHandler } from 'hono';
import { alphanumerics, digits, hexadecimals, type Random } from '../random.ts';
import { type Sandbox, sandboxFrame } from '../sandbox.ts';
import { authenticationRoutes } from './authentication.ts';
import {
  expiredToken,
  type FinicityError,
  invalidAppKey as invalidAppKeyError,
  invalidToken,
  missingAppKey,
  missingToken,
  Refusal,
  resourceNotFound,
} from './errors.ts';
import { institutionRoutes } from './institutions.ts';
import { partner as createPartner, type Partner } from './partner.ts';
import { errorResponse, text } from './representation.ts';

/** A partner's account. */
export interface FinicityCredentials {
  /** 13 digits. */
  readonly partnerId: string;
  /** 20 letters and digits. The secret at creation: a later change of it at the vendor is not shown here. */
  readonly partnerSecret: string;
  /** 32 hexadecimal digits. */
  readonly appKey: string;
}

/** How the emulated vendor behaves. Each option that settles what no source documents is marked as an assumption. */
export interface FinicitySandboxOptions {
  /** Where the vendor's time comes from. Default: `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Makes credentials and tokens; a seeded function makes them the same in every run. Default: `Math.random`, as nothing here is worth guarding. */
  readonly random?: Random | undefined;
  /** Default: made from `random`. */
  readonly credentials?: Partial<FinicityCredentials> | undefined;
  /** Milliseconds. Default: the documented two hours. */
  readonly tokenLifetime?: number | undefined;
  /** Refused secrets until the partner is locked. Default: the documented 5. Assumption: the last of them is still refused as 10001. */
  readonly lockAfter?: number | undefined;
  /** Assumption: the right secret sets the count of refused ones back to 0. Default `true`. */
  readonly successResetsCounter?: boolean | undefined;
  /** The status that goes with code 24302: error pages show 500, the specification 401. Assumption: this call answers as the error pages do. Default 500. */
  readonly lockedAs?: 500 | 401 | undefined;
  /** How an unknown app key is refused. Assumption: as documented for other calls, in plain text; other services answer code 10027, and a gateway may answer an empty 429. Default `'text'`. */
  readonly invalidAppKey?: 'text' | 'json-10027' | '429' | undefined;
  /** Both are documented for JSON errors. Assumption: this service sends numbers. Default `'number'`. */
  readonly codesAs?: 'number' | 'string' | undefined;
}

/** An emulated Finicity. */
export interface FinicitySandbox extends Sandbox<FinicityCredentials> {
  /** Refused secrets since the last success, as far as they count towards the lock. */
  readonly failedAttempts: number;
  /** Whether the partner is locked; the vendor has no automatic end to that. */
  readonly locked: boolean;
  /** What the vendor's support does for a locked partner. */
  readonly unlock: () => void;
}

/**
 * Emulates the authentication of Finicity (Mastercard Open Finance US): access tokens, change of the partner secret with
 * its 30 days of grace, the lock after five refused secrets, and institutions as something to call with a token.
 *
 * @example
 * ```ts
 * const sandbox = finicitySandbox();
 * const provider = finicity({ ...sandbox.credentials, fetch: sandbox.fetch });
 * ```
 */
export const finicitySandbox = ({
  clock = systemClock,
  random = Math.random,
  credentials: given = {},
  tokenLifetime = 2 * 60 * 60_000,
  lockAfter = 5,
  successResetsCounter = true,
  lockedAs = 500,
  invalidAppKey = 'text',
  codesAs = 'number',
}: FinicitySandboxOptions = {}): FinicitySandbox => {
  const credentials: FinicityCredentials = {
    partnerId: given.partnerId ?? digits(random, 13),
    partnerSecret: given.partnerSecret ?? alphanumerics(random, 20),
    appKey: given.appKey ?? hexadecimals(random, 32),
  };
  const partner = createPartner({ credentials, clock, random, lockAfter, successResetsCounter, tokenLifetime });

  const app = new Hono();
  app.use(requireAppKey(credentials.appKey, invalidAppKey));
  authenticationRoutes(app, { partnerId: credentials.partnerId, partner, lockedAs });
  institutionRoutes(app, { clock, requireToken: requireToken(partner) });
  // Assumption: a known path with another method is as unknown as any other path.
  app.notFound(({ req }) => errorResponse(req.raw, resourceNotFound, codesAs));
  app.onError((error, { req }) =>
    error instanceof Refusal ? errorResponse(req.raw, error.error, codesAs) : text('Internal Server Error', 500),
  );

  return {
    ...sandboxFrame({ answer: app.fetch, clock, basePath: '/', reset: partner.reset }),
    credentials,
    environment: (url) => ({
      FINICITY_PARTNER_ID: credentials.partnerId,
      FINICITY_PARTNER_SECRET: credentials.partnerSecret,
      FINICITY_APP_KEY: credentials.appKey,
      FINICITY_BASE_URL: url,
    }),
    expireTokens: partner.expireTokens,
    get failedAttempts() {
      return partner.failedAttempts();
    },
    get locked() {
      return partner.isLocked();
    },
    unlock: partner.unlock,
  };
};

/** Comes before everything, routing included. */
const requireAppKey =
  (appKey: string, refuseAs: 'text' | 'json-10027' | '429'): MiddlewareHandler =>
  async ({ req }, next) => {
    const sent = req.header('finicity-app-key') ?? '';
    if (sent === '') throw new Refusal(missingAppKey);
    if (sent === appKey) return next();
    if (refuseAs === 'json-10027') throw new Refusal(invalidAppKeyError);
    return refuseAs === 'text' ? text('Invalid (Finicity-App-Key)', 401) : new Response(null, { status: 429 });
  };

const requireToken =
  (partner: Partner): MiddlewareHandler =>
  async ({ req }, next) => {
    const token = req.header('finicity-app-token') ?? '';
    if (token === '') throw new Refusal(missingToken);
    const state = partner.tokenState(token);
    if (state !== 'live') throw new Refusal(REFUSED_TOKENS[state]);
    return next();
  };

const REFUSED_TOKENS: Readonly<Record<'expired' | 'unknown', FinicityError>> = { expired: expiredToken, unknown: invalidToken };
