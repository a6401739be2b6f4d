/// <reference lib="esnext.disposable" preserve="true" />

/**
 * The contract between products, providers and the engine. Three rules keep it honest:
 *
 * - Nothing that a provider implements is optional. Features that a vendor lacks are absent, see `capabilities.ts`.
 * - Members are readonly function properties, never methods: methods are compared bivariantly, so a provider that asks
 *   for more than the contract gives would compile.
 * - A new member here is a new contract version. New capabilities and new option properties are not.
 */
import type { Authority } from './authority.ts';
import type { Capabilities, Capability } from './capabilities.ts';

/**
 * One vendor, configured. A function lists the capabilities that it requires: `AuthProvider<'users' | 'connect'>`.
 *
 * @example
 * ```ts
 * const invite = async (provider: AuthProvider<'users'>, reference: string): Promise<string> => {
 *   const user = await provider.users.create({ reference });
 *   return user.id;
 * };
 * ```
 */
export type AuthProvider<C extends Capability = never> = {
  /** `finicity`, `budgea`: a literal in concrete types, which tells them apart. */
  readonly id: string;
  /** The version of this contract, not of a package. */
  readonly contract: 1;
  readonly baseUrl: string;
  /**
   * Requests about one end user, whatever that takes at this vendor. `userId` is the vendor's subject, as `users.create`
   * and `connect.complete` return it: Finicity's customer, Budgea's user, elsewhere one connection. Store the id; tokens
   * stay in the store.
   */
  readonly asUser: (userId: string) => Authority;
  /**
   * Forgets the refusals of this provider's accounts, in every process that shares the store. Call it after the credentials were fixed, or the
   * vendor has unlocked the account. Sends nothing. Rejects with `store_unavailable` while the store is down.
   */
  readonly reset: () => Promise<void>;
  /** Ends background work. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
} & Readonly<Pick<Capabilities, C>>;

/**
 * Whether the provider has all of these capabilities. Narrows its type accordingly.
 *
 * @example
 * ```ts
 * if (supports(provider, 'revocation')) await provider.revocation.revoke(userId);
 * ```
 */
export const supports = <P extends AuthProvider, C extends Capability>(
  provider: P,
  ...capabilities: readonly [C, ...C[]]
): provider is P & AuthProvider<C> => capabilities.every((capability) => capability in provider);

/**
 * The parsed data of a vendor call, with status and headers on demand. A rejection reaches whichever of the two is awaited, and is never
 * unhandled.
 */
export interface ApiPromise<T> extends Promise<T> {
  /** The same call, not a second one. */
  readonly withResponse: () => Promise<ApiResponse<T>>;
}

/** What `.withResponse()` resolves to. */
export interface ApiResponse<T> {
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
}
