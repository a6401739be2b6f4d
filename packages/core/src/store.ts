/**
 * Where tokens outlive the process and are shared between processes. Two functions on versioned entries; leases, counters
 * and tokens are all built on them. A rejected promise means that the store is unreachable, `undefined` that somebody
 * else was faster: never confuse the two. Any other answer is `misconfigured` to the engine, which says what is wrong with it.
 *
 * Entries carry the number of their format. An entry of another number is of another edition that shares the store: it is `misconfigured`,
 * and never written over. So is text under a key of ours that is not an entry, such as one that was cut off.
 */
export interface Store {
  /** The entry, or `undefined` if there is none or it has expired. */
  readonly read: (key: string) => Promise<StoreEntry | undefined>;
  /**
   * Resolves to the entry's new version, or to `undefined` if the condition failed and nothing was changed. A `value` of
   * `undefined` deletes, and resolves to a version too. A version is never used twice for a key, not even after a deletion.
   */
  readonly write: (key: string, value: string | undefined, options?: WriteOptions) => Promise<string | undefined>;
}

/** A value and the version that conditional writes refer to. */
export interface StoreEntry {
  readonly value: string;
  readonly version: string;
}

/** The condition of a write, and the lifetime of what it writes. */
export interface WriteOptions {
  /** Write only over this version; `null`: only if there is no entry. Left out: unconditionally. */
  readonly ifVersion?: string | null | undefined;
  /**
   * The lifetime, in milliseconds of the store's own clock; every write sets it again. The engine passes whole numbers, up to years.
   * Left out: for ever.
   */
  readonly ttl?: number | undefined;
}
