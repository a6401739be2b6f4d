import type { Fetch } from './authority.ts';
import type { Clock } from './clock.ts';
import type { AuthEvent } from './events.ts';
import type { Store } from './store.ts';

/** What every provider's factory takes beside its credentials, and what no environment variable can hold. */
export interface ProviderRuntime {
  /** Where tokens are kept and shared. Without one they live as long as the provider object. */
  readonly store?: Store | undefined;
  /**
   * `serve` (default): each process goes on by itself while the store is down, and may try a secret that another one was refused with.
   * `refuse`: no secret is tried that this process has not seen accepted; such calls reject with `store_unavailable`.
   */
  readonly whenStoreIsDown?: 'serve' | 'refuse' | undefined;
  /** Default: `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Is told every step of the engine, in their order and soon after it. What it throws is ignored. */
  readonly observe?: ((event: AuthEvent) => void) | undefined;
  /** Carries every request. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}
