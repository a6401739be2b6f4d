import type { Clock } from '../../clock.ts';
import { sleep } from '../../wait.ts';
import type { EngineContext } from '../context.ts';
import { type Change, Claim, type Place } from './claim.ts';
import { type Found, LEASE_TTL } from './entries.ts';

/** How often a long pause is reconsidered, in milliseconds: a caller that joins in the middle of it is in a hurry. */
const SLICE = 100;

/** Milliseconds. Longer than the source may take, because a process may die while another waits for it, and be replaced. */
const PATIENCE = 45_000;

/** How a process waits for its turn. */
export interface Waiting {
  /** Ends the wait with `signal.reason`. */
  readonly signal: AbortSignal;
  /** Milliseconds until the next look. Called again during a long delay, so that it can become a short one. */
  readonly delay: () => number;
}

/** What a turn is for. */
export interface Turn<R, T> {
  /** The result of another process meanwhile, if there is one. Asked at each look. */
  readonly settled: (record: R) => Promise<T | undefined>;
  /** What is written with the lease, under this owner. */
  readonly taken: (owner: string) => Change<R>;
  /** Tries for some seconds to take the lease if the store goes down at that moment. */
  readonly insist: boolean;
  readonly onChange: (change: 'waited' | 'held' | 'lost') => void;
}

/**
 * Waits until the lease of this entry is ours, and resolves to the claim; or to the result of another process. Rejects with the failure of
 * the process that was waited for. One read a look, and one write to take the lease.
 */
export const takeTurn = async <R, T>(
  { errors }: EngineContext,
  place: Place<R>,
  turn: Turn<R, T>,
  waiting: Waiting,
): Promise<Claim<R> | { readonly result: T }> => {
  const { entries, key, clock } = place;
  const end = clock.monotonic() + PATIENCE;
  const isFree = freedom(place);
  let first: { readonly note: string | undefined } | undefined;

  for (let isFirst = true; ; isFirst = false) {
    const found = await entries.read(key);
    const result = await turn.settled(found.record);
    if (result !== undefined) return { result };
    // A note that was there at the first look is older than this wait: a reason to try, not to fail.
    first ??= { note: found.note?.id };
    if (found.note !== null && found.note.id !== first.note) throw found.note.failure;

    const now = clock.monotonic();
    if (isFree(found, now)) {
      const claim = await Claim.take(place, found, turn);
      if (claim) return claim;
    }
    if (isFirst) turn.onChange('waited');
    if (now >= end) throw errors.make('timeout', 'Another process did not get a token in time. Try again.');
    await rest(clock, waiting);
  }
};

/** Judges leases during one wait. A holder is dead when its entry has not changed for the life of a lease, on our own monotonic clock. */
const freedom = <R>({ owners }: Place<R>): ((found: Found<R>, now: number) => boolean) => {
  let seen: { readonly version: string | null; readonly since: number } | undefined;
  return ({ lease, version }, now) => {
    if (lease === null || owners.isOver(lease)) return true;
    if (seen?.version !== version) seen = { version, since: now };
    return now - seen.since >= LEASE_TTL;
  };
};

/** Waits for the delay given at first, or until a short one is asked for. */
const rest = async (clock: Clock, { signal, delay }: Waiting): Promise<void> => {
  const end = clock.monotonic() + delay();
  for (let left = end - clock.monotonic(); left > 0; ) {
    await sleep(clock, Math.min(left, SLICE), { signal });
    left = end - clock.monotonic();
    if (left > 0 && delay() <= SLICE) return;
  }
};
