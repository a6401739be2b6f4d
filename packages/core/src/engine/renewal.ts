import type { AuthError } from '../errors.ts';
import type { Token } from '../provider.ts';
import { type Entry, episodeOf, type Failure, failureAfter, hold, isForgotten, isNews, lifeLeft, stateOf, type Timing } from './entry.ts';
import { type Ledger, ownLedger } from './ledger.ts';
import type { Fail, Obtained, Question } from './question.ts';
import type { Shared } from './shared/shared.ts';
import type { Teller } from './teller.ts';

/** What renewals work with. */
export interface RenewalOptions {
  readonly ask: (question: Question) => Promise<Obtained>;
  readonly shared: (() => Promise<Shared>) | undefined;
  readonly keyOf: (id: string) => Promise<string>;
  readonly tell: Teller;
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

/** The renewals of one engine. What processes do together is in `shared/shared.ts`. */
export const createRenewal = ({ ask, shared, keyOf, tell, timing, random, singleUse, fail }: RenewalOptions): Renewal => {
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
    await tell(id, { type: 'adopted' });
    return token;
  };

  const takeStored = async (id: string, entry: Entry): Promise<Token | undefined> =>
    shared && take(id, entry, await (await shared()).read(await keyOf(id)));

  /** Asks the source and writes down what it gives, before anybody is answered. */
  const renew = async (id: string, entry: Entry, signal: AbortSignal, ledger: Ledger): Promise<Token> => {
    const type = entry.token !== undefined || entry.episode?.dead.length ? 'refreshed' : 'acquired';
    const started = clock.monotonic();
    const before = entry.token;
    const renewed = await ledger.begin();
    if (renewed) return renewed;
    let obtained: Obtained;
    try {
      obtained = await ask({ id, signal, refreshToken: ledger.refreshToken, saveRefreshToken: ledger.saveRefreshToken });
    } catch (error) {
      await ledger.failed(error);
      throw error;
    }
    const { token, until } = obtained;
    // One that was adopted meanwhile is newer than the question.
    if (entry.token && entry.token !== before) return entry.token;
    const theirs = await ledger.record(token);
    if (theirs) return theirs;
    if (!isForgotten(entry)) {
      hold(entry, token, until, timing);
      // Some vendors answer the same token until its end: asking at once again would change nothing.
      if (stateOf(entry, timing) !== 'fresh') recordFailure(entry, fail('unavailable', 'The token is due already.'));
    }
    await tell(id, { type, tokenId: crypto.randomUUID(), duration: clock.monotonic() - started, expiresAt: token.expiresAt });
    return token;
  };

  return {
    takeStored,
    recordFailure,
    obtain: async (id, entry, signal, pause) => {
      if (!shared) {
        if (singleUse) throw fail('store_unavailable', 'A single-use refresh token needs a `store`.');
        return renew(id, entry, signal, ownLedger(entry));
      }
      const { obtain } = await shared();
      return obtain({
        id,
        key: await keyOf(id),
        entry,
        signal,
        pause,
        take: (token) => take(id, entry, token),
        renew: (ledger) => renew(id, entry, signal, ledger),
        retryIn: (error) => recordFailure(entry, error).coldRetryAt - clock.monotonic(),
      });
    },
  };
};
