import type { MiddlewareHandler } from 'hono';
import { errors, type FinicityErrorName, Refusal } from './errors.ts';
import type { Partner } from './partner.ts';

/** Where a region looks for the key and the token. */
const HEADERS = {
  us: { key: 'finicity-app-key', token: 'finicity-app-token' },
  au: { key: 'app-key', token: 'app-token' },
} as const;

/** How an unknown app key is refused. */
export type InvalidAppKey = 'text' | 'json-10027' | 'json-errorCode' | '429';

/** What stands before the routes. */
export interface GateOptions {
  readonly partner: Partner;
  readonly appKey: string;
  readonly foreignAppKeys: readonly string[];
  readonly invalidAppKey: InvalidAppKey;
  readonly outage: 'region' | 'maintenance' | undefined;
  readonly region: 'us' | 'au';
}

/** The checks that come before a route, in the order in which the vendor makes them. */
export interface Gate {
  /** Nothing else is looked at while the vendor is out of reach. */
  readonly requireService: MiddlewareHandler;
  /** Comes before routing, so it is asked for on every path of the API. */
  readonly requireAppKey: MiddlewareHandler;
  /** Refuses requests without a live app token. */
  readonly requireToken: MiddlewareHandler;
  /** Whether the request's app key is another partner's. */
  readonly isForeign: (request: Request) => boolean;
  /** The app token that the request carries, `''` without one. */
  readonly tokenOf: (request: Request) => string;
}

/** Builds the checks. */
export const gate = ({ partner, appKey, foreignAppKeys, invalidAppKey, outage, region }: GateOptions): Gate => {
  const headers = HEADERS[region];
  const foreign = new Set(foreignAppKeys);
  const keyOf = (request: Request): string => request.headers.get(headers.key) ?? '';
  const tokenOf = (request: Request): string => request.headers.get(headers.token) ?? '';
  const isForeign = (request: Request): boolean => foreign.has(keyOf(request));

  return {
    isForeign,
    tokenOf,
    requireService: async (_, next) => {
      if (outage !== undefined) throw new Refusal(errors[outage === 'region' ? 'regionBlocked' : 'maintenance']);
      return next();
    },
    requireAppKey: async ({ req }, next) => {
      const sent = keyOf(req.raw);
      if (sent === '') throw new Refusal(errors.missingAppKey);
      if (sent === appKey || foreign.has(sent)) return next();
      throw new Refusal(errors[REFUSED_KEYS[invalidAppKey]]);
    },
    requireToken: async ({ req }, next) => {
      const token = tokenOf(req.raw);
      if (token === '') throw new Refusal(errors.missingToken);
      // A token works with the app keys of its own partner only.
      const state = isForeign(req.raw) ? 'unknown' : partner.tokenState(token);
      if (state !== 'live') throw new Refusal(errors[state === 'expired' ? 'expiredToken' : 'invalidToken']);
      return next();
    },
  };
};

const REFUSED_KEYS: Readonly<Record<InvalidAppKey, FinicityErrorName>> = {
  text: 'invalidAppKeyText',
  'json-10027': 'invalidAppKey10027',
  'json-errorCode': 'invalidAppKeyErrorCode',
  '429': 'invalidAppKeyThrottled',
};
