import { AuthError, type AuthErrorCode, type AuthErrorFacts } from '../errors.ts';

/** What a vendor's code, status or word means: the rows of its tables. The message ends with what to do next. */
export type Meaning = readonly [code: AuthErrorCode, message: string];

/** Makes an error of one provider. The message says what happened, to what, and what to do next. */
export type MakeError = (
  code: AuthErrorCode,
  operation: string,
  message: string,
  facts?: Pick<AuthErrorFacts, 'status' | 'vendorCode' | 'requestId' | 'authority'>,
) => AuthError;

/**
 * The errors of one provider. Of the facts, only those of an answer are taken, so another error can be passed for them.
 *
 * @example
 * ```ts
 * const fail = errorsOf('acme');
 * throw fail('invalid_request', 'users.create', 'The reference is empty. Nothing was sent. Pass your own id of this user.');
 * ```
 */
export const errorsOf =
  (provider: string): MakeError =>
  (code, operation, message, { status, vendorCode, requestId, authority } = {}) =>
    new AuthError(message, { code, provider, operation, status, vendorCode, requestId, authority });
