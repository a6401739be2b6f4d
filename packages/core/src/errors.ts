/** Why something failed, for machines. Documented one by one in the guide to errors. */
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
 * The only error that these packages reject with. The message says what happened, to what, and what to do next; neither
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
  // Public and string-named only: with `#private` or symbol members two copies of this class would be incompatible types.
  readonly code: AuthErrorCode;
  readonly provider: string;
  readonly operation: string;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
  /** Whether the same call can succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly requestId: string | undefined;

  constructor(message: string, facts: AuthErrorFacts) {
    super(message);
    this.code = facts.code;
    this.provider = facts.provider;
    this.operation = facts.operation;
    this.status = facts.status;
    this.vendorCode = facts.vendorCode;
    this.retryAfter = facts.retryAfter;
    this.retryable = RETRYABLE.has(facts.code);
    this.requestId = facts.requestId;
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
