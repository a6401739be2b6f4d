/** Why something failed, for machines. What to do about each is in this package's README. */
export type AuthErrorCode =
  | 'misconfigured'
  | 'invalid_credentials'
  | 'locked'
  | 'attempts_exhausted'
  | 'invalid_token'
  | 'reconnect_required'
  | 'forbidden'
  | 'region_blocked'
  | 'not_found'
  | 'conflict'
  | 'rate_limited'
  | 'invalid_request'
  | 'invalid_response'
  | 'unavailable'
  | 'timeout'
  | 'outcome_unknown'
  | 'aborted'
  | 'foreign_origin'
  | 'state_mismatch'
  | 'consent_denied'
  | 'store_unavailable'
  | 'contract_mismatch';

/** What is known about a failure. Strings and numbers only, none of them secret. */
export interface AuthErrorFacts {
  readonly code: AuthErrorCode;
  /** The provider's id. */
  readonly provider: string;
  /** What was being done: `application.token`, `users.create`, `api.createToken`. */
  readonly operation: string;
  /** The HTTP status, if an answer arrived. */
  readonly status?: number | undefined;
  /** The vendor's own code, as text; where no answer arrived, the system's: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly vendorCode?: string | undefined;
  /**
   * How long the vendor asks to wait, in milliseconds. What is not a finite number counts as left out, because `Number` of a date is NaN; a
   * negative one counts as 0.
   */
  readonly retryAfter?: number | undefined;
  /** The vendor's id of the request, to quote to its support desk. */
  readonly requestId?: string | undefined;
  /** The subject's name in events and status, where the failure is about one subject: joins what is logged. */
  readonly authority?: string | undefined;
}

/** What `JSON.stringify` and the JSON loggers show of an `AuthError`: no stack, and nothing that is not known. */
export interface AuthErrorJson extends AuthErrorFacts {
  readonly name: 'AuthError';
  readonly message: string;
  readonly retryable: boolean;
}

/** In the global registry, so that copies of this package recognise each other's errors. */
const MARKER = Symbol.for('aggregator-auth.error');

/** Like any member that is assigned: frameworks change errors. */
const OPEN = { writable: true, configurable: true } as const;

const RETRYABLE: ReadonlySet<AuthErrorCode> = new Set(['rate_limited', 'unavailable', 'timeout', 'store_unavailable']);

/**
 * The error that these packages reject with. The message says what happened, to what, and what to do next. Neither the message nor any
 * property holds a secret, and there is no `cause`, because errors of HTTP clients carry the request. Like any `fetch`, `authorizedFetch`
 * also passes on the errors of its transport.
 *
 * @example
 * ```ts
 * try {
 *   await provider.asUser(userId).authorize(request);
 * } catch (error) {
 *   if (AuthError.is(error, 'locked')) await page(error.message);
 *   else if (AuthError.is(error) && error.retryable) await retryLater(error.retryAfter);
 *   else throw error;
 * }
 * ```
 */
export class AuthError extends Error {
  // Assigned together in the constructor. Public, with string names only: `#private` or symbol members would make two copies of this class
  // incompatible types.
  declare readonly code: AuthErrorCode;
  declare readonly provider: string;
  declare readonly operation: string;
  declare readonly status: number | undefined;
  declare readonly vendorCode: string | undefined;
  /** Milliseconds: what the vendor asked for, or what is left of the pause after a failure that is answered again. */
  declare readonly retryAfter: number | undefined;
  /** Whether the same call can succeed later without any change. */
  declare readonly retryable: boolean;
  declare readonly requestId: string | undefined;
  /** The subject's name, as events and status have it: which user it was, without the user's id. */
  declare readonly authority: string | undefined;

  constructor(message: string, facts: AuthErrorFacts) {
    super(message);
    const { code, provider, operation, status, vendorCode, requestId, authority } = facts;
    const retryAfter = Number.isFinite(facts.retryAfter) ? Math.max(0, Number(facts.retryAfter)) : undefined;
    const all = { code, provider, operation, status, vendorCode, retryAfter, retryable: RETRYABLE.has(code), requestId, authority };
    // What is not known is not enumerable, so that nothing prints it as `undefined`.
    for (const [name, value] of Object.entries(all)) Object.defineProperty(this, name, { value, enumerable: value !== undefined, ...OPEN });
    Object.defineProperty(this, 'name', { value: 'AuthError' });
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** For `JSON.stringify` and JSON loggers: the message too, which says what to do. */
  toJSON(): AuthErrorJson {
    // The rest is what is enumerable.
    const { name: _, message, ...facts } = this;
    return { name: 'AuthError', message, ...facts };
  }

  /** Whether this is an `AuthError`, with this code if one is given. Works across copies of this package, unlike `instanceof`. */
  static is(error: unknown, code?: AuthErrorCode): error is AuthError {
    return (
      typeof error === 'object' && error !== null && MARKER in error && (code === undefined || ('code' in error && error.code === code))
    );
  }
}

/** The same failure for one caller, who may change it, and whose stack it has: made after an `await`, it leads to those who wait. */
export const copyOf = (error: AuthError, changes: Partial<AuthErrorFacts> = {}): AuthError =>
  new AuthError(error.message, { ...error, ...changes });

/** What kind of thing was thrown, for a message: the name of a class, or a type. Never more, because a name may be set to a URL with its secret. */
export const kindOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return typeof thrown;
  return typeof thrown.name === 'string' && /^[\w.$]{1,60}$/.test(thrown.name) ? thrown.name : 'Error';
};
