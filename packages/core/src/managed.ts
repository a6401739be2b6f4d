import { createEngine } from './engine/engine.ts';
import { AuthError } from './errors.ts';
import type { Managed, ManagedOptions, TokenSource } from './token-source.ts';

/**
 * Keeps the token of one source alive: one call for N concurrent callers, renewal in the background before the token expires, the old
 * token served while a renewal fails, refused credentials never sent again.
 *
 * @example
 * ```ts
 * const tokens = managed({
 *   token: async ({ signal }) => {
 *     const issuedAt = Date.now();
 *     const { value, seconds } = await requestToken(signal);
 *     return { value, issuedAt, expiresAt: issuedAt + seconds * 1000 };
 *   },
 * });
 * const { value } = await tokens.token();
 * ```
 */
export const managed = (source: TokenSource, options: ManagedOptions = {}): Managed => {
  checkArguments(source, options);
  const engine = createEngine(() => source, options);
  // `refused` and `accepted` stay, for `tokenAuthority` of the kit.
  const { current: _, ...handle } = engine.of();
  return { ...handle, [Symbol.asyncDispose]: engine[Symbol.asyncDispose] };
};

const OPTIONS: Readonly<Record<keyof ManagedOptions, true>> = {
  store: true,
  key: true,
  account: true,
  tenant: true,
  fingerprint: true,
  windows: true,
  serveExpired: true,
  singleUse: true,
  whenStoreIsDown: true,
  waitUntil: true,
  clock: true,
  random: true,
  observe: true,
  provider: true,
  operation: true,
};

/** From JavaScript anything may come, and a misspelt option would be ignored: a token that should be shared would not be. */
const checkArguments = (source: TokenSource, options: ManagedOptions): void => {
  const misuse = (message: string): AuthError => new AuthError(message, { code: 'misconfigured', provider: 'core', operation: 'managed' });
  if (typeof source?.token !== 'function') throw misuse('managed takes a source: managed({ token: async ({ signal }) => … }).');
  if (typeof options !== 'object' || options === null) throw misuse('managed takes an object of options: managed(source, { store, key }).');
  const names = Object.keys(OPTIONS);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw misuse(`${unknown} is not an option of managed; the options are ${names.join(', ')}.`);
};
