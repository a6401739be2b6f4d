import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { Store } from './store.ts';

interface Kept {
  readonly value: string;
  readonly version: string;
  /** Monotonic milliseconds; `Infinity` for ever. */
  readonly until: number;
}

/** So many entries are kept without a look at those that have expired. */
const FIRST_SWEEP = 1_024;

/**
 * A store in this process's memory: for tests, and for several providers of one process that share tokens.
 *
 * @example
 * ```ts
 * const store = memoryStore();
 * const version = await store.write('key', 'value', { ttl: 60_000 });
 * await store.write('key', 'other', { ifVersion: version });
 * ```
 */
export const memoryStore = ({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): Store => {
  const entries = new Map<string, Kept>();
  let sweepAt = FIRST_SWEEP;

  /** Expired entries that nobody asks for would stay for ever. */
  const sweep = (): void => {
    for (const key of entries.keys()) live(key);
    sweepAt = Math.max(FIRST_SWEEP, 2 * entries.size);
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
      if (value === undefined) entries.delete(key);
      else entries.set(key, { value, version, until: ttl === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + ttl });
      return version;
    },
  };
};
