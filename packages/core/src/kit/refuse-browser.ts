import { AuthError } from '../errors.ts';

/**
 * Throws `misconfigured` in a browser's window, where anyone who opens the page can read what a provider holds. Servers, edge workers
 * and tests with an emulated document pass. `secret` names the secret in the error: the option and its variable.
 *
 * @example
 * ```ts
 * refuseBrowser({ provider: 'acme', secret: 'clientSecret (ACME_CLIENT_SECRET)' });
 * ```
 */
export const refuseBrowser = ({ provider, secret }: { readonly provider: string; readonly secret: string }): void => {
  if (!isBrowserWindow()) return;
  throw new AuthError(
    `${secret} must not be in a browser: anyone who opens the page can read it. Use ${provider} on your server, and change the secret if the page was ever published.`,
    { code: 'misconfigured', provider, operation: 'options' },
  );
};

/** Tells by the globals of each runtime: bundlers bring a `process` without versions into pages, and workers have no document. */
const isBrowserWindow = (): boolean => {
  const [window, document, deno, bun, process] = ['window', 'document', 'Deno', 'Bun', 'process'].map((name) => memberOf(globalThis, name));
  if (window === undefined || document === undefined || deno !== undefined || bun !== undefined) return false;
  return memberOf(memberOf(process, 'versions'), 'node') === undefined;
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
