import type { Token } from '../authority.ts';
import type { AuthError } from '../errors.ts';
import type { MakeError } from './as-auth-error.ts';
import { type Failure, failureAfter } from './back-off.ts';
import type { Journal } from './journal.ts';
import { localJournal } from './local-journal.ts';
import type { Report } from './report.ts';
import type { Coordination } from './shared/coordination.ts';
import { activityOf, isForgotten, isNews, lifeLeft, type Subject, setToken, stateOf, type Timing } from './subject.ts';
import type { Obtained, TokenRequest } from './token-request.ts';

/** What renewals need. */
export interface RenewalOptions {
  readonly requestToken: (request: TokenRequest) => Promise<Obtained>;
  readonly shared: (() => Promise<Coordination>) | undefined;
  readonly keyOf: (id: string) => Promise<string>;
  readonly report: Report;
  readonly timing: Timing;
  readonly random: () => number;
  readonly singleUse: boolean;
  readonly fail: MakeError;
}

/** How a subject gets a new token: one process asks for all that share the store. While the store is down, each asks for itself. */
export interface Renewal {
  /** `pause`: milliseconds until the next look at what another process is doing. */
  readonly obtain: (id: string, subject: Subject, signal: AbortSignal, pause: () => number) => Promise<Token>;
  /** Makes a stored token current if it is new to this process. Resolves to `undefined` if it is not, or must be renewed first. */
  readonly takeStored: (id: string, subject: Subject) => Promise<Token | undefined>;
  readonly recordFailure: (subject: Subject, error: AuthError) => Failure;
}

/** The renewals of one engine. What processes do together is in `shared/coordination.ts`. */
export const createRenewal = ({ requestToken, shared, keyOf, report, timing, random, singleUse, fail }: RenewalOptions): Renewal => {
  const { clock } = timing;

  const recordFailure = (subject: Subject, error: AuthError): Failure => {
    const activity = activityOf(subject);
    if (activity.failure?.error !== error) activity.failure = failureAfter(activity.failure, error, clock.monotonic(), random);
    return activity.failure;
  };

  const take = async (id: string, subject: Subject, token: Token | null): Promise<Token | undefined> => {
    if (token === null || isForgotten(subject) || !isNews(token, subject)) return undefined;
    const left = lifeLeft(token, clock.now());
    if (left <= 0) return undefined;
    const isFirst = subject.token === undefined;
    setToken(subject, token, clock.monotonic() + left, timing);
    const state = stateOf(subject, timing);
    // A token that is due for renewal is good enough for a subject that has none.
    if (state !== 'fresh' && !(isFirst && state === 'advisory')) return undefined;
    await report(id, { type: 'adopted' });
    return token;
  };

  const takeStored = async (id: string, subject: Subject): Promise<Token | undefined> =>
    shared && take(id, subject, await (await shared()).read(await keyOf(id)));

  /** Asks the source for a token and records it in the journal before any caller gets it. */
  const renew = async (id: string, subject: Subject, signal: AbortSignal, journal: Journal): Promise<Token> => {
    const type = subject.token !== undefined || subject.activity?.discarded.length ? 'refreshed' : 'acquired';
    const started = clock.monotonic();
    const before = subject.token;
    const renewed = await journal.begin();
    if (renewed) return renewed;
    let obtained: Obtained;
    try {
      obtained = await requestToken({ id, signal, refreshToken: journal.refreshToken, saveRefreshToken: journal.saveRefreshToken });
    } catch (error) {
      await journal.abort(error);
      throw error;
    }
    const { token, until } = obtained;
    // A token that was adopted meanwhile is newer than the request.
    if (subject.token && subject.token !== before) return subject.token;
    const theirs = await journal.commit(token);
    if (theirs) return theirs;
    if (!isForgotten(subject)) {
      setToken(subject, token, until, timing);
      // Some vendors return the same token until its end: asking again at once would change nothing.
      if (stateOf(subject, timing) !== 'fresh') recordFailure(subject, fail('unavailable', 'The new token is already due for renewal.'));
    }
    await report(id, { type, tokenId: crypto.randomUUID(), duration: clock.monotonic() - started, expiresAt: token.expiresAt });
    return token;
  };

  return {
    takeStored,
    recordFailure,
    obtain: async (id, subject, signal, pollDelay) => {
      if (!shared) {
        if (singleUse) throw fail('store_unavailable', 'A single-use refresh token needs a `store`.');
        return renew(id, subject, signal, localJournal(subject));
      }
      const { obtain } = await shared();
      return obtain({
        id,
        key: await keyOf(id),
        subject,
        signal,
        pollDelay,
        take: (token) => take(id, subject, token),
        renew: (journal) => renew(id, subject, signal, journal),
        retryIn: (error) => recordFailure(subject, error).coldRetryAt - clock.monotonic(),
      });
    },
  };
};
