import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { AuthError } from './errors.ts';
import type { Store } from './store.ts';

interface Kept {
  readonly value: string;
  readonly version: string;
  /** Monotonic milliseconds; `Infinity` for ever. */
  readonly until: number;
}

/** What a store in memory may take. */
export interface MemoryStoreOptions {
  readonly clock?: Clock | undefined;
  /** So many entries are kept. One takes about its text and 200 bytes. Default 200,000: 100,000 users' tokens, and as much again for leases and the rest. */
  readonly maxEntries?: number | undefined;
}

/** So many entries are kept without a look at those that have expired. */
const FIRST_SWEEP = 1_024;

/** Milliseconds. What ends within this time makes room by itself, and may be a lease. */
const SOON = 60_000;

/**
 * A store in this process's memory: for tests, and for several providers of one process that share tokens.
 *
 * It never holds more than `maxEntries`. When it is full, what has expired goes first, then what was written longest ago and has more
 * than a minute to live: tokens, which can be asked for again. Entries without ttl (refusals, refresh tokens, permanent tokens) and those
 * that end within a minute (leases) are never dropped; if nothing else is left, a new entry is rejected with `store_unavailable`, and
 * the engine goes on without storing it.
 *
 * Throws `misconfigured` for a `maxEntries` that is no number from 1 on.
 *
 * @example
 * ```ts
 * const store = memoryStore();
 * const version = await store.write('key', 'value', { ttl: 60_000 });
 * await store.write('key', 'other', { ifVersion: version });
 * ```
 */
export const memoryStore = ({ clock = systemClock, maxEntries = 200_000 }: MemoryStoreOptions = {}): Store => {
  if (!(maxEntries >= 1))
    throw new AuthError('The option maxEntries of memoryStore is no number from 1 on.', {
      code: 'misconfigured',
      provider: 'memory',
      operation: 'options',
    });
  /** In the order in which they were written. */
  const entries = new Map<string, Kept>();
  let sweepAt = FIRST_SWEEP;
  let isFullUntil = Number.NEGATIVE_INFINITY;

  /** Expired entries that nobody asks for would stay for ever. */
  const sweep = (): void => {
    for (const key of entries.keys()) live(key);
    sweepAt = Math.max(FIRST_SWEEP, 2 * entries.size);
  };

  /** A sixteenth at a time, as each time looks at all of them. */
  const makeRoom = (): void => {
    const now = clock.monotonic();
    if (now < isFullUntil) return;
    sweep();
    const enough = maxEntries - Math.ceil(maxEntries / 16);
    for (const [key, { until }] of entries) {
      if (entries.size <= enough) return;
      if (until !== Number.POSITIVE_INFINITY && until - now > SOON) entries.delete(key);
    }
    // Little came of it, so the next look would be in vain too.
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
      // Before anything else, so that it comes back as the last one written.
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
