/// <reference lib="esnext.disposable" preserve="true" />

import { systemClock } from '../clock.ts';
import { AuthError } from '../errors.ts';
import type { Managed, ManagedOptions, TokenSource } from '../managed.ts';
import type { Token } from '../provider.ts';
import {
  bury,
  type Entry,
  emptyEntry,
  episodeOf,
  forgetEntry,
  hold,
  isForgotten,
  isIdle,
  lifeLeft,
  stateOf,
  type Timing,
  tidy,
} from './entry.ts';
import { type Flight, startFlight } from './flight.ts';
import { createGuard } from './guard.ts';
import { storageKey } from './key.ts';
import { remember } from './ledger.ts';
import { type Asker, authErrorsOf, checkedToken, createAsker, type Fail } from './question.ts';
import { createRenewal } from './renewal.ts';
import { createTeller } from './teller.ts';

/** So many subjects are kept without a look at those that have ended. */
const FIRST_SWEEP = 1_024;

/** One subject of an engine: a throw-away view, all state is in the engine. */
export interface Handle extends Omit<Managed, typeof Symbol.asyncDispose> {
  /** The token that is held or stored, without asking the source for one. */
  readonly current: () => Promise<Token | undefined>;
}

/** All subjects that share a clock, a store, windows and an account. */
export interface Engine {
  /** Two handles of one id share one entry and one flight. */
  readonly of: (id?: string) => Handle;
  /** For what uses the account's credentials beside the source. */
  readonly guarded: Asker['guarded'];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** The life of many tokens that share a clock, a store, windows and an account. */
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
  const fail: Fail = (code, message) => new AuthError(message, { code, provider, operation });
  const asAuthError = authErrorsOf(operation, fail);
  if (!Object.values(windows).every((window) => window === undefined || window >= 0))
    throw fail('misconfigured', 'Windows are milliseconds.');
  if (options.store !== undefined && key === undefined) throw fail('misconfigured', 'A store needs a `key`: whose token this is.');

  // Without a key no other engine shares this state; the name only joins events and status.
  const scope = key ?? crypto.randomUUID();
  const keyOf = (id: string): Promise<string> => storageKey('token', scope, id);
  const accountKey = (): Promise<string> => storageKey('account', account ?? scope);
  const timing: Timing = { clock, overrides: windows, jitter: random() };
  const soon = (): number => 25 + 75 * random();
  const tell = createTeller({ observe, provider, clock, keyOf });
  const { store } = options;
  const sharing =
    store &&
    import('./shared/shared.ts').then(({ openShared }) =>
      openShared({ store, accountKey, clock, soon, singleUse, whenStoreIsDown, provider, operation, tell, fail }),
    );
  // Reported to whoever needs it first.
  sharing?.catch(() => {});
  const guard = createGuard({ provider, operation, sharing: sharing && (async () => (await sharing).account) });
  // It may have sent a single-use refresh token before it failed.
  const { ask, guarded } = createAsker({
    sourceOf,
    fingerprint,
    guard,
    tell,
    clock,
    operation,
    foreign: singleUse ? 'outcome_unknown' : 'unavailable',
    fail,
  });
  const renewal = createRenewal({ ask, shared: sharing && (() => sharing), keyOf, tell, timing, random, singleUse, fail });
  // Looked up once, as the warm path does little else.
  const { monotonic } = clock;
  const entries = new Map<string | number, Entry>();
  let sweepAt = FIRST_SWEEP;
  let isDisposed = false;

  const entryOf = (id: string): Entry => {
    const known = entries.get(compact(id));
    if (known) return known;
    const entry = emptyEntry();
    if (isDisposed) return entry;
    if (entries.size >= sweepAt) sweep();
    entries.set(compact(id), entry);
    return entry;
  };

  /** Drops what has ended and is idle, each time the number of subjects has doubled. Never by a count: that would thrash. */
  const sweep = (): void => {
    for (const [id, entry] of entries) {
      if (liveOf(entry) !== undefined || !isIdle(entry, monotonic())) continue;
      forgetEntry(entry);
      entries.delete(id);
    }
    sweepAt = FIRST_SWEEP + 2 * entries.size;
  };

  const gone = (): AuthError => fail('aborted', 'This provider has been disposed of. Make a new one.');
  const aborted = (): AuthError => fail('aborted', 'The caller stopped it.');

  const flightOf = (id: string, entry: Entry): Flight<Token> => {
    const episode = episodeOf(entry);
    if (episode.flight) return episode.flight;
    const flight: Flight<Token> = startFlight({
      clock,
      abandonable: !entry.token && !singleUse,
      run: async (signal) => {
        try {
          // In the background nobody is in a hurry: what another process is at will be there in a few seconds.
          return await renewal.obtain(id, entry, signal, () => (flight.isAwaited() ? soon() : 1_000 + 4_000 * random()));
        } catch (cause) {
          const error = asAuthError(cause);
          if (!signal.aborted) {
            renewal.recordFailure(entry, error);
            await tell(id, { type: 'refresh_failed', code: error.code });
          }
          throw error;
        }
      },
      landed: () => {
        if (episode.flight === flight) episode.flight = undefined;
        tidy(entry);
      },
      aborted,
    });
    episode.flight = flight;
    return flight;
  };

  /** Everything but the warm path. */
  const slowly = async (id: string, entry: Entry, signal: AbortSignal | undefined): Promise<Token> => {
    if (isDisposed) throw gone();
    if (signal?.aborted) throw aborted();
    const state = stateOf(entry, timing);
    const { token } = entry;
    const failure = entry.episode?.failure;
    const now = monotonic();
    if (token && state === 'fresh') return token;
    if (token && state === 'advisory') {
      if (failure === undefined || now >= failure.retryAt) flightOf(id, entry);
      return token;
    }
    const usable = usableOf(entry);
    if (failure && now < (usable ? failure.retryAt : failure.coldRetryAt)) return serveStale(id, usable, failure.error);
    if (token && state === 'expired' && !serveExpired) bury(entry, token.value);
    try {
      const obtained = await flightOf(id, entry).join(signal);
      // A stored one may be due already.
      if (entry.token === obtained && stateOf(entry, timing) === 'advisory') flightOf(id, entry);
      return obtained;
    } catch (error) {
      // `aborted` is this caller's own wish.
      if (!AuthError.is(error) || error.code === 'aborted') throw error;
      // Judged anew: the token may have ended or been rejected meanwhile, or come from the store.
      return serveStale(id, usableOf(entry), error);
    }
  };

  /** What may be served while no renewal succeeds. */
  const usableOf = (entry: Entry): Token | undefined => (isForgotten(entry) || !serveExpired ? liveOf(entry) : entry.token);

  const serveStale = async (id: string, usable: Token | undefined, error: AuthError): Promise<Token> => {
    if (!usable) throw error;
    await tell(id, { type: 'served_stale', code: error.code });
    return usable;
  };

  const invalidate = async (id: string, rejected: Token): Promise<void> => {
    const entry = entryOf(id);
    const isHeld = entry.token?.value === rejected.value;
    // Late word about a token that was replaced or given up long ago costs nothing.
    if (!isHeld && (entry.token !== undefined || entry.episode?.dead.includes(rejected.value))) return;
    // Before anything is awaited: a hundred callers that were refused at once cause one renewal.
    bury(entry, rejected.value);
    const wasStored = sharing && (await (await sharing).removeToken(id, await keyOf(id), rejected));
    if (isHeld || wasStored) await tell(id, { type: 'invalidated' });
  };

  const adopt = async (id: string, token: Token, refreshToken: string | null): Promise<void> => {
    if (isDisposed) throw gone();
    const entry = entryOf(id);
    const left = lifeLeft(token, clock.now());
    checkedToken(token, left, fail);
    hold(entry, token, monotonic() + left, timing);
    remember(entry, refreshToken, false);
    const episode = episodeOf(entry);
    episode.dead = episode.dead.filter((value) => value !== token.value);
    await tell(id, { type: 'adopted' });
    if (sharing) await (await sharing).put(await keyOf(id), token, refreshToken);
    remember(entry, refreshToken, true);
    tidy(entry);
  };

  const liveOf = (entry: Entry): Token | undefined => (stateOf(entry, timing) === 'expired' ? undefined : entry.token);

  const handle = (id: string): Handle => {
    let entry = entries.get(compact(id));
    const here = (): Entry => {
      if (!entry || isForgotten(entry)) entry = entryOf(id);
      return entry;
    };
    return {
      token: async (call) => {
        const token = entry?.token;
        if (token !== undefined && entry !== undefined && monotonic() < entry.advisoryAt && !call?.signal?.aborted) return token;
        return slowly(id, here(), call?.signal);
      },
      peek: () => {
        const { token, advisoryAt } = here();
        return token !== undefined && monotonic() < advisoryAt ? token : undefined;
      },
      invalidate: (rejected) => invalidate(id, rejected),
      current: async () => {
        const held = here();
        // The store's is newer, if they differ.
        await renewal.takeStored(id, held).catch((error: unknown) => {
          if (!liveOf(held)) throw error;
        });
        return liveOf(held);
      },
      adopt: (token, refreshToken) => adopt(id, token, refreshToken ?? null),
      forget: async () => {
        const held = here();
        forgetEntry(held);
        entries.delete(compact(id));
        await tell(id, { type: 'forgotten' });
        if (sharing) await (await sharing).remove(await keyOf(id));
      },
      reset: async () => {
        episodeOf(here()).failure = undefined;
        await guard.reset();
      },
      status: async () => {
        // Health pages ask for it, most processes never do.
        const { statusOf } = await import('./status.ts');
        const attemptsLeft = options.fingerprint === undefined ? null : await guard.left();
        return statusOf({ provider, authority: await keyOf(id), entry: here(), timing, attemptsLeft });
      },
    };
  };

  return {
    of: (id = '') => handle(id),
    guarded,
    [Symbol.asyncDispose]: async () => {
      isDisposed = true;
      const flights = [...entries.values()].flatMap((entry) => {
        const flight = entry.episode?.flight;
        forgetEntry(entry);
        return flight ?? [];
      });
      entries.clear();
      for (const flight of flights) flight.cancel(gone());
      // Leases are given back by then.
      await Promise.all(flights.map(({ ended }) => ended));
    },
  };
};

/** An id of digits, as most vendors have them, takes no memory as a number. Two ids never become one. */
const compact = (id: string): string | number => (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : id);
