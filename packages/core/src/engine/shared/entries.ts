import type { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { sleep } from '../../wait.ts';
import type { EngineContext } from '../context.ts';
import { decodeFailure, encodeFailure } from './failure-notes.ts';

/** How long a lease outlives its last heartbeat, in milliseconds. */
export const LEASE_TTL = 3_000;

/** How long a failure stays for those who waited, in milliseconds. Longer than their longest pause between two looks. */
const NOTE_TTL = 10_000;

/** What the store holds under one key, be it about a subject or about an account. */
export interface Entry<R> {
  readonly record: R;
  /** The owner of the lease: the one who asks the vendor. `null` if the lease is free. */
  readonly lease: string | null;
  /** How the last holder of the lease failed. */
  readonly note: Note | null;
}

/** A failure, for the processes that waited for it. They know a new one by its id. */
export interface Note {
  readonly id: string;
  readonly failure: AuthError;
}

/** An entry as it was read, and the version to write over: `null` where there is no entry. */
export interface Found<R> extends Entry<R> {
  readonly version: string | null;
}

/** How one kind of record is written. */
export interface RecordFormat<R> {
  /** What an absent or unreadable entry counts as. */
  readonly absent: () => R;
  readonly encode: (record: R) => readonly unknown[];
  /** `undefined` for anything that this version did not write. */
  readonly decode: (parts: readonly unknown[]) => R | undefined;
  /** How long the record is worth keeping, in milliseconds: `Infinity` for ever, 0 if it says nothing. */
  readonly life: (entry: Entry<R>) => number;
}

/** The entries of one kind in a store. */
export interface Entries<R> {
  readonly read: (key: string) => Promise<Found<R>>;
  /** Resolves to the new version, or to `undefined` if another write was faster. An entry that says nothing is deleted. */
  readonly write: (key: string, entry: Entry<R>, ifVersion: string | null) => Promise<string | undefined>;
  /** Changes the record, and leaves lease and note as they are. `undefined` leaves everything. Resolves to what is there afterwards. */
  readonly change: (key: string, change: (record: R) => R | undefined) => Promise<R>;
  readonly remove: (key: string) => Promise<void>;
  /** Whether two records say the same. */
  readonly isSame: (one: R, other: R) => boolean;
}

/** Milliseconds between two looks at what another process is doing, while somebody waits. */
export const pollDelay = ({ random }: EngineContext): number => 25 + 75 * random();

/** Version of the layout. An entry with another version reads as no entry. */
const LAYOUT = 2;

/** Every lost race was won by another process, so losing does not go on for long. The first tries are repeated without a pause. */
const [MOST_RACES, RACES_AT_ONCE] = [50, 10];

/** The entries of this kind. */
export const entriesOf = <R>(store: Store, format: RecordFormat<R>, context: EngineContext): Entries<R> => {
  const { timing, errors } = context;
  const text = (record: R): string => JSON.stringify(format.encode(record));
  const isSame = (one: R, other: R): boolean => text(one) === text(other);

  const decode = (value: string): Entry<R> | undefined => {
    let parts: unknown;
    try {
      parts = JSON.parse(value);
    } catch {
      return undefined;
    }
    if (!Array.isArray(parts) || parts[0] !== LAYOUT) return undefined;
    const [, encoded, lease = null, note]: readonly unknown[] = parts;
    if (!Array.isArray(encoded) || !(lease === null || typeof lease === 'string')) return undefined;
    const record = format.decode(encoded);
    return record && { record, lease, note: noteOf(note) };
  };
  const noteOf = (parts: unknown): Note | null => {
    const [id, failure]: readonly unknown[] = Array.isArray(parts) ? parts : [];
    const decoded = typeof failure === 'string' ? decodeFailure(failure, errors) : undefined;
    return typeof id === 'string' && decoded !== undefined ? { id, failure: decoded } : null;
  };

  const encode = ({ record, lease, note }: Entry<R>): string =>
    JSON.stringify([LAYOUT, format.encode(record), lease, ...(note === null ? [] : [[note.id, encodeFailure(note.failure)]])]);

  const read: Entries<R>['read'] = async (key) => {
    const found = await store.read(key);
    const entry = found && decode(found.value);
    return { ...(entry ?? { record: format.absent(), lease: null, note: null }), version: found?.version ?? null };
  };

  const write: Entries<R>['write'] = async (key, entry, ifVersion) => {
    const life = Math.max(format.life(entry), entry.lease === null ? 0 : LEASE_TTL, entry.note === null ? 0 : NOTE_TTL);
    if (life === 0) return store.write(key, undefined, { ifVersion });
    return store.write(key, encode(entry), { ifVersion, ttl: life === Number.POSITIVE_INFINITY ? undefined : life });
  };

  return {
    read,
    write,
    isSame,
    change: async (key, change) => {
      for (let left = MOST_RACES; left > 0; left -= 1) {
        const { version, ...entry } = await read(key);
        const record = change(entry.record);
        if (record === undefined) return entry.record;
        if ((version !== null && isSame(record, entry.record)) || (await write(key, { ...entry, record }, version)) !== undefined)
          return record;
        if (left < MOST_RACES - RACES_AT_ONCE) await sleep(timing.clock, pollDelay(context), { ref: true });
      }
      throw errors.make(
        'store_unavailable',
        `The token store rejected ${MOST_RACES} writes over the version that it had just returned. Check its \`ifVersion\`.`,
      );
    },
    remove: async (key) => {
      await store.write(key, undefined);
    },
  };
};
