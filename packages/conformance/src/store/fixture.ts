import type { Store } from '@auth/core';

/** A store to be checked. Every fact of it is needed: none turns a check off. */
export interface StoreFixture {
  /** A new handle on the same data, as another process would open one. A store that lives in one process answers the same one again. */
  readonly create: () => Store | Promise<Store>;
  /** Lets so many milliseconds pass on the store's own clock: a fake one is moved, a server's is waited for. At most 200 in one step. */
  readonly elapse: (milliseconds: number) => void | Promise<void>;
  /** Ends every handle, and the process or server behind them if there is one. What was written before has to be there afterwards. */
  readonly restart: (() => void | Promise<void>) | 'lives in one process';
  /** A handle whose data cannot be reached: a closed port, a path that is no directory. */
  readonly unreachable: (() => Store | Promise<Store>) | 'lives in one process';
}

/** What one check works with. */
export interface StoreCheckContext {
  readonly store: Store;
  readonly fixture: StoreFixture;
  /** A key that no other check uses. */
  readonly key: (name?: string) => string;
}

/** One rule for stores. */
export interface StoreRule {
  readonly name: string;
  readonly run: (context: StoreCheckContext) => Promise<void>;
}
