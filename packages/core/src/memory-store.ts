import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { AuthError } from './errors.ts';
import { ownMembers } from './own-members.ts';
import type { Store } from './store.ts';

interface Kept {
  readonly value: string;
  readonly version: string;
  /** Monotonic milliseconds; `Infinity` for ever. */
  readonly until: number;
}

/** Options of a store in memory. */
export interface MemoryStoreOptions {
  readonly clock?: Clock | undefined;
  /**
   * The maximum number of entries. An entry takes about 200 bytes beside its text. Default 200,000: the tokens of 100,000 users, and as
   * many entries again for leases and the rest.
   */
  readonly maxEntries?: number | undefined;
}

/** The number of entries at which expired ones are first looked for. */
const FIRST_SWEEP = 1_024;

/** Milliseconds. An entry that ends within this time makes room by itself, and may be a lease. */
const SOON = 60_000;

/**
 * A store in this process's memory: for tests, and for several providers in one process that share tokens.
 *
 * It never holds more than `maxEntries`. When it is full, expired entries go first, then those written longest ago that have more than a
 * minute to live: tokens, which can be requested again. Entries without ttl (refusals, refresh tokens, permanent tokens) and those that
 * end within a minute (leases) are never dropped; if nothing else is left, a new entry is rejected with `store_unavailable`, and the
 * engine continues without storing it.
 *
 * Throws `misconfigured` if `maxEntries` is not a number from 1 up.
 *
 * @example
 * ```ts
 * const store = memoryStore();
 * const version = await store.write('key', 'value', { ttl: 60_000 });
 * await store.write('key', 'other', { ifVersion: version });
 * ```
 */
export const memoryStore = (options: MemoryStoreOptions = {}): Store => {
  const { clock = systemClock, maxEntries = 200_000 } = ownMembers(options);
  if (!(maxEntries >= 1))
    throw new AuthError('maxEntries of memoryStore must be a number from 1 up.', {
      code: 'misconfigured',
      provider: 'memory',
      operation: 'options',
    });
  /** In the order they were written. */
  const entries = new Map<string, Kept>();
  let sweepAt = FIRST_SWEEP;
  let isFullUntil = Number.NEGATIVE_INFINITY;

  /** Expired entries that nobody asks for would stay for ever. */
  const sweep = (): void => {
    for (const key of entries.keys()) live(key);
    sweepAt = Math.max(FIRST_SWEEP, 2 * entries.size);
  };

  /** Frees a sixteenth at a time, because each pass looks at all entries. */
  const makeRoom = (): void => {
    const now = clock.monotonic();
    if (now < isFullUntil) return;
    sweep();
    const enough = maxEntries - Math.ceil(maxEntries / 16);
    for (const [key, { until }] of entries) {
      if (entries.size <= enough) return;
      if (until !== Number.POSITIVE_INFINITY && until - now > SOON) entries.delete(key);
    }
    // Not enough was freed, so another pass right away would be in vain too.
    if (entries.size > enough) isFullUntil = now + 1_000;
  };

  const live = (key: string): Kept | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || clock.monotonic() < entry.until) return entry;
    entries.delete(key);
    return undefined;
  };

  return {
    read: async (key) => {
      const entry = live(key);
      return entry && { value: entry.value, version: entry.version };
    },
    write: async (key, value, { ifVersion, ttl } = {}) => {
      if (ifVersion !== undefined && (live(key)?.version ?? null) !== ifVersion) return undefined;
      if (entries.size >= sweepAt) sweep();
      const version = crypto.randomUUID();
      // Deleted first, so that it comes back as the last one written.
      const isKnown = entries.delete(key);
      if (value === undefined) return version;
      if (!isKnown && entries.size >= maxEntries) makeRoom();
      if (!isKnown && entries.size >= maxEntries) throw full(maxEntries);
      entries.set(key, { value, version, until: ttl === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + ttl });
      return version;
    },
  };
};

const full = (maxEntries: number): AuthError =>
  new AuthError(
    `The store in memory is full: ${maxEntries} entries, none of which may be dropped. Raise maxEntries, or use a store on disk.`,
    {
      code: 'store_unavailable',
      provider: 'memory',
      operation: 'store.write',
    },
  );
