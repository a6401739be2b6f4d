import type { Clock } from '../../clock.ts';
import type { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { sleep } from '../../wait.ts';

/** How long a lease outlives its last heartbeat, in milliseconds, judged by the store. */
const LEASE_TTL = 3_000;
const HEARTBEAT = 1_000;
/** How often a long pause is reconsidered, in milliseconds: a caller that joins in the middle of it is in a hurry. */
const SLICE = 100;
/** A holder whose lease has not changed for this long, by our own monotonic clock, is dead. No wall-clock stamp decides that. */
const DEAD_AFTER = 1.2 * LEASE_TTL;

/** A piece of work that one process does for all. */
export interface Turn<T> {
  readonly store: Store;
  readonly key: string;
  readonly clock: Clock;
  /** Ends the wait with `signal.reason`. Never ends the work. */
  readonly signal: AbortSignal;
  /** The result of another process meanwhile, if there is one. Called before each try, and again once the lease is ours. */
  readonly alreadyDone: () => Promise<T | undefined>;
  readonly work: () => Promise<T>;
  /** Milliseconds until the next try. Called again during a long delay, so that it can become a short one. */
  readonly pollDelay: () => number;
  /** How long the wait may take, in milliseconds, and the error that ends it. */
  readonly patience: number;
  readonly timeoutError: () => AuthError;
  /** What to tell waiting processes about a failure, and for how many milliseconds; `undefined` if it concerns this process only. */
  readonly encodeFailure: (error: unknown) => { readonly note: string; readonly ttl: number } | undefined;
  /** The error that such a note stands for; `undefined` if it cannot be read. */
  readonly decodeFailure: (note: string) => AuthError | undefined;
  readonly onChange: (change: 'waited' | 'held' | 'lost' | 'released') => void;
}

/**
 * Waits for the lease and does the work, or takes over the result of another process, even if it is a failure. The lease is an
 * entry with a random owner, kept alive by heartbeats and released by compare-and-delete.
 */
export const withLease = async <T>(turn: Turn<T>): Promise<T> => {
  const { store, key, clock, alreadyDone, patience, timeoutError, decodeFailure, onChange } = turn;
  const deadline = clock.monotonic() + patience;
  let seen: { readonly version: string; readonly since: number } | undefined;
  let first: { readonly version: string | undefined } | undefined;
  let hasWaited = false;

  for (;;) {
    const outcome = await alreadyDone();
    if (outcome !== undefined) return outcome;

    const entry = await store.read(key);
    first ??= { version: entry?.version };
    const note = noteIn(entry?.value);
    // A note that was there at the first look is older than this wait: a reason to try, not to fail.
    const failure = note !== undefined && entry?.version !== first.version ? decodeFailure(note) : undefined;
    if (failure !== undefined) throw failure;

    const now = clock.monotonic();
    if (entry !== undefined && seen?.version !== entry.version) seen = { version: entry.version, since: now };
    const isFree = entry === undefined || note !== undefined || (seen !== undefined && now - seen.since >= DEAD_AFTER);
    if (isFree) {
      const self = crypto.randomUUID();
      const version = await store.write(key, encodeLease(self), { ifVersion: entry?.version ?? null, ttl: LEASE_TTL });
      if (version !== undefined) return holdLease(turn, self, version);
    }
    if (!hasWaited) onChange('waited');
    hasWaited = true;
    if (now >= deadline) throw timeoutError();
    await rest(turn);
  }
};

/** Does the work while the lease is kept alive. */
const holdLease = async <T>(
  { store, key, clock, alreadyDone, work, encodeFailure, onChange }: Turn<T>,
  owner: string,
  first: string,
): Promise<T> => {
  let version: string | undefined = first;
  let beat: Promise<void> = Promise.resolve();
  let cancel = (): void => {};

  const scheduleBeat = (delay = HEARTBEAT): void => {
    cancel = clock.after(delay, () => {
      beat = renew();
    });
  };
  const renew = async (): Promise<void> => {
    try {
      version = await store.write(key, encodeLease(owner), { ifVersion: version ?? null, ttl: LEASE_TTL });
    } catch {
      // The store is unreachable: try again soon, because only two beats may be missed.
      return scheduleBeat(HEARTBEAT / 4);
    }
    if (version === undefined) onChange('lost');
    else scheduleBeat();
  };
  const release = async (note?: { readonly note: string; readonly ttl: number }): Promise<void> => {
    cancel();
    await beat;
    cancel();
    if (version !== undefined) {
      const value = note && encodeLease(owner, note.note);
      try {
        if ((await store.write(key, value, { ifVersion: version, ttl: note?.ttl })) === undefined) onChange('lost');
      } catch {
        // The store is unreachable: the lease expires by itself.
      }
    }
    onChange('released');
  };

  onChange('held');
  scheduleBeat();
  try {
    const result = (await alreadyDone()) ?? (await work());
    await release();
    return result;
  } catch (error) {
    await release(encodeFailure(error));
    throw error;
  }
};

const encodeLease = (owner: string, note?: string): string => JSON.stringify(note === undefined ? [owner] : [owner, note]);

/** The note of a holder that failed. Anything unreadable counts as a held lease, and is waited for like one. */
const noteIn = (value: string | undefined): string | undefined => {
  try {
    const parsed: unknown = JSON.parse(value ?? '');
    const note: unknown = Array.isArray(parsed) ? parsed[1] : undefined;
    return typeof note === 'string' ? note : undefined;
  } catch {
    return undefined;
  }
};

/** Waits for the delay given at first, or until a short one is asked for. */
const rest = async ({ clock, signal, pollDelay }: Pick<Turn<unknown>, 'clock' | 'signal' | 'pollDelay'>): Promise<void> => {
  const end = clock.monotonic() + pollDelay();
  for (let left = end - clock.monotonic(); left > 0; ) {
    await sleep(clock, Math.min(left, SLICE), { signal });
    left = end - clock.monotonic();
    if (left > 0 && pollDelay() <= SLICE) return;
  }
};
