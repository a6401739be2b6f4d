/// <reference lib="esnext.disposable" preserve="true" />

import type { Token, TokenAuthority } from './authority.ts';
import type { WindowOverrides } from './engine/token-state.ts';
import type { ProviderRuntime } from './provider-runtime.ts';

/** Where tokens come from: the one call to the vendor. The engine never runs two calls at once for one subject. */
export interface TokenSource {
  /**
   * Asks the vendor for a token. Rejects with an `AuthError`; any other error becomes one. What is not a token is `invalid_response`.
   * Callers get a frozen copy.
   */
  readonly token: (context: TokenContext) => Promise<Token>;
}

/** What a source is called with. */
export interface TokenContext {
  /** Aborts when the flight is given up: at its deadline, or when nobody waits any more. */
  readonly signal: AbortSignal;
  /** The refresh token that was saved last; `null` at first. */
  readonly refreshToken: string | null;
  /**
   * Saves a refresh token for the next call. Durable once resolved, if the store is up. While the store is down, a single-use refresh
   * token rejects with `store_unavailable`; any other is held by this process until the store can take it. Anything but a string with text
   * in it rejects with `invalid_response`, before anything is written: where the vendor leaves the refresh token out of its answer, do not
   * call this, and the old one goes on.
   */
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
}

/** How a token is kept alive. */
export interface ManagedOptions extends Omit<ProviderRuntime, 'fetch'> {
  /** Whose token this is, in a store: provider, base URL, client, subject, scope, and `tenant` beside it. Stored as a hash. */
  readonly key?: string | undefined;
  /** The account whose refusals count together: provider, base URL and client. Default: the key. */
  readonly account?: string | undefined;
  /** A hash of the credentials that the next call would use. A refusal is remembered under it until it changes. */
  readonly fingerprint?: (() => string | Promise<string>) | undefined;
  /** In milliseconds. The default depends on the token's lifetime; windows are always clamped to the lifetime. */
  readonly windows?: WindowOverrides | undefined;
  /** Serves an expired token while the vendor is down. Only for vendors that accept it. */
  readonly serveExpired?: boolean | undefined;
  /**
   * A refresh token can be used only once. So the next one is saved before the token that came with it is returned, no call is made
   * without the lease (`store_unavailable`), and after an unclear answer no more calls are made (`outcome_unknown`) until `adopt`. Needs
   * a store.
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
  /**
   * Makes a token that was obtained elsewhere the current one, and its refresh token, if there is one, the next to be sent. Durable once
   * resolved; if it rejects with `store_unavailable`, the token still holds for this process. Rejects with `invalid_response` for what is
   * not a token or has ended, and changes nothing then.
   */
  readonly adopt: (token: Token, refreshToken?: string) => Promise<void>;
  /**
   * Forgets everything stored under this key: the subject is gone. Also deletes text that is not an entry, which everything else leaves
   * alone (`misconfigured`).
   */
  readonly forget: () => Promise<void>;
  /** Forgets the refusals of this account. Call it after the credentials were fixed. */
  readonly reset: () => Promise<void>;
  /** Stops background work. Later calls reject. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}
