import type { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { sleep } from '../../wait.ts';
import type { EngineContext } from '../context.ts';
import type { Timing } from '../subject.ts';
import { decodeFailure, encodeFailure } from './failure-notes.ts';

/** How long a lease outlives its last heartbeat, in milliseconds. */
export const LEASE_TTL = 3_000;

/** How long a note stays, in milliseconds. Longer than the longest delay between two looks. */
const NOTE_TTL = 10_000;

/** What the store holds under one key: one entry for each subject, one for each account. */
export interface Entry<R> {
  readonly record: R;
  /** The owner of the lease, who may ask the vendor. `null` if the lease is free. */
  readonly lease: string | null;
  /** How the last holder of the lease failed. */
  readonly note: Note | null;
}

/** A failure, for the processes that wait. They tell a new one from an old one by its id. */
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
  /** How long the record is worth keeping, in milliseconds: `Infinity` for ever, 0 if it says nothing. `now` is the wall clock. */
  readonly life: (entry: Entry<R>, now: number) => number;
}

/** Milliseconds between two looks at what another process is doing, while somebody waits. */
export const pollDelay = ({ random }: Timing): number => 25 + 75 * random();

/** Version of the layout. An entry with another version reads as no entry. */
const LAYOUT = 2;

/** Every lost race was won by another process, so losing does not go on for long. */
export const MOST_RACES = 50;

/** How many lost races are repeated without a pause. */
const RACES_AT_ONCE = 10;

/** The entries of one kind in a store. */
export class Entries<R> {
  readonly #store: Store;
  readonly #format: RecordFormat<R>;
  readonly #context: EngineContext;

  constructor(store: Store, format: RecordFormat<R>, context: EngineContext) {
    this.#store = store;
    this.#format = format;
    this.#context = context;
  }

  async read(key: string): Promise<Found<R>> {
    const found = await this.#store.read(key);
    const entry = found && this.#decode(found.value);
    return { ...(entry ?? { record: this.#format.absent(), lease: null, note: null }), version: found?.version ?? null };
  }

  /** Resolves to the new version, or to `undefined` if another write was faster. An entry that says nothing is deleted. */
  async write(key: string, entry: Entry<R>, ifVersion: string | null): Promise<string | undefined> {
    const { record, lease, note } = entry;
    const now = this.#context.timing.clock.now();
    const life = Math.max(this.#format.life(entry, now), lease === null ? 0 : LEASE_TTL, note === null ? 0 : NOTE_TTL);
    if (life === 0) return this.#store.write(key, undefined, { ifVersion });
    const parts = [LAYOUT, this.#format.encode(record), lease, ...(note === null ? [] : [[note.id, encodeFailure(note.failure)]])];
    return this.#store.write(key, JSON.stringify(parts), { ifVersion, ttl: life === Number.POSITIVE_INFINITY ? undefined : life });
  }

  /** Changes the record, and leaves lease and note as they are. `undefined` leaves everything. Resolves to what is there afterwards. */
  async change(key: string, change: (record: R) => R | undefined): Promise<R> {
    const { timing, errors } = this.#context;
    for (let left = MOST_RACES; left > 0; left -= 1) {
      const { version, ...entry } = await this.read(key);
      const record = change(entry.record);
      if (record === undefined) return entry.record;
      const next = { ...entry, record };
      if ((version !== null && this.isSame(next, entry)) || (await this.write(key, next, version)) !== undefined) return record;
      if (left < MOST_RACES - RACES_AT_ONCE) await sleep(timing.clock, pollDelay(timing), { ref: true });
    }
    throw errors.make(
      'store_unavailable',
      `The token store rejected ${MOST_RACES} writes over the version that it had just returned. Check its \`ifVersion\`.`,
    );
  }

  async remove(key: string): Promise<void> {
    await this.#store.write(key, undefined);
  }

  /** Whether two entries have the same record and lease. */
  isSame(one: Entry<R>, other: Entry<R>): boolean {
    const { encode } = this.#format;
    return one.lease === other.lease && JSON.stringify(encode(one.record)) === JSON.stringify(encode(other.record));
  }

  #decode(value: string): Entry<R> | undefined {
    let parts: unknown;
    try {
      parts = JSON.parse(value);
    } catch {
      return undefined;
    }
    if (!Array.isArray(parts) || parts[0] !== LAYOUT) return undefined;
    const [, encoded, lease = null, note]: readonly unknown[] = parts;
    if (!Array.isArray(encoded) || !(lease === null || typeof lease === 'string')) return undefined;
    const record = this.#format.decode(encoded);
    return record && { record, lease, note: this.#decodeNote(note) };
  }

  #decodeNote(parts: unknown): Note | null {
    const [id, text]: readonly unknown[] = Array.isArray(parts) ? parts : [];
    const failure = typeof text === 'string' ? decodeFailure(text, this.#context.errors) : undefined;
    return typeof id === 'string' && failure !== undefined ? { id, failure } : null;
  }
}
