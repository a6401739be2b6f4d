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
  /** What an absent entry counts as. */
  readonly absent: () => R;
  readonly encode: (record: R) => readonly unknown[];
  /** `undefined` for anything that this edition did not write. */
  readonly decode: (parts: readonly unknown[]) => R | undefined;
  /** How long the record is worth keeping, in milliseconds: `Infinity` for ever, 0 if it says nothing. `now` is the wall clock. */
  readonly life: (entry: Entry<R>, now: number) => number;
}

/** Milliseconds between two looks at what another process is doing, while somebody waits. */
export const pollDelay = ({ random }: Timing): number => 25 + 75 * random();

/**
 * The format of entries. An entry with another number is of another edition that shares the store. Only that edition knows what would be
 * lost, so nobody else writes over it.
 */
const LAYOUT = 2;

/** How often in a row a store may say that a write was too late though nobody else has written. A lost answer looks like that too. */
const MOST_IN_VAIN = 3;

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

  /** Rejects with `misconfigured` for an entry of another edition, and for text that is not an entry. */
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

  /**
   * Writes over the version that was found. Resolves to what is there afterwards, and whether that is what was to be written. If the store
   * says that the write was too late, though nobody else has written, the write is repeated over the version that is there; if the store
   * keeps to it, rejects with `misconfigured`. `isAlone`: nobody else writes the same, so the same text is this write, whose answer was lost.
   */
  async replace(key: string, next: Entry<R>, found: Found<R>, isAlone: boolean): Promise<Found<R> & { readonly isWritten: boolean }> {
    let { version: over } = found;
    for (let inVain = 0; inVain < MOST_IN_VAIN; inVain += 1) {
      const version = await this.write(key, next, over);
      if (version !== undefined) return { ...next, version, isWritten: true };
      const there = await this.read(key);
      const isWritten = there.version !== null && there.version !== over && this.isSame(there, next);
      if (there.version !== over && !(isWritten && isAlone)) return { ...there, isWritten };
      over = there.version;
    }
    throw this.#inVain();
  }

  /** Changes the record, and leaves lease and note as they are. `undefined` leaves everything. Resolves to what is there afterwards. */
  async change(key: string, change: (record: R) => R | undefined): Promise<R> {
    const { timing } = this.#context;
    for (let left = MOST_RACES; left > 0; left -= 1) {
      const found = await this.read(key);
      const record = change(found.record);
      if (record === undefined) return found.record;
      const next = { ...found, record };
      if ((found.version !== null && this.isSame(next, found)) || (await this.replace(key, next, found, false)).isWritten) return record;
      if (left < MOST_RACES - RACES_AT_ONCE) await sleep(timing.clock, pollDelay(timing), { ref: true });
    }
    throw this.#tooManyRaces();
  }

  /** Deletes the entry, even text that is not an entry. Rejects with `misconfigured` for an entry of another edition, and leaves it. */
  async remove(key: string): Promise<void> {
    let over: string | undefined;
    let inVain = 0;
    for (let left = MOST_RACES; left > 0; left -= 1) {
      const found = await this.#store.read(key);
      if (found === undefined) return;
      this.#partsOf(found.value);
      inVain = found.version === over ? inVain + 1 : 0;
      if (inVain === MOST_IN_VAIN) throw this.#inVain();
      over = found.version;
      if ((await this.#store.write(key, undefined, { ifVersion: over })) !== undefined) return;
    }
    throw this.#tooManyRaces();
  }

  /** Whether two entries have the same record and lease. */
  isSame(one: Entry<R>, other: Entry<R>): boolean {
    const { encode } = this.#format;
    return one.lease === other.lease && JSON.stringify(encode(one.record)) === JSON.stringify(encode(other.record));
  }

  #decode(value: string): Entry<R> {
    const [, encoded, lease = null, note] = this.#partsOf(value);
    const record = Array.isArray(encoded) ? this.#format.decode(encoded) : undefined;
    if (record && (lease === null || typeof lease === 'string')) return { record, lease, note: this.#decodeNote(note) };
    throw this.#misconfigured(
      'The store returned text that is not an entry, and it was left as it is. Check that the store returns what was written, whole. If somebody else wrote the text, delete it: for one token, forget() does.',
    );
  }

  /** The parts of an entry; none of text that is not one. Throws for an entry of another edition. */
  #partsOf(value: string): readonly unknown[] {
    const parts = parsed(value);
    const [layout] = parts;
    if (layout === LAYOUT) return parts;
    if (typeof layout !== 'number') return [];
    throw this.#misconfigured(
      `The store has an entry of format ${layout}, and this edition writes format ${LAYOUT}: two editions share the store. The entry was left as it is. Finish the deployment, or give one edition a \`key\` or a \`tenant\` of its own.`,
    );
  }

  #decodeNote(parts: unknown): Note | null {
    const [id, text]: readonly unknown[] = Array.isArray(parts) ? parts : [];
    const failure = typeof text === 'string' ? decodeFailure(text, this.#context.errors) : undefined;
    return typeof id === 'string' && failure !== undefined ? { id, failure } : null;
  }

  #misconfigured(message: string): AuthError {
    return this.#context.errors.make('misconfigured', message);
  }

  #inVain(): AuthError {
    return this.#misconfigured(
      `The store said ${MOST_IN_VAIN} times in a row that a write over what it had just returned was too late, though nobody else had written. Let its \`write\` return the new version, and its \`read\` what was written last.`,
    );
  }

  #tooManyRaces(): AuthError {
    return this.#context.errors.make(
      'store_unavailable',
      `The token store rejected ${MOST_RACES} writes over the version that it had just returned. Check its \`ifVersion\`.`,
    );
  }
}

const parsed = (value: string): readonly unknown[] => {
  try {
    const parts: unknown = JSON.parse(value);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
};
