import type { Clock } from '@auth/core';

/** Entries that end by the clock. What has ended is gone for the reader at once, and from memory at most a minute of the clock after the next write. */
export interface ExpiringMap<Value> {
  /** `undefined` for what has ended. */
  readonly get: (key: string) => Value | undefined;
  /** Whether this has ended, and is still remembered. */
  readonly isEnded: (key: string) => boolean;
  /** `expiresAt` in epoch milliseconds, `null` for ever. */
  readonly set: (key: string, value: Value, expiresAt: number | null) => void;
  /** Ends an entry before its time, or all of them. They are remembered like others that ended. */
  readonly end: (key?: string) => void;
  readonly delete: (key: string) => void;
  readonly clear: () => void;
  /** The entries that have not ended. */
  readonly live: () => readonly Value[];
  /** How many entries are held in memory, ended ones that were not swept yet too. */
  readonly held: () => number;
}

/** What is kept, and for how long. */
export interface ExpiringMapOptions<Value> {
  readonly clock: Clock;
  /** The most entries that are held; the oldest goes first, live or not. Default: no limit. */
  readonly limit?: number | undefined;
  /** For how long an entry that has ended is remembered, in milliseconds. Default 0. */
  readonly remember?: number | undefined;
  /** Hears of what is swept, not of what is deleted. */
  readonly onExpiry?: ((key: string, value: Value) => void) | undefined;
}

const SWEEP_EVERY = 60_000;

/** Entries in memory, swept at most once a minute. */
export const expiringMap = <Value>({
  clock,
  limit = Number.POSITIVE_INFINITY,
  remember = 0,
  onExpiry = () => {},
}: ExpiringMapOptions<Value>): ExpiringMap<Value> => {
  const entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  let nextSweep = Number.NEGATIVE_INFINITY;

  const sweep = (): void => {
    const now = clock.now();
    if (now < nextSweep) return;
    nextSweep = now + SWEEP_EVERY;
    for (const [key, { value, expiresAt }] of entries) {
      if (now < expiresAt + remember) continue;
      entries.delete(key);
      onExpiry(key, value);
    }
  };

  return {
    get: (key) => {
      const found = entries.get(key);
      return found === undefined || found.expiresAt <= clock.now() ? undefined : found.value;
    },
    isEnded: (key) => {
      const now = clock.now();
      const { expiresAt } = entries.get(key) ?? { expiresAt: Number.NEGATIVE_INFINITY };
      return expiresAt <= now && now < expiresAt + remember;
    },
    set: (key, value, expiresAt) => {
      sweep();
      entries.set(key, { value, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY });
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    },
    end: (key) => {
      const now = clock.now();
      for (const each of key === undefined ? entries.keys() : [key]) {
        const found = entries.get(each);
        if (found !== undefined) entries.set(each, { ...found, expiresAt: Math.min(found.expiresAt, now) });
      }
    },
    delete: (key) => {
      entries.delete(key);
    },
    clear: () => {
      entries.clear();
      nextSweep = Number.NEGATIVE_INFINITY;
    },
    live: () => {
      const now = clock.now();
      return [...entries.values()].filter(({ expiresAt }) => expiresAt > now).map(({ value }) => value);
    },
    held: () => entries.size,
  };
};
