import { hasFunctions } from '../runtime-options.ts';
import type { MakeError } from './errors-of.ts';

/**
 * The argument, if it is an object. From JavaScript it may be left out, or be something else: throws `invalid_request`, and says what to write.
 * `call` is an example that begins with the operation.
 *
 * @example
 * ```ts
 * const fail = errorsOf('acme');
 * const create = async (user: NewUser) => {
 *   const { reference } = objectArgument(user, 'users.create({ reference })', fail);
 *   return { reference };
 * };
 * ```
 */
export const objectArgument = <T>(given: T, call: string, fail: MakeError): T & object => {
  if (typeof given === 'object' && given !== null && !hasFunctions('then')(given)) return given;
  const [operation = call] = call.split('(', 1);
  const what = typeof given === 'object' && given !== null ? 'was given a promise: await it first' : `takes an object: ${call}`;
  throw fail('invalid_request', operation, `${operation} ${what}. Nothing was sent.`);
};

/** The callback's URL as text. Throws `invalid_request` for anything but a string or a `URL`, such as the session in its place. */
export const callbackArgument = (callbackUrl: string | URL, operation: string, fail: MakeError): string => {
  if (typeof callbackUrl === 'string' || callbackUrl instanceof URL) return String(callbackUrl);
  throw fail(
    'invalid_request',
    operation,
    `${operation} takes the URL of the callback, then the session: ${operation}(request.url, session). Nothing was sent.`,
  );
};
