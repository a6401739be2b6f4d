import type { Clock } from '@auth/core';

/** Entries that end by the clock. What has ended is gone for the reader at once, and from memory at most a minute of the clock after the next write. */
export interface ExpiringMap<Value> {
  readonly get: (key: string) => Value | undefined;
  /** `expiresAt` in epoch milliseconds, `null` for ever. */
  readonly set: (key: string, value: Value, expiresAt: number | null) => void;
  readonly delete: (key: string) => void;
  readonly clear: () => void;
  /** The entries that have not ended. */
  readonly live: () => readonly Value[];
  /** How many entries are held in memory, ended ones that were not swept yet too. */
  readonly held: () => number;
}

const SWEEP_EVERY = 60_000;

/** `onExpiry` hears of what is swept, not of what is deleted. */
export const expiringMap = <Value>(clock: Clock, onExpiry: (key: string, value: Value) => void = () => {}): ExpiringMap<Value> => {
  const entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  let nextSweep = Number.NEGATIVE_INFINITY;

  const sweep = (): void => {
    const now = clock.now();
    if (now < nextSweep) return;
    nextSweep = now + SWEEP_EVERY;
    for (const [key, { value, expiresAt }] of entries) {
      if (expiresAt > now) continue;
      entries.delete(key);
      onExpiry(key, value);
    }
  };

  return {
    get: (key) => {
      const found = entries.get(key);
      return found === undefined || found.expiresAt <= clock.now() ? undefined : found.value;
    },
    set: (key, value, expiresAt) => {
      sweep();
      entries.set(key, { value, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY });
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
