import type { Clock } from '../../clock.ts';
import { sleep } from '../../wait.ts';
import type { EngineContext } from '../context.ts';
import { Claim, type Place, type Taking } from './claim.ts';
import { LEASE_TTL } from './entries.ts';

/** How often a long delay is looked at again, in milliseconds, because a caller may have joined who is in a hurry. */
const SLICE = 100;

/** How many lost races in a row are looked into without a pause. Whoever was faster need not hold the lease. */
const RACES_AT_ONCE = 3;

/** How a process waits for its turn. */
export interface Waiting {
  /** Ends the wait with `signal.reason`. */
  readonly signal: AbortSignal;
  /** Milliseconds until the next look. Called again during a long delay, so that it can become a short one. */
  readonly delay: () => number;
  /** Milliseconds until the wait ends with `timeout`. */
  readonly patience: number;
}

/** What a turn is for. */
export interface Turn<R, T> extends Taking<R> {
  /** The result of another process meanwhile, if there is one. Asked at each look. */
  readonly settled: (record: R) => Promise<T | undefined>;
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
  const { entries, key, clock, owners } = place;
  const end = clock.monotonic() + waiting.patience;
  /** What the first look found. */
  let first: { readonly note: string | undefined } | undefined;
  let hasWaited = false;
  let races = 0;
  /** The version at the last look, and since when it has been there. */
  let seen: { readonly version: string | null; readonly since: number } | undefined;

  for (let found = await entries.read(key); ; ) {
    const result = await turn.settled(found.record);
    if (result !== undefined) return { result };
    const { lease, note, version } = found;
    const now = clock.monotonic();
    // A note that was there at the first look is older than this wait: a reason to try, not to fail.
    first ??= { note: note?.id };
    if (note !== null && note.id !== first.note) throw note.failure;

    if (seen === undefined || seen.version !== version) seen = { version, since: now };
    // No sign of life for as long as a lease lives. Our own monotonic clock decides, never a time that another process wrote down.
    const isDead = now - seen.since >= LEASE_TTL;
    // A lease of ours that could not be given back, because the store was down.
    const isOver = lease?.startsWith(owners.engine) && !owners.alive.has(lease);
    if (lease === null || isDead || isOver) {
      // Nobody wants it any more, so nothing is written.
      if (waiting.signal.aborted) throw waiting.signal.reason;
      const taken = await Claim.take(place, found, turn);
      // Of this engine too there may be holders that will never end: their requests have.
      if (taken instanceof Claim && lease !== null) owners.alive.delete(lease);
      if (taken instanceof Claim) return taken;
      found = taken;
      races += 1;
      if (races <= RACES_AT_ONCE) continue;
    }
    races = 0;
    if (!hasWaited) turn.onChange?.('waited');
    hasWaited = true;
    if (now >= end) throw errors.make('timeout', 'Another process did not get a token in time. Try again.');
    await rest(clock, waiting);
    found = await entries.read(key);
  }
};

/** Waits for the delay, or less if the delay becomes short meanwhile. */
const rest = async (clock: Clock, { signal, delay }: Waiting): Promise<void> => {
  const end = clock.monotonic() + delay();
  for (let left = end - clock.monotonic(); left > 0; ) {
    await sleep(clock, Math.min(left, SLICE), { signal });
    left = end - clock.monotonic();
    if (left > 0 && delay() <= SLICE) return;
  }
};
