/// <reference lib="esnext.disposable" preserve="true" />

import type { Token, TokenAuthority } from './authority.ts';
import type { WindowOverrides } from './engine/token-state.ts';
import type { ProviderRuntime } from './provider-runtime.ts';

/** Where tokens come from: the one call to the vendor. The engine never runs two at once for one subject. */
export interface TokenSource {
  /** Asks the vendor. Rejects with an `AuthError`; any other error becomes one. */
  readonly token: (context: TokenContext) => Promise<Token>;
}

/** What a source is called with. */
export interface TokenContext {
  /** Ends with the flight: at its deadline, or when nobody waits any more. */
  readonly signal: AbortSignal;
  /** What the last call kept, a refresh token; `null` at first. */
  readonly refreshToken: string | null;
  /**
   * Keeps a refresh token for the next call. Durable once resolved, in a store that is up. While it is down a single-use refresh token rejects with
   * `store_unavailable`; any other is held by this process until the store can take it.
   */
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
}

/** How a token is kept alive. */
export interface ManagedOptions extends Omit<ProviderRuntime, 'fetch'> {
  /** Whose token this is, in a store: provider, base URL, client, subject, scope. It is hashed, so no secret of it shows. */
  readonly key?: string | undefined;
  /** Whose refusals count together: provider, base URL and client. Default: the key. */
  readonly account?: string | undefined;
  /** A hash of the credentials that the next call would use. A refusal is remembered under it until it changes. */
  readonly fingerprint?: (() => string | Promise<string>) | undefined;
  /** Milliseconds; default by lifetime, always clamped to it. */
  readonly windows?: WindowOverrides | undefined;
  /** Serve a token past its end while the vendor is down. Only for vendors that accept it. */
  readonly serveExpired?: boolean | undefined;
  /**
   * The source spends its refresh token: it is kept before the token that came with it is returned, no call is made without the lease
   * (`store_unavailable`), and after an unclear answer none is made again (`outcome_unknown`) until `adopt`. Needs a store.
   */
  readonly singleUse?: boolean | undefined;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Named in errors, events and status. Default `custom`. */
  readonly provider?: string | undefined;
  /** Named in errors. Default `token`. */
  readonly operation?: string | undefined;
}

/** A token that is kept alive. */
export interface Managed extends Pick<TokenAuthority, 'token' | 'peek' | 'invalidate' | 'status'> {
  /** Makes a token that was obtained elsewhere the current one. Durable once resolved; rejects with `store_unavailable`, and then holds for this process. */
  readonly adopt: (token: Token, refreshToken?: string) => Promise<void>;
  /** Forgets everything stored under this key: the subject is gone. */
  readonly forget: () => Promise<void>;
  /** Forgets the refusals of this account, after somebody has put the credentials right. */
  readonly reset: () => Promise<void>;
  /** Stops background work. Later calls reject. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}
