import { AuthError } from '../errors.ts';
import type { Token } from '../provider.ts';
import { type Entry, episodeOf, type Failure, failureAfter, hold, isForgotten, isNews, lifeLeft, stateOf, type Timing } from './entry.ts';
import { type Ledger, ownLedger } from './ledger.ts';
import type { Fail, Obtained, Question } from './question.ts';
import type { Shared } from './shared/shared.ts';
import type { Teller } from './teller.ts';

export interface RenewalOptions {
  readonly ask: (question: Question) => Promise<Obtained>;
  readonly shared: (() => Promise<Shared>) | undefined;
  readonly keyOf: (id: string) => Promise<string>;
  readonly teller: Teller;
  readonly timing: Timing;
  readonly random: () => number;
  readonly singleUse: boolean;
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

export const createRenewal = ({ ask, shared, keyOf, teller, timing, random, singleUse, fail }: RenewalOptions): Renewal => {
  const { clock } = timing;

  const recordFailure = (entry: Entry, error: AuthError): Failure => {
    const episode = episodeOf(entry);
    if (episode.failure?.error !== error) episode.failure = failureAfter(episode.failure, error, clock.monotonic(), random);
    return episode.failure;
  };

  const take = async (id: string, entry: Entry, token: Token | null): Promise<Token | undefined> => {
    if (token === null || isForgotten(entry) || !isNews(token, entry)) return undefined;
    const left = lifeLeft(token, clock.now());
    if (left <= 0) return undefined;
    const isFirst = entry.token === undefined;
    hold(entry, token, clock.monotonic() + left, timing);
    const state = stateOf(entry, timing);
    // One that is due for renewal is good enough for those who have none.
    if (state !== 'fresh' && !(isFirst && state === 'advisory')) return undefined;
    await teller.tell(id, { type: 'adopted' });
    return token;
  };

  const takeStored = async (id: string, entry: Entry): Promise<Token | undefined> =>
    shared && take(id, entry, await (await shared()).read(await keyOf(id)));

  /** Asks the source and writes down what it gives, before anybody is answered. */
  const renew = async (id: string, entry: Entry, signal: AbortSignal, ledger: Ledger): Promise<Token> => {
    const type = entry.token !== undefined || entry.episode?.dead.length ? 'refreshed' : 'acquired';
    const started = clock.monotonic();
    if (!(await ledger.begin())) {
      const theirs = await takeStored(id, entry);
      if (theirs) return theirs;
      throw fail('unavailable', 'Another process took over while this one stood still. The next call looks what came of it.');
    }
    let obtained: Obtained;
    try {
      obtained = await ask({ id, signal, grant: ledger.grant, keep: ledger.keep });
    } catch (error) {
      await ledger.failed(error);
      throw error;
    }
    const { token, until } = obtained;
    const isRecorded = await teller.orWithoutStore(id, ledger.record(token));
    if (isRecorded === false && !isForgotten(entry)) {
      // Somebody took over while this process stood still: theirs is the one that all share.
      const theirs = await teller.orWithoutStore(id, takeStored(id, entry));
      if (theirs) return theirs;
    }
    if (!isForgotten(entry)) {
      hold(entry, token, until, timing);
      // What could not be written down may still be in the store, and must not come back.
      if (isRecorded && entry.episode) entry.episode.dead = [];
    }
    await teller.tell(id, { type, tokenId: crypto.randomUUID(), duration: clock.monotonic() - started, expiresAt: token.expiresAt });
    return token;
  };

  return {
    takeStored,
    recordFailure,
    obtain: async (id, entry, signal, pause) => {
      if (shared === undefined) {
        if (singleUse)
          throw fail('store_unavailable', 'A grant that can be used once needs a store that outlives this process: add `store`.');
        return renew(id, entry, signal, ownLedger(entry));
      }
      let isTried = false;
      try {
        const { obtain } = await shared();
        return await obtain({
          key: await keyOf(id),
          entry,
          signal,
          pause,
          take: (token) => take(id, entry, token),
          renew: (ledger) => {
            isTried = true;
            return renew(id, entry, signal, ledger);
          },
          retryIn: (error) => recordFailure(entry, error).coldRetryAt - clock.monotonic(),
          tell: (change) => void teller.tell(id, { type: change }),
        });
      } catch (error) {
        if (isTried || singleUse || !AuthError.is(error, 'store_unavailable')) throw error;
        await teller.tell(id, { type: 'served_without_store', code: error.code });
        return renew(id, entry, signal, ownLedger(entry));
      }
    },
  };
};
