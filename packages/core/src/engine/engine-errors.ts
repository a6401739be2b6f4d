import type { AuthErrorCode } from '../errors.ts';
import { AuthError, copyOf, kindOf } from '../errors.ts';

/** The errors of one engine. All carry its provider and its operation, because that is what the caller asked for. */
export interface EngineErrors {
  readonly provider: string;
  readonly operation: string;
  readonly make: (code: AuthErrorCode, message: string) => AuthError;
  /** Any failure as an `AuthError`. `codeOfUnknown` is for what a source threw that is not one; default `unavailable`. */
  readonly from: (cause: unknown, codeOfUnknown?: AuthErrorCode) => AuthError;
}

/** Errors under this provider and operation. */
export const engineErrors = (provider: string, operation: string): EngineErrors => {
  const make = (code: AuthErrorCode, message: string): AuthError => new AuthError(message, { code, provider, operation });
  return {
    provider,
    operation,
    make,
    from: (cause, codeOfUnknown = 'unavailable') => {
      if (AuthError.is(cause)) return cause.operation === operation ? cause : copyOf(cause, { operation });
      // Neither message nor cause of a foreign error: HTTP clients put the request into both.
      return make(codeOfUnknown, `The source failed with ${kindOf(cause)}. Let it reject with an AuthError.`);
    },
  };
};

/** Only a vendor's word about the credentials counts; networks, 5xx and 429 never do. */
const DEFINITE: ReadonlySet<AuthErrorCode> = new Set(['invalid_credentials', 'locked']);

/** Whether the vendor refused these very credentials. */
export const isDefiniteRefusal = (error: unknown): error is AuthError => AuthError.is(error) && DEFINITE.has(error.code);

/** Whether only new credentials or a reset of the guard can help. */
export const isRefused = (error: AuthError): boolean => DEFINITE.has(error.code) || error.code === 'attempts_exhausted';

/** The engine has been disposed of. */
export const gone = ({ make }: EngineErrors): AuthError => make('aborted', 'This provider has been disposed of. Make a new one.');
