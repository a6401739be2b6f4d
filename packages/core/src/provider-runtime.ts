import type { Fetch } from './authority.ts';
import type { Clock } from './clock.ts';
import type { AuthEvent } from './events.ts';
import type { Store } from './store.ts';

/** What every provider's factory takes besides its credentials, and what no environment variable can hold. */
export interface ProviderRuntime {
  /** Where tokens are kept and shared. Without a store they live as long as the provider object. */
  readonly store?: Store | undefined;
  /**
   * Whose credentials these are, where one product serves many clients that each bring their own. It is part of every key in the store, so
   * that tenants share nothing: without it, whoever knows the public ids of a client finds the tokens of that client in the store, because
   * entries do not depend on the secret. Any text but an empty one; a text that nobody can guess also hides the keys, see the security model.
   */
  readonly tenant?: string | undefined;
  /**
   * `serve` (default): while the store is down each process works on its own, and may send a secret that was refused in another process.
   * `refuse`: a secret that this process has not seen accepted is not sent; such calls reject with `store_unavailable`.
   */
  readonly whenStoreIsDown?: 'serve' | 'refuse' | undefined;
  /**
   * Keeps work in the background alive after the request that started it: `ctx.waitUntil` of a worker, `after` of Next. Called with a
   * promise that never rejects, within the call that started the work.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** Default: `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Called with every step of the engine, in order and soon after the step. What it throws is ignored. */
  readonly observe?: ((event: AuthEvent) => void) | undefined;
  /**
   * Carries every request. Default: the runtime's `fetch`. Called as a plain function, with a URL and options, never with a `Request` of this
   * package, so any copy of `fetch` will do, such as undici's with a dispatcher.
   */
  readonly fetch?: Fetch | undefined;
}
