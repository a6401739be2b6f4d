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
  /** HTTP status, where an answer came. */
  readonly status?: number | undefined;
  /** The vendor's own code, as text. */
  readonly vendorCode?: string | undefined;
  /** Milliseconds that the vendor asks to wait. */
  readonly retryAfter?: number | undefined;
  /** The vendor's name for the request, for its support desk. */
  readonly requestId?: string | undefined;
}

/** In the global registry, so that copies of this package recognise each other's errors. */
const MARKER = Symbol.for('aggregator-auth.error');

const RETRYABLE: ReadonlySet<AuthErrorCode> = new Set(['rate_limited', 'unavailable', 'timeout', 'store_unavailable']);

/**
 * The error that these packages reject with; `authorizedFetch` passes on what its transport rejects with, as a `fetch` does. The message says what happened, to what, and what to do next; neither
 * it nor any property holds a secret, and there is no `cause`, as errors of HTTP clients carry the request.
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
  // Assigned at once below. Public and string-named only: with `#private` or symbol members two copies of this class would be incompatible types.
  declare readonly code: AuthErrorCode;
  declare readonly provider: string;
  declare readonly operation: string;
  declare readonly status: number | undefined;
  declare readonly vendorCode: string | undefined;
  /** Milliseconds. */
  declare readonly retryAfter: number | undefined;
  /** Whether the same call can succeed later without anybody changing anything. */
  declare readonly retryable: boolean;
  declare readonly requestId: string | undefined;

  constructor(message: string, facts: AuthErrorFacts) {
    super(message);
    const { code, provider, operation, status, vendorCode, retryAfter, requestId } = facts;
    Object.assign(this, { code, provider, operation, status, vendorCode, retryAfter, retryable: RETRYABLE.has(code), requestId });
    Object.defineProperty(this, 'name', { value: 'AuthError' });
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Whether this is an `AuthError`, of this code if one is given. Works across copies of this package, unlike `instanceof`. */
  static is(error: unknown, code?: AuthErrorCode): error is AuthError {
    return (
      typeof error === 'object' && error !== null && MARKER in error && (code === undefined || ('code' in error && error.code === code))
    );
  }
}
