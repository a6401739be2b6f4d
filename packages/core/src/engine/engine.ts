/// <reference lib="esnext.disposable" preserve="true" />

import { systemClock } from '../clock.ts';
import { AuthError } from '../errors.ts';
import type { Managed, ManagedOptions, TokenSource } from '../managed.ts';
import type { AuthorityStatus, Token } from '../provider.ts';
import { boundedStore } from './bounded-store.ts';
import { bury, type Entry, emptyEntry, episodeOf, hold, lifeLeft, stateOf, type Timing, tidy } from './entry.ts';
import { type Flight, startFlight } from './flight.ts';
import { createGuard, isRefused } from './guard.ts';
import { authErrorsOf, checkedToken, createAsker, type Fail } from './question.ts';
import { createRenewal, LEASE_PATIENCE } from './renewal.ts';
import { createShelf, storageKey } from './stored.ts';
import { createTeller } from './teller.ts';

/** One subject of an engine: a throw-away view, all state is in the engine. */
export interface Handle extends Omit<Managed, typeof Symbol.asyncDispose> {
  /** The token that is held or stored, without asking the source for one. */
  readonly current: () => Promise<Token | undefined>;
}

export interface Engine {
  /** Two handles of one id share one entry and one flight. */
  readonly of: (id?: string) => Handle;
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
  if (options.store !== undefined && key === undefined)
    throw fail('misconfigured', 'A store needs a key that says whose token this is: add `key`, or leave out `store`.');

  const storeDown = (): AuthError => fail('store_unavailable', 'The token store cannot be reached, or hangs. Check that it is up.');
  const shelf = options.store && createShelf(boundedStore(options.store, clock, storeDown), clock);
  // Without a key no other engine shares this state; the name only joins events and status.
  const scope = key ?? crypto.randomUUID();
  const keyOf = (id: string): Promise<string> => storageKey('token', scope, id);
  const timing: Timing = { clock, overrides: windows, jitter: random() };
  const soon = (): number => 25 + 75 * random();
  const late = (): AuthError => fail('timeout', 'Another process did not come back with a token in time. The next call tries again.');
  const guard = createGuard({
    provider,
    operation,
    store: shelf?.store,
    key: () => storageKey('account', account ?? scope),
    clock,
    pause: soon,
    whenStoreIsDown,
    patience: LEASE_PATIENCE,
    late,
  });
  const teller = createTeller({ observe, provider, clock, keyOf });
  // It may have sent a grant that can be used once before it failed.
  const ask = createAsker({
    sourceOf,
    fingerprint,
    guard,
    teller,
    clock,
    operation,
    foreign: singleUse ? 'outcome_unknown' : 'unavailable',
    fail,
  });
  const renewal = createRenewal({ provider, operation, ask, shelf, keyOf, teller, timing, random, singleUse, late, fail });
  const entries = new Map<string, Entry>();
  let isDisposed = false;

  const entryOf = (id: string): Entry => {
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry = emptyEntry();
    if (!isDisposed) entries.set(id, entry);
    return entry;
  };

  const gone = (): AuthError => fail('aborted', 'This provider has been disposed of. Make a new one to go on.');
  const aborted = (): AuthError => fail('aborted', 'The caller stopped waiting for a token. Others that wait for it go on.');

  const flightOf = (id: string, entry: Entry): Flight<Token> => {
    const episode = episodeOf(entry);
    if (episode.flight !== undefined) return episode.flight;
    // In the background nobody is in a hurry: what another process is at will be there in a few seconds.
    const isBackground = stateOf(entry, timing) === 'advisory';
    const flight = startFlight<Token>({
      clock,
      abandonable: entry.token === undefined && !singleUse,
      run: async (signal) => {
        try {
          return await renewal.obtain(id, entry, signal, isBackground ? () => 1_000 + 4_000 * random() : soon);
        } catch (cause) {
          const error = asAuthError(cause);
          if (!signal.aborted) {
            renewal.recordFailure(entry, error);
            await teller.tell(id, { type: 'refresh_failed', code: error.code });
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
    const now = clock.monotonic();
    if (token !== undefined && state === 'fresh') return token;
    if (token !== undefined && state === 'advisory') {
      if (failure === undefined || now >= failure.retryAt) flightOf(id, entry);
      return token;
    }
    const usable = usableOf(entry);
    if (failure !== undefined && now < (usable ? failure.retryAt : failure.coldRetryAt)) return serveStale(id, usable, failure.error);
    if (token !== undefined && state === 'expired' && !serveExpired) bury(entry, token.value);
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
  const usableOf = (entry: Entry): Token | undefined =>
    !entry.isForgotten && (serveExpired || stateOf(entry, timing) !== 'expired') ? entry.token : undefined;

  const serveStale = async (id: string, usable: Token | undefined, error: AuthError): Promise<Token> => {
    if (usable === undefined) throw error;
    await teller.tell(id, { type: 'served_stale', code: error.code });
    return usable;
  };

  const invalidate = async (id: string, rejected: Token): Promise<void> => {
    const entry = entryOf(id);
    const isHeld = entry.token?.value === rejected.value;
    // Late word about a token that was replaced or given up long ago costs nothing.
    if (!isHeld && (entry.token !== undefined || entry.episode?.dead.includes(rejected.value))) return;
    // Before anything is awaited: a hundred callers that were refused at once cause one renewal.
    bury(entry, rejected.value);
    const wasStored = await teller.orWithoutStore(id, unstore(id, rejected));
    if (isHeld || wasStored) await teller.tell(id, { type: 'invalidated' });
  };

  const unstore = async (id: string, rejected: Token): Promise<boolean> => {
    if (shelf === undefined) return false;
    const at = await keyOf(id);
    const { stored, version } = await shelf.read(at);
    if (stored.token?.value !== rejected.value || version === null) return false;
    if (stored.grant === null && !stored.isSent) await shelf.remove(at, version);
    else await shelf.write(at, { ...stored, token: null }, version);
    return true;
  };

  const adopt = async (id: string, token: Token, grant: string | null): Promise<void> => {
    if (isDisposed) throw gone();
    const entry = entryOf(id);
    const left = lifeLeft(token, clock.now());
    checkedToken(token, left, fail);
    hold(entry, token, left, timing);
    entry.grant = grant;
    const { episode } = entry;
    if (episode !== undefined) episode.dead = episode.dead.filter((value) => value !== token.value);
    await teller.tell(id, { type: 'adopted' });
    try {
      await shelf?.write(await keyOf(id), { token, grant, isSent: false });
      if (episode !== undefined) episode.unsavedGrant = undefined;
    } catch (error) {
      if (grant !== null) episodeOf(entry).unsavedGrant = grant;
      throw error;
    }
    tidy(entry);
  };

  const statusOf = async (id: string, entry: Entry): Promise<AuthorityStatus> => {
    const { token, episode } = entry;
    const state = stateOf(entry, timing);
    const failure = episode?.failure;
    const now = clock.now();
    const wall = (monotonic: number): number => Math.round(now + monotonic - clock.monotonic());
    const isUsable = token !== undefined && state !== 'expired';
    const ends = token !== undefined && token.expiresAt !== null;
    return {
      provider,
      authority: await keyOf(id),
      state: failure && isRefused(failure.error) && !isUsable ? 'refused' : state,
      expiresAt: ends ? wall(entry.expiresAt) : null,
      nextRefreshAt: ends ? wall(Math.max(entry.advisoryAt, failure?.retryAt ?? 0)) : null,
      lastSuccessAt: token?.issuedAt ?? null,
      lastError: failure?.error.code ?? null,
      attemptsLeft: options.fingerprint === undefined ? null : await guard.left(),
      holdsLease: episode?.holdsLease ?? false,
    };
  };

  const handle = (id: string): Handle => {
    let entry = entries.get(id);
    const here = (): Entry => {
      if (entry === undefined || entry.isForgotten) entry = entryOf(id);
      return entry;
    };
    return {
      token: async (call) => {
        if (entry?.token !== undefined && clock.monotonic() < entry.advisoryAt && !call?.signal?.aborted) return entry.token;
        return slowly(id, here(), call?.signal);
      },
      peek: () => {
        if (entry?.token !== undefined && clock.monotonic() < entry.advisoryAt) return entry.token;
        const { token, advisoryAt } = here();
        return token !== undefined && clock.monotonic() < advisoryAt ? token : undefined;
      },
      invalidate: (rejected) => invalidate(id, rejected),
      current: async () => {
        const held = here();
        if (held.token !== undefined && stateOf(held, timing) !== 'expired') return held.token;
        await renewal.takeStored(id, held);
        return held.token !== undefined && stateOf(held, timing) !== 'expired' ? held.token : undefined;
      },
      adopt: (token, grant) => adopt(id, token, grant ?? null),
      forget: async () => {
        const held = here();
        held.isForgotten = true;
        held.token = undefined;
        entries.delete(id);
        await teller.tell(id, { type: 'forgotten' });
        await shelf?.remove(await keyOf(id));
      },
      reset: async () => {
        const { episode } = here();
        if (episode !== undefined) episode.failure = undefined;
        await guard.reset();
      },
      status: () => statusOf(id, here()),
    };
  };

  return {
    of: (id = '') => handle(id),
    [Symbol.asyncDispose]: async () => {
      isDisposed = true;
      const flights = [...entries.values()].flatMap((entry) => {
        entry.isForgotten = true;
        entry.token = undefined;
        return entry.episode?.flight ?? [];
      });
      entries.clear();
      for (const flight of flights) flight.cancel(gone());
      // Leases are given back by then.
      await Promise.all(flights.map(({ ended }) => ended));
    },
  };
};
