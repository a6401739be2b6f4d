import { systemClock } from '@auth/core';
import { sandboxClock } from '../clock.ts';
import { alphanumerics, digits, hexadecimals } from '../random.ts';
import { type Sandbox, type SandboxOptions, sandboxFrame } from '../sandbox.ts';
import type { Vendor } from '../vendor.ts';
import { finicityApp } from './app.ts';
import { connectLinks } from './connect-link.ts';
import type { FinicityCredentials } from './credentials.ts';
import { customerStore } from './customer-store.ts';
import type { FinicityErrorName } from './errors.ts';
import { gate } from './gate.ts';
import { partner as createPartner } from './partner.ts';
import { errorReplies } from './representation.ts';

export type { FinicityErrorName } from './errors.ts';

/** How the emulated vendor behaves. Each option that settles what no source documents is marked as an assumption. */
export interface FinicitySandboxOptions extends SandboxOptions {
  /** Default: made from `random`. */
  readonly credentials?: Partial<FinicityCredentials> | undefined;
  /** `'au'` wants the headers `App-Key` and `App-Token` and names them in its errors, its tokens live 90 minutes, and an unknown partner is 500. Assumption: all else is as in the US. Default `'us'`. */
  readonly region?: 'us' | 'au' | undefined;
  /** Milliseconds. Default: the documented two hours, in Australia 90 minutes. */
  readonly tokenLifetime?: number | undefined;
  /** Refused secrets until the partner is locked. Default: the documented 5. Assumption: the last of them is still refused as 10001. */
  readonly lockAfter?: number | undefined;
  /** Assumption: the right secret sets the count of refused ones back to 0. Default `true`. */
  readonly successResetsCounter?: boolean | undefined;
  /** The status that goes with code 24302: error pages show 500, the specification 401. Assumption: this call answers as the error pages do. Default 500. */
  readonly lockedAs?: 500 | 401 | undefined;
  /** How an unknown app key is refused. Assumption: as documented for other calls, in plain text; other services answer code 10027 or an `errorCode`, and a gateway may answer an empty 429. Default `'text'`. */
  readonly invalidAppKey?: 'text' | 'json-10027' | 'json-errorCode' | '429' | undefined;
  /** App keys of another partner. Assumption: right credentials with one of them are refused with 10021, tokens with 10022. Default: none. */
  readonly foreignAppKeys?: readonly string[] | undefined;
  /** Both are documented for JSON errors. Assumption: this service sends numbers. Default `'number'`. */
  readonly codesAs?: 'number' | 'string' | undefined;
  /** `'test'` refuses active customers with an empty 401. Assumption: `'production'` takes testing customers too. Default `'test'`. */
  readonly plan?: 'test' | 'production' | undefined;
  /** Testing customers at once. Default: the documented 500. Assumption: one more is refused with 14020. */
  readonly testingCustomerLimit?: number | undefined;
  /** Refuses everything: 403 as to a caller in another country, or 503 as during maintenance. Assumption: with an empty body. Default: neither. */
  readonly outage?: 'region' | 'maintenance' | undefined;
}

/** An emulated Finicity. */
export interface FinicitySandbox extends Sandbox<FinicityCredentials, FinicityErrorName> {
  /** Refused secrets since the last success, as far as they count towards the lock. */
  readonly failedAttempts: number;
  /** Whether the partner is locked; the vendor has no automatic end to that. */
  readonly locked: boolean;
  /** What the vendor's support does for a locked partner. */
  readonly unlock: () => void;
}

/**
 * Emulates Finicity (Mastercard Open Finance US): access tokens, change of the partner secret with its 30 days of grace, the
 * lock after five refused secrets, institutions, customers, their accounts, and Connect links with the page behind them.
 *
 * @example
 * ```ts
 * const sandbox = finicitySandbox();
 * const provider = finicity({ ...sandbox.credentials, fetch: sandbox.fetch });
 * ```
 */
export const finicitySandbox = ({
  clock: baseClock = systemClock,
  random = Math.random,
  credentials: given = {},
  region = 'us',
  tokenLifetime = (region === 'us' ? 120 : 90) * 60_000,
  lockAfter = 5,
  successResetsCounter = true,
  lockedAs = 500,
  invalidAppKey = 'text',
  foreignAppKeys = [],
  codesAs = 'number',
  plan = 'test',
  testingCustomerLimit = 500,
  outage,
  callLimit,
  observe,
}: FinicitySandboxOptions = {}): FinicitySandbox => {
  const clock = sandboxClock(baseClock);
  const credentials: FinicityCredentials = {
    partnerId: given.partnerId ?? digits(random, 13),
    partnerSecret: given.partnerSecret ?? alphanumerics(random, 20),
    appKey: given.appKey ?? hexadecimals(random, 32),
  };
  const { partnerId, partnerSecret, appKey } = credentials;
  const partner = createPartner({ credentials, clock, random, lockAfter, successResetsCounter, tokenLifetime });
  const customers = customerStore({ clock, testingLimit: testingCustomerLimit });
  const links = connectLinks({ clock, secret: partnerSecret });
  const doors = gate({ partner, appKey, foreignAppKeys, invalidAppKey, outage, region });
  const style = { codesAs, region };
  const app = finicityApp({ clock, partnerId, partner, customers, links, doors, plan, lockedAs, style });

  const vendor: Vendor<FinicityCredentials, FinicityErrorName> = {
    name: 'finicity',
    basePath: '/',
    credentials,
    answer: app.fetch,
    environment: (url) => ({
      FINICITY_PARTNER_ID: partnerId,
      FINICITY_PARTNER_SECRET: partnerSecret,
      FINICITY_APP_KEY: appKey,
      FINICITY_CUSTOMERS: plan === 'test' ? 'testing' : 'active',
      FINICITY_REGION: region,
      FINICITY_BASE_URL: url,
    }),
    errors: errorReplies(style),
    // Neither ids nor usernames, and no signature. What is searched for is shown.
    visibleQuery: new Set(['search', 'start', 'limit', 'type', 'supportedCountries', 'status', 'account_type', 'auto', 'origin', 'ttl']),
    // Assumption: a token that the vendor ends is an expired one to it, not an unknown one.
    endToken: (request) => partner.endToken(doors.tokenOf(request)),
    expireTokens: partner.expireTokens,
    state: () => ({
      failedAttempts: partner.failedAttempts(),
      locked: partner.isLocked(),
      liveTokens: partner.liveTokens(),
      customers: customers.count(),
      accounts: customers.countAccounts(),
    }),
    unlock: partner.unlock,
    reset: () => {
      partner.reset();
      customers.reset();
      links.reset();
    },
  };

  const frame = sandboxFrame({ vendor, clock, random, callLimit, observe });
  return {
    ...frame,
    get failedAttempts() {
      return partner.failedAttempts();
    },
    get locked() {
      return partner.isLocked();
    },
    unlock: partner.unlock,
  };
};
