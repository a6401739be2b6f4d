import { digest } from '../engine/hash.ts';
import { AuthError, kindOf } from '../errors.ts';

/** A secret, or a function that returns it: the function is called again after the vendor has refused its secret. */
export type SecretSource = string | (() => string | Promise<string>);

/**
 * The secret as it is now. Rejects with `unavailable` if its function fails, and with `misconfigured` if there is no secret, or one with
 * white space around it, such as the line break at the end of a file: it would be refused, which can cost an attempt. Nothing is sent
 * then. What the function threw is left out, because it may hold the secret.
 */
export const readSecret = async (
  source: SecretSource,
  { provider, option }: { readonly provider: string; readonly option: string },
): Promise<string> => {
  const fail = (code: 'unavailable' | 'misconfigured', what: string): AuthError =>
    new AuthError(`The function for ${option} ${what}. Nothing was sent.`, { code, provider, operation: 'options' });
  let secret: unknown;
  try {
    secret = typeof source === 'string' ? source : await source();
  } catch (error) {
    throw fail('unavailable', `failed with ${kindOf(error)}`);
  }
  if (typeof secret !== 'string' || secret.trim() === '') throw fail('misconfigured', 'returned no secret');
  if (secret !== secret.trim())
    throw new AuthError(`${option} begins or ends with white space. Trim it where it is read. Nothing was sent.`, {
      code: 'misconfigured',
      provider,
      operation: 'options',
    });
  return secret;
};

/** Names credentials without containing them: a hash of all parts, which are encoded injectively. */
export const fingerprintOf = (...parts: readonly string[]): Promise<string> => digest(JSON.stringify(parts));
