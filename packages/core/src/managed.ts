import { createEngine } from './engine/engine.ts';
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
  const engine = createEngine(() => source, options);
  // `refused` and `accepted` stay, for `tokenAuthority` of the kit.
  const { current: _, ...handle } = engine.of();
  return { ...handle, [Symbol.asyncDispose]: engine[Symbol.asyncDispose] };
};
