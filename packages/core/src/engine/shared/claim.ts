import type { Clock } from '../../clock.ts';
import { type Entries, type Entry, type Found, LEASE_TTL, MOST_RACES, type Note } from './entries.ts';
import { isDown, retryWhileDown } from './store-outage.ts';

/** Milliseconds between two signs of life. A holder that misses three is dead to the others. */
const HEARTBEAT = LEASE_TTL / 3;

/** Milliseconds. A write that takes longer may be that of a request that has ended, and then nobody hears of it. */
const LONGEST_WRITE = 10_000;

/** Where an entry is, and who in this process holds leases. */
export interface Place<R> {
  readonly entries: Entries<R>;
  readonly key: string;
  readonly clock: Clock;
  readonly owners: Owners;
}

/** The names under which one engine holds leases: they begin with the engine's name. */
export interface Owners {
  readonly engine: string;
  /** Those that hold or take a lease now. Any other name of this engine is of a lease that could not be given back. */
  readonly alive: Set<string>;
}

/**
 * What a write makes of the record that is there. `ours` is the record that this claim wrote last, or found when it took the lease; where
 * `there` differs, somebody else has changed it meanwhile. `undefined`, or `there` itself, leaves the record as it is.
 */
export type Change<R> = (there: R, ours: R, owner: string) => R | undefined;

/** How a claim writes. */
export interface WriteOptions {
  /** Gives the lease back with the same write. */
  readonly last?: boolean;
  /** Tells the processes that wait how this one failed. Only with `last`. */
  readonly note?: Note | null;
  /** Tries for some seconds while the store is down: for what must not be lost. */
  readonly insist?: boolean;
}

/** How a lease is taken, and who hears of it. */
export interface Taking<R> {
  /** What is written with the lease. */
  readonly taken: Change<R>;
  /** Tries for some seconds if the store goes down at that moment. */
  readonly insist?: boolean;
  readonly onChange?: ((change: 'waited' | 'held' | 'lost') => void) | undefined;
}

/** A write under way, and until when the next one waits for it: monotonic milliseconds. */
interface Writing {
  readonly done: Promise<void>;
  readonly until: number;
}

/**
 * An entry held open: the lease is ours, and every write goes over the version that we know. Heartbeats keep the lease. All writes go one
 * after the other, but none waits for ever for the one before it.
 */
export class Claim<R> {
  readonly owner: string;
  /** The record as this claim wrote it last, or found it when it took the lease. */
  ours: R;
  readonly #place: Place<R>;
  readonly #taking: Taking<R>;
  #state: 'taking' | 'held' | 'over' = 'taking';
  /** What was there at the last look. */
  #found: Found<R>;
  /** Records whose writes were not answered. They may have been carried out, or may still be. */
  #pending: readonly R[] = [];
  /** Until the first wait for a store was in vain. What comes after it is tried once. */
  #insists = true;
  #previous: Writing | undefined = undefined;
  #cancelBeat: (() => void) | undefined = undefined;

  private constructor(place: Place<R>, found: Found<R>, taking: Taking<R>) {
    this.owner = `${place.owners.engine}.${crypto.randomUUID()}`;
    place.owners.alive.add(this.owner);
    this.ours = found.record;
    this.#place = place;
    this.#found = found;
    this.#taking = taking;
  }

  /**
   * Takes the lease of the entry that was found, and changes the record with the same write. If somebody else was faster, resolves to what
   * is there now.
   */
  static async take<R>(place: Place<R>, found: Found<R>, taking: Taking<R>): Promise<Claim<R> | Found<R>> {
    const claim = new Claim(place, found, taking);
    try {
      if (!(await claim.write(taking.taken, { insist: taking.insist ?? false }))) return claim.#found;
      claim.#state = 'held';
      claim.#scheduleBeat(HEARTBEAT);
      taking.onChange?.('held');
      return claim;
    } finally {
      if (claim.#state === 'taking') claim.#end();
    }
  }

  /** The record as it was found last; somebody else may have written it. */
  get there(): R {
    return this.#found.record;
  }

  /**
   * Resolves to `false` if there was nothing to change, or the lease is lost: then the record is as it was. Rejects with
   * `store_unavailable` while the store is down.
   */
  write(change: Change<R> | undefined, how: WriteOptions = {}): Promise<boolean> {
    const written = this.#write(this.#previous, change, how);
    const end = (): void => {
      if (this.#previous === writing) this.#previous = undefined;
    };
    const writing = { done: written.then(end, end), until: this.#place.clock.monotonic() + LONGEST_WRITE };
    this.#previous = writing;
    return written;
  }

  async #write(previous: Writing | undefined, change: Change<R> | undefined, how: WriteOptions): Promise<boolean> {
    if (previous !== undefined) await this.#over(previous);
    this.#cancelBeat?.();
    try {
      if (!how.insist || !this.#insists) return await this.#put(change, how);
      return await retryWhileDown(this.#place.clock, () => this.#put(change, how));
    } catch (error) {
      if (how.insist && isDown(error)) this.#insists = false;
      if (how.last) this.#end();
      throw error;
    } finally {
      if (this.#state === 'held') this.#scheduleBeat(HEARTBEAT);
    }
  }

  /** Resolves when the write is done, or will never be. */
  #over({ done, until }: Writing): Promise<void> {
    const { clock } = this.#place;
    return new Promise((resolve) => {
      const cancel = clock.after(until - clock.monotonic(), resolve, { ref: true });
      done.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /**
   * Writes until it is done, or there is nothing to change. If the lease turns out to be somebody else's, the claim is over; but a record that
   * nobody has changed is still ours to change: a process that stood still may be the only one that knows the next refresh token.
   */
  async #put(change: Change<R> | undefined, how: WriteOptions): Promise<boolean> {
    const { entries, key } = this.#place;
    for (let left = MOST_RACES; left > 0; left -= 1) {
      const found = this.#found;
      // Somebody has forgotten the subject, and a heartbeat noticed.
      if (this.#state === 'over' && found.version === null) return false;
      const changed = change?.(found.record, this.ours, this.owner);
      const next = this.#next(changed, how);
      if (next === undefined) return false;
      // A heartbeat changes nothing, so what it writes may be somebody else's.
      const isOurs = next.record !== found.record;
      const { isWritten, ...now } = await entries.replace(key, next, found, true).catch((error: unknown) => {
        if (isOurs) this.#pending = [...this.#pending, next.record];
        throw error;
      });
      this.#found = now;
      if ((isWritten && isOurs) || this.#pending.some((record) => entries.isSame(now, { ...now, record }))) this.ours = now.record;
      if (isWritten) {
        this.#pending = [];
        this.#insists = true;
        if (how.last) this.#end();
        return changed !== undefined;
      }
      const was = this.#state;
      if (was !== 'over' && now.lease !== this.owner) {
        this.#end();
        if (was === 'taking') return false;
        this.#taking.onChange?.('lost');
      }
      // Somebody has forgotten the subject.
      if (now.version === null) return false;
    }
    // A store that refuses what it has just allowed.
    this.#end();
    return false;
  }

  /** The entry to write; `undefined` if there is nothing to write. */
  #next(changed: R | undefined, { last = false, note = null }: WriteOptions): Entry<R> | undefined {
    const { record, lease, note: theirs } = this.#found;
    if (this.#state !== 'over')
      return changed === undefined && !last ? undefined : { record: changed ?? record, lease: last ? null : this.owner, note };
    // A lease of somebody else stays.
    return changed === undefined ? undefined : { record: changed, lease: lease === this.owner ? null : lease, note: theirs };
  }

  #scheduleBeat(delay: number): void {
    this.#cancelBeat?.();
    this.#cancelBeat = this.#place.clock.after(delay, () => {
      // Tried again soon if the store is down, because only two beats may be missed.
      this.write((there) => (this.#state === 'over' ? undefined : there)).catch(() => {
        if (this.#state === 'held') this.#scheduleBeat(HEARTBEAT / 4);
      });
    });
  }

  #end(): void {
    this.#state = 'over';
    this.#cancelBeat?.();
    this.#place.owners.alive.delete(this.owner);
  }
}
