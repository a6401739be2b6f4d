import type { Clock } from '../../clock.ts';
import type { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { type AccountRecord, NOTHING_KNOWN, type Refusal, type SharedRecord } from '../guard.ts';
import { takeTurn } from './lease.ts';

export interface RecordOptions {
  readonly store: Store;
  readonly key: () => Promise<string>;
  readonly clock: Clock;
  /** Milliseconds until the next look at another process's attempt. */
  readonly pause: () => number;
  /** Milliseconds that another process's attempt is waited for, and the error that ends it. */
  readonly patience: number;
  readonly late: () => AuthError;
}

/** The record of an account's credentials, in a store. */
export const sharedRecord = ({ store, key, clock, pause, patience, late }: RecordOptions): SharedRecord => ({
  read: async () => {
    const entry = await store.read(await key());
    return entry && decode(entry.value);
  },
  update: async (next) => {
    const at = await key();
    for (;;) {
      const entry = await store.read(at);
      const value = encode(next(entry && decode(entry.value)));
      if (value === entry?.value || (await store.write(at, value, { ifVersion: entry?.version ?? null })) !== undefined) return;
    }
  },
  turn: async (signal, settled, work) =>
    takeTurn({
      store,
      key: `${await key()}:lease`,
      clock,
      signal,
      settled,
      work,
      pause,
      patience,
      late,
      // What came of it is in the record.
      noteOf: () => undefined,
      errorOf: () => undefined,
      onChange: () => {},
    }),
});

const encode = ({ accepted, refusals }: AccountRecord): string =>
  JSON.stringify([
    1,
    accepted,
    refusals.map(({ fingerprint, code, message, status, vendorCode }) => [fingerprint, code, message, status ?? null, vendorCode ?? null]),
  ]);

/** What this version did not write counts as nothing. */
const decode = (value: string): AccountRecord => {
  try {
    const parsed: unknown = JSON.parse(value);
    if (!Array.isArray(parsed) || parsed[0] !== 1) return NOTHING_KNOWN;
    const [, accepted, refusals]: readonly unknown[] = parsed;
    return {
      accepted: typeof accepted === 'string' ? accepted : null,
      refusals: Array.isArray(refusals) ? refusals.flatMap(decodeRefusal) : [],
    };
  } catch {
    return NOTHING_KNOWN;
  }
};

const decodeRefusal = (parts: unknown): readonly Refusal[] => {
  if (!Array.isArray(parts)) return [];
  const [fingerprint, code, message, status, vendorCode]: readonly unknown[] = parts;
  if (typeof fingerprint !== 'string' || typeof message !== 'string') return [];
  return [
    {
      fingerprint,
      code: code === 'locked' ? code : 'invalid_credentials',
      message,
      status: typeof status === 'number' ? status : undefined,
      vendorCode: typeof vendorCode === 'string' ? vendorCode : undefined,
    },
  ];
};
