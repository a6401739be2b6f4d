/// <reference lib="esnext.disposable" preserve="true" />

import type { Token } from '../authority.ts';
import { systemClock } from '../clock.ts';
import { AuthError } from '../errors.ts';
import type { Managed, ManagedOptions, TokenSource } from '../token-source.ts';
import { authErrorsOf, type MakeError } from './as-auth-error.ts';
import { createGuard } from './credential-guard.ts';
import { type Flight, startFlight } from './flight.ts';
import { createRenewal } from './renewal.ts';
import { createReport } from './report.ts';
import { storageKey } from './storage-key.ts';
import {
  activityOf,
  discard,
  dropIdle,
  emptySubject,
  forgetSubject,
  isForgotten,
  isIdle,
  lifeLeft,
  remember,
  type Subject,
  setToken,
  stateOf,
  type Timing,
} from './subject.ts';
import { checkedToken, createTokenRequests, type TokenRequests } from './token-request.ts';

/** How many subjects there may be before the first sweep. */
const FIRST_SWEEP = 1_024;

/** One subject of an engine. A throw-away view: all state is in the engine. */
export interface Handle extends Omit<Managed, typeof Symbol.asyncDispose> {
  /** The token in memory or in the store, without asking the source for one. */
  readonly current: () => Promise<Token | undefined>;
}

/** All subjects that share a clock, a store, windows and an account. */
export interface Engine {
  /** Two handles with the same id share one subject and one flight. */
  readonly of: (id?: string) => Handle;
  /** For calls that use the account's credentials without asking the source. */
  readonly attempt: TokenRequests['attempt'];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Manages many tokens that share a clock, a store, windows and an account. */
export const createEngine = (sourceOf: (id: string) => TokenSource, options: ManagedOptions): Engine => {
  const {
    key,
    account = key,
    clock = systemClock,
    random = Math.random,
    observe,
    windows = {},
    serveExpired = false,
    singleUse = false,
    fingerprint = () => '',
    whenStoreIsDown = 'serve',
    provider = 'custom',
    operation = 'token',
  } = options;
  const fail: MakeError = (code, message) => new AuthError(message, { code, provider, operation });
  const asAuthError = authErrorsOf(operation, fail);
  if (!Object.values(windows).every((window) => window === undefined || window >= 0))
    throw fail('misconfigured', '`windows` must be 0 or more milliseconds.');
  if (options.store !== undefined && key === undefined) throw fail('misconfigured', 'A store needs a `key`: whose token this is.');

  // Without a key no other engine shares this state; the random name only ties events to status.
  const scope = key ?? crypto.randomUUID();
  const keyOf = (id: string): Promise<string> => storageKey('token', scope, id);
  const accountKey = (): Promise<string> => storageKey('account', account ?? scope);
  const timing: Timing = { clock, overrides: windows, jitter: random() };
  const pollDelay = (): number => 25 + 75 * random();
  const report = createReport({ observe, provider, clock, keyOf });
  const { store } = options;
  const shared =
    store &&
    import('./shared/coordination.ts').then(({ openCoordination }) =>
      openCoordination({ store, accountKey, clock, pollDelay, singleUse, whenStoreIsDown, provider, operation, report, fail }),
    );
  // Reported to the first call that needs it.
  shared?.catch(() => {});
  const guard = createGuard({ provider, operation, records: shared && (async () => (await shared).account) });
  // A source may have sent a single-use refresh token before it failed, hence `codeOfUnknown`.
  const { requestToken, attempt } = createTokenRequests({
    sourceOf,
    fingerprint,
    guard,
    report,
    clock,
    operation,
    codeOfUnknown: singleUse ? 'outcome_unknown' : 'unavailable',
    fail,
  });
  const renewal = createRenewal({ requestToken, shared: shared && (() => shared), keyOf, report, timing, random, singleUse, fail });
  // Looked up once, because the warm path does little else.
  const { monotonic } = clock;
  const subjects = new Map<string | number, Subject>();
  let sweepAt = FIRST_SWEEP;
  let isDisposed = false;

  const subjectOf = (id: string): Subject => {
    const known = subjects.get(compact(id));
    if (known) return known;
    const subject = emptySubject();
    if (isDisposed) return subject;
    if (subjects.size >= sweepAt) sweep();
    subjects.set(compact(id), subject);
    return subject;
  };

  /** Drops idle subjects without a live token whenever the number of subjects has doubled. At a fixed number it would thrash. */
  const sweep = (): void => {
    for (const [id, subject] of subjects) {
      if (liveOf(subject) !== undefined || !isIdle(subject, monotonic())) continue;
      forgetSubject(subject);
      subjects.delete(id);
    }
    sweepAt = FIRST_SWEEP + 2 * subjects.size;
  };

  const gone = (): AuthError => fail('aborted', 'This provider has been disposed of. Make a new one.');
  const aborted = (): AuthError => fail('aborted', 'The caller aborted the call.');

  const flightOf = (id: string, subject: Subject): Flight<Token> => {
    const activity = activityOf(subject);
    if (activity.flight) return activity.flight;
    const flight: Flight<Token> = startFlight({
      clock,
      abandonable: !subject.token && !singleUse,
      run: async (signal) => {
        try {
          // In the background nobody is in a hurry: the result of another process will be there in a few seconds.
          return await renewal.obtain(id, subject, signal, () => (flight.isAwaited() ? pollDelay() : 1_000 + 4_000 * random()));
        } catch (cause) {
          const error = asAuthError(cause);
          if (!signal.aborted) {
            renewal.recordFailure(subject, error);
            await report(id, { type: 'refresh_failed', code: error.code });
          }
          throw error;
        }
      },
      landed: () => {
        if (activity.flight === flight) activity.flight = undefined;
        dropIdle(subject);
      },
      aborted,
    });
    activity.flight = flight;
    return flight;
  };

  /** Everything but the warm path. */
  const slowPath = async (id: string, subject: Subject, signal: AbortSignal | undefined): Promise<Token> => {
    if (isDisposed) throw gone();
    if (signal?.aborted) throw aborted();
    const state = stateOf(subject, timing);
    const { token } = subject;
    const failure = subject.activity?.failure;
    const now = monotonic();
    if (token && state === 'fresh') return token;
    if (token && state === 'advisory') {
      if (failure === undefined || now >= failure.retryAt) flightOf(id, subject);
      return token;
    }
    const usable = usableOf(subject);
    if (failure && now < (usable ? failure.retryAt : failure.coldRetryAt)) return serveStale(id, usable, failure.error);
    if (token && state === 'expired' && !serveExpired) discard(subject, token.value);
    try {
      const obtained = await flightOf(id, subject).join(signal);
      // A stored token may already be due for renewal.
      if (subject.token === obtained && stateOf(subject, timing) === 'advisory') flightOf(id, subject);
      return obtained;
    } catch (error) {
      // `aborted` is what this caller asked for.
      if (!AuthError.is(error) || error.code === 'aborted') throw error;
      // Judged again: meanwhile the token may have ended, been rejected, or come from the store.
      return serveStale(id, usableOf(subject), error);
    }
  };

  /** The token that may be served while renewals fail. */
  const usableOf = (subject: Subject): Token | undefined => (isForgotten(subject) || !serveExpired ? liveOf(subject) : subject.token);

  const serveStale = async (id: string, usable: Token | undefined, error: AuthError): Promise<Token> => {
    if (!usable) throw error;
    await report(id, { type: 'served_stale', code: error.code });
    return usable;
  };

  const invalidate = async (id: string, rejected: Token): Promise<void> => {
    const subject = subjectOf(id);
    const isHeld = subject.token?.value === rejected.value;
    // A late report about a token that was replaced or discarded long ago costs nothing.
    if (!isHeld && (subject.token !== undefined || subject.activity?.discarded.includes(rejected.value))) return;
    // Before any `await`, so that a hundred callers that are refused at once cause one renewal.
    discard(subject, rejected.value);
    const wasStored = shared && (await (await shared).removeToken(id, await keyOf(id), rejected));
    if (isHeld || wasStored) await report(id, { type: 'invalidated' });
  };

  const adopt = async (id: string, token: Token, refreshToken: string | null): Promise<void> => {
    if (isDisposed) throw gone();
    const subject = subjectOf(id);
    const left = lifeLeft(token, clock.now());
    checkedToken(token, left, fail);
    setToken(subject, token, monotonic() + left, timing);
    remember(subject, refreshToken, false);
    const activity = activityOf(subject);
    activity.discarded = activity.discarded.filter((value) => value !== token.value);
    await report(id, { type: 'adopted' });
    if (shared) await (await shared).put(await keyOf(id), token, refreshToken);
    remember(subject, refreshToken, true);
    dropIdle(subject);
  };

  const liveOf = (subject: Subject): Token | undefined => (stateOf(subject, timing) === 'expired' ? undefined : subject.token);

  const handle = (id: string): Handle => {
    let subject = subjects.get(compact(id));
    const here = (): Subject => {
      if (!subject || isForgotten(subject)) subject = subjectOf(id);
      return subject;
    };
    return {
      token: async (call) => {
        const token = subject?.token;
        if (token !== undefined && subject !== undefined && monotonic() < subject.advisoryAt && !call?.signal?.aborted) return token;
        return slowPath(id, here(), call?.signal);
      },
      peek: () => {
        const { token, advisoryAt } = here();
        return token !== undefined && monotonic() < advisoryAt ? token : undefined;
      },
      invalidate: (rejected) => invalidate(id, rejected),
      current: async () => {
        const held = here();
        // If they differ, the store's token is the newer one.
        await renewal.takeStored(id, held).catch((error: unknown) => {
          if (!liveOf(held)) throw error;
        });
        return liveOf(held);
      },
      adopt: (token, refreshToken) => adopt(id, token, refreshToken ?? null),
      forget: async () => {
        const held = here();
        forgetSubject(held);
        subjects.delete(compact(id));
        await report(id, { type: 'forgotten' });
        if (shared) await (await shared).remove(await keyOf(id));
      },
      reset: async () => {
        activityOf(here()).failure = undefined;
        await guard.reset();
      },
      status: async () => {
        // Loaded late: health pages need it, most processes never do.
        const { statusOf } = await import('./status.ts');
        const attemptsLeft = options.fingerprint === undefined ? null : await guard.left();
        return statusOf({ provider, authority: await keyOf(id), subject: here(), timing, attemptsLeft });
      },
    };
  };

  return {
    of: (id = '') => handle(id),
    attempt,
    [Symbol.asyncDispose]: async () => {
      isDisposed = true;
      const flights = [...subjects.values()].flatMap((subject) => {
        const flight = subject.activity?.flight;
        forgetSubject(subject);
        return flight ?? [];
      });
      subjects.clear();
      for (const flight of flights) flight.cancel(gone());
      // By then the leases are released.
      await Promise.all(flights.map(({ ended }) => ended));
    },
  };
};

/** Most vendors' ids are digits, and a number takes no memory of its own. Two ids never become the same. */
const compact = (id: string): string | number => (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : id);
