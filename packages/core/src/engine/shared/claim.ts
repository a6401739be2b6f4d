import type { Clock } from '../../clock.ts';
import { type Entries, type Entry, type Found, LEASE_TTL, type Note } from './entries.ts';
import { isDown, retryWhileDown } from './retry-while-down.ts';

/** Milliseconds between two signs of life. A holder that misses three is dead to the others. */
const HEARTBEAT = LEASE_TTL / 3;

/** Where an entry is, and who in this process holds leases. */
export interface Place<R> {
  readonly entries: Entries<R>;
  readonly key: string;
  readonly clock: Clock;
  readonly owners: Owners;
}

/** The names under which one engine holds leases. */
export interface Owners {
  /** A new name, which counts as alive until it is ended. */
  readonly add: () => string;
  readonly end: (owner: string) => void;
  /** Whether it is one of ours that holds nothing any more: a lease that could not be given back. */
  readonly isOver: (owner: string) => boolean;
}

/** The owners of one engine. */
export const createOwners = (): Owners => {
  const engine = `${crypto.randomUUID()}.`;
  const alive = new Set<string>();
  return {
    add: () => {
      const owner = engine + crypto.randomUUID();
      alive.add(owner);
      return owner;
    },
    end: (owner) => void alive.delete(owner),
    isOver: (owner) => owner.startsWith(engine) && !alive.has(owner),
  };
};

/**
 * What a write makes of the record that is there. `ours` is the record that this claim wrote or found last; where `there` differs,
 * somebody else has changed it meanwhile. `undefined` leaves the record as it is.
 */
export type Change<R> = (there: R, ours: R) => R | undefined;

/** How a claim writes. */
export interface WriteHow {
  /** Gives the lease back with the same write. */
  readonly last?: boolean;
  /** What those who wait are told. Only with `last`. */
  readonly note?: Note | null;
  /** Tries for some seconds while the store is down: for what must not be lost. */
  readonly insist?: boolean;
}

/**
 * An entry held open: the lease is ours, and every write goes over the version that we know. Heartbeats keep the lease. All writes go one
 * after the other.
 */
export class Claim<R> {
  readonly owner: string;
  readonly #place: Place<R>;
  /** Called once if the lease is lost after it was taken. */
  readonly #onLost: () => void;
  #state: 'taking' | 'held' | 'over' = 'taking';
  /** What was there at the last look. */
  #found: Found<R>;
  #ours: R;
  /** A record whose write was not answered. It may have been carried out, or may still be. */
  #pending: R | undefined;
  /** One wait for a store is enough: what comes after it is tried once. */
  #insists = true;
  #queue: Promise<unknown> = Promise.resolve();
  #cancelBeat = (): void => {};

  private constructor(place: Place<R>, found: Found<R>, onLost: () => void) {
    this.owner = place.owners.add();
    this.#place = place;
    this.#found = found;
    this.#ours = found.record;
    this.#onLost = onLost;
  }

  /**
   * Takes the lease of the entry that was found, and changes the record with the same write. Resolves to `undefined` if somebody else was
   * faster.
   */
  static async take<R>(
    place: Place<R>,
    found: Found<R>,
    {
      taken,
      insist,
      onChange,
    }: { readonly taken: (owner: string) => Change<R>; readonly insist: boolean; readonly onChange: (change: 'held' | 'lost') => void },
  ): Promise<Claim<R> | undefined> {
    const claim = new Claim(place, found, () => onChange('lost'));
    try {
      if (!(await claim.write(taken(claim.owner), { insist }))) return undefined;
      claim.#state = 'held';
      claim.#scheduleBeat(HEARTBEAT);
      onChange('held');
      return claim;
    } finally {
      if (claim.#state === 'taking') claim.#end();
    }
  }

  /** The record as this claim wrote or found it last. */
  get ours(): R {
    return this.#ours;
  }

  /**
   * Resolves to `false` if the change was `undefined`, or the lease is lost: then the record is as it was. Rejects with
   * `store_unavailable` while the store is down.
   */
  write(change: Change<R>, how: WriteHow = {}): Promise<boolean> {
    const written = this.#queue.then(() => this.#writeNow(change, how));
    this.#queue = written.catch(() => {});
    return written;
  }

  async #writeNow(change: Change<R>, how: WriteHow): Promise<boolean> {
    this.#cancelBeat();
    try {
      if (!how.insist || !this.#insists) return await this.#put(change, how);
      return await retryWhileDown(this.#place.clock, () => this.#put(change, how));
    } catch (error) {
      if (isDown(error)) this.#insists = false;
      if (how.last) this.#end();
      throw error;
    } finally {
      if (this.#state === 'held') this.#scheduleBeat(HEARTBEAT);
    }
  }

  /** Writes until it is done, or the lease is somebody else's. */
  async #put(change: Change<R>, { last = false, note = null }: WriteHow): Promise<boolean> {
    while (this.#state !== 'over') {
      const changed = change(this.#found.record, this.#ours);
      if (changed === undefined && !last) return false;
      const isWritten = await this.#putOnce({ record: changed ?? this.#found.record, lease: last ? null : this.owner, note });
      if (!isWritten) continue;
      if (last) this.#end();
      return changed !== undefined;
    }
    return false;
  }

  /** One write, and what it shows. A claim whose lease turns out to be somebody else's is over. */
  async #putOnce(next: Entry<R>): Promise<boolean> {
    const { entries, key } = this.#place;
    const version = await entries.write(key, next, this.#found.version).catch((error: unknown) => {
      this.#pending = next.record;
      throw error;
    });
    const now = version === undefined ? await entries.read(key) : { ...next, version };
    const isThere = (record: R): boolean => now.version !== null && entries.isSame(now.record, record);
    // A store may carry out a write and lose its answer; then the repetition fails.
    const isWritten = now.lease === next.lease && isThere(next.record);
    const isOurs = isWritten || now.lease === this.owner;
    if (!isOurs) {
      if (this.#state === 'held') this.#onLost();
      this.#end();
      return false;
    }
    this.#found = now;
    if (isWritten || (this.#pending !== undefined && isThere(this.#pending))) this.#ours = now.record;
    if (isWritten) this.#pending = undefined;
    return isWritten;
  }

  #scheduleBeat(delay: number): void {
    this.#cancelBeat();
    this.#cancelBeat = this.#place.clock.after(delay, () => {
      // If the store is down, again soon, because only two beats may be missed.
      this.write((there) => there).catch(() => {
        if (this.#state === 'held') this.#scheduleBeat(HEARTBEAT / 4);
      });
    });
  }

  #end(): void {
    this.#state = 'over';
    this.#cancelBeat();
    this.#place.owners.end(this.owner);
  }
}
