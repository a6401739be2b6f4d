import { AuthError } from '../errors.ts';
import type { Token } from '../provider.ts';
import { type Entry, episodeOf, type Failure, failureAfter, hold, isNews, lifeLeft, stateOf, type Timing } from './entry.ts';
import { decodeFailure, encodeFailure, isShared, isUnclear } from './failures.ts';
import { takeTurn } from './lease.ts';
import { type Ledger, ownLedger, storedLedger } from './ledger.ts';
import { authErrorsOf, type Fail, type Obtained, type Question } from './question.ts';
import { type Found, NOTHING_STORED, type Shelf, type Stored } from './stored.ts';
import type { Teller } from './teller.ts';

/** Waiting for another process may take longer than its source, with a death and a take-over in between. */
export const LEASE_PATIENCE = 45_000;

export interface RenewalOptions {
  readonly provider: string;
  readonly operation: string;
  readonly ask: (question: Question) => Promise<Obtained>;
  readonly shelf: Shelf | undefined;
  readonly keyOf: (id: string) => Promise<string>;
  readonly teller: Teller;
  readonly timing: Timing;
  readonly random: () => number;
  readonly singleUse: boolean;
  readonly late: () => AuthError;
  readonly fail: Fail;
}

/** How a subject comes by a new token: one process asks for all that share the store, each for itself while that is down. */
export interface Renewal {
  /** `pause`: milliseconds until the next look at what another process is doing. */
  readonly obtain: (id: string, entry: Entry, signal: AbortSignal, pause: () => number) => Promise<Token>;
  /** What the store has, if it is better than what is held; then it is held. */
  readonly takeStored: (id: string, entry: Entry) => Promise<Token | undefined>;
  readonly recordFailure: (entry: Entry, error: AuthError) => Failure;
}

export const createRenewal = (options: RenewalOptions): Renewal => {
  const { provider, operation, ask, shelf, keyOf, teller, timing, random, singleUse, late, fail } = options;
  const { clock } = timing;
  const asAuthError = authErrorsOf(operation, fail);

  const recordFailure = (entry: Entry, error: AuthError): Failure => {
    const episode = episodeOf(entry);
    if (episode.failure?.error !== error) episode.failure = failureAfter(episode.failure, error, clock.monotonic(), random);
    return episode.failure;
  };

  const take = async (id: string, entry: Entry, { token }: Stored): Promise<Token | undefined> => {
    if (token === null || entry.isForgotten || !isNews(token, entry)) return undefined;
    const left = lifeLeft(token, clock.now());
    if (left <= 0) return undefined;
    const isFirst = entry.token === undefined;
    hold(entry, token, left, timing);
    const state = stateOf(entry, timing);
    // One that is due for renewal is good enough for those who have none.
    if (state !== 'fresh' && !(isFirst && state === 'advisory')) return undefined;
    await teller.tell(id, { type: 'adopted' });
    return token;
  };

  const takeStored = async (id: string, entry: Entry): Promise<Token | undefined> =>
    shelf && take(id, entry, (await shelf.read(await keyOf(id))).stored);

  /** Asks the source and writes down what it gives, before anybody is answered. */
  const renew = async (id: string, entry: Entry, signal: AbortSignal, ledger: Ledger): Promise<Token> => {
    const type = entry.token !== undefined || entry.episode?.dead.length ? 'refreshed' : 'acquired';
    const started = clock.monotonic();
    if (singleUse) await ledger.markSent();
    let obtained: Obtained;
    try {
      obtained = await ask({ id, signal, grant: ledger.grant, keep: ledger.keep });
    } catch (error) {
      if (singleUse && AuthError.is(error) && !isUnclear(error)) await ledger.unmark();
      throw error;
    }
    const { token, left } = obtained;
    const isRecorded = await teller.orWithoutStore(id, ledger.record(token));
    if (isRecorded === false && !entry.isForgotten) {
      // Somebody took over while this process stood still: theirs is the one that all share.
      const theirs = await teller.orWithoutStore(id, takeStored(id, entry));
      if (theirs) return theirs;
    }
    if (!entry.isForgotten) {
      hold(entry, token, left, timing);
      // What could not be written down may still be in the store, and must not come back.
      if (isRecorded && entry.episode) entry.episode.dead = [];
    }
    await teller.tell(id, { type, tokenId: crypto.randomUUID(), duration: clock.monotonic() - started, expiresAt: token.expiresAt });
    return token;
  };

  const unclear = (): AuthError =>
    fail(
      'outcome_unknown',
      'The grant was sent and the answer was lost, so it may be spent. It is not sent again. Connect the user anew, then adopt() what comes of it.',
    );

  return {
    takeStored,
    recordFailure,
    obtain: async (id, entry, signal, pause) => {
      if (shelf === undefined) {
        if (singleUse)
          throw fail('store_unavailable', 'A grant that can be used once needs a store that outlives this process: add `store`.');
        return renew(id, entry, signal, ownLedger(entry, false));
      }
      const key = await keyOf(id);
      let found: Found = { stored: NOTHING_STORED, version: null };
      let isTried = false;
      try {
        return await takeTurn<Token>({
          store: shelf.store,
          key: `${key}:lease`,
          clock,
          signal,
          pause,
          patience: LEASE_PATIENCE,
          late,
          settled: async () => {
            found = await shelf.read(key);
            return take(id, entry, found.stored);
          },
          work: async () => {
            if (found.stored.isSent) throw unclear();
            isTried = true;
            return renew(id, entry, signal, storedLedger(entry, { shelf, key, found }, !singleUse));
          },
          noteOf: (cause) => {
            const error = asAuthError(cause);
            if (signal.aborted || !isShared(error)) return undefined;
            return { note: encodeFailure(error), ttl: Math.max(1, recordFailure(entry, error).coldRetryAt - clock.monotonic()) };
          },
          errorOf: (note) => decodeFailure(note, provider, operation),
          onChange: (change) => {
            if (change === 'waited' || change === 'lost') void teller.tell(id, { type: `lease_${change}` });
            if (change !== 'waited') episodeOf(entry).holdsLease = change === 'held';
          },
        });
      } catch (error) {
        if (isTried || singleUse || !AuthError.is(error, 'store_unavailable')) throw error;
        await teller.tell(id, { type: 'served_without_store', code: error.code });
        return renew(id, entry, signal, ownLedger(entry, true));
      }
    },
  };
};
