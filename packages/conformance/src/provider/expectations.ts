import { AuthError, type AuthErrorCode } from '@auth/core';
import { ensure } from '../check.ts';

/** The error that this rejects with. Anything but an `AuthError` ends the check. */
export const rejectionOf = async (work: Promise<unknown>, what: string, advice = ''): Promise<AuthError> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  ensure(outcome !== undefined, `${what} resolved. It has to reject. ${advice}`.trim());
  const { error } = outcome;
  ensure(
    AuthError.is(error),
    `${what} rejected with ${nameOf(error)}. Reject with an AuthError, always: others carry requests, and nobody can tell what to do about them.`,
  );
  return error;
};

/** The same, with one of these codes. */
export const rejectsWith = async (
  work: Promise<unknown>,
  codes: readonly AuthErrorCode[],
  what: string,
  advice = '',
): Promise<AuthError> => {
  const error = await rejectionOf(work, what, advice);
  ensure(codes.includes(error.code), `${what} rejected with ${error.code}. It has to be ${codes.join(' or ')}. ${advice}`.trim());
  return error;
};

/** A call that may throw before it answers a promise. */
export const called = async <T>(call: () => T | Promise<T>): Promise<T> => call();

/** What it is, without what it says. */
export const nameOf = (error: unknown): string => (error instanceof Error ? `a ${error.name}` : `a ${typeof error}`);
