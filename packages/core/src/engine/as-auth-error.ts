import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';

/** Makes an error of this engine. */
export type MakeError = (code: AuthErrorCode, message: string) => AuthError;

/** Any failure as an `AuthError` under this operation's name, because that is what the caller asked for. */
export const authErrorsOf =
  (operation: string, fail: MakeError, codeOfUnknown: 'unavailable' | 'outcome_unknown' = 'unavailable') =>
  (cause: unknown): AuthError => {
    if (AuthError.is(cause)) return cause.operation === operation ? cause : new AuthError(cause.message, { ...cause, operation });
    // Neither message nor cause of a foreign error: HTTP clients put the request into both.
    return fail(
      codeOfUnknown,
      `The source failed with ${cause instanceof Error ? cause.name : typeof cause}. Let it reject with an AuthError.`,
    );
  };
