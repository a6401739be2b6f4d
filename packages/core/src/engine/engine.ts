/// <reference lib="esnext.disposable" preserve="true" />

import { systemClock } from '../clock.ts';
import type { AuthErrorCode, AuthErrorFacts } from '../errors.ts';
import { AuthError } from '../errors.ts';
import type { AuthEvent } from '../events.ts';
import type { Managed, ManagedOptions, TokenSource } from '../managed.ts';
import type { AuthorityStatus, Token } from '../provider.ts';
import { boundedStore } from './bounded-store.ts';
import {
  bury,
  type Entry,
  emptyEntry,
  episodeOf,
  type Failure,
  failureAfter,
  hold,
  isNews,
  lifeLeft,
  stateOf,
  type Timing,
  tidy,
} from './entry.ts';
import { type Flight, startFlight, withDeadline } from './flight.ts';
import { createGuard, isRefused } from './guard.ts';
import { takeTurn } from './lease.ts';
import { type Ledger, ownLedger, storedLedger } from './ledger.ts';
import { createShelf, type Found, NOTHING_STORED, type Stored, storageKey } from './stored.ts';

/** One call of the source may take so long. */
const SOURCE_DEADLINE = 30_000;
/** Waiting for another process may take longer than its source, with a death and a take-over in between. */
const LEASE_PATIENCE = 45_000;

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
  const fail = (code: AuthErrorCode, message: string): AuthError => new AuthError(message, { code, provider, operation });
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

  // ── events, in the order in which things happened ──────────────────────────────────────────────────────────────────

  let told: Promise<void> = Promise.resolve();
  const emit = (id: string, event: Unaddressed): Promise<void> => {
    if (observe === undefined) return told;
    const at = clock.now();
    const authority = keyOf(id);
    told = told.then(async () => {
      const addressed = { at, provider, authority: await authority, ...event };
      try {
        observe(addressed);
      } catch {
        // An observer that throws is the observer's problem; tokens go on.
      }
    });
    return told;
  };

  /** Does it without the store if that is down: an outage of the store is none of ours. */
  const orWithout = async <T>(id: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!AuthError.is(error, 'store_unavailable')) throw error;
      await emit(id, { type: 'served_without_store', code: error.code });
      return undefined;
    }
  };

  // ── one call of the source ─────────────────────────────────────────────────────────────────────────────────────────

  /** Under this operation's name, as that is what the caller asked for. */
  const asAuthError = (cause: unknown): AuthError => {
    if (AuthError.is(cause)) return cause.operation === operation ? cause : new AuthError(cause.message, { ...cause, operation });
    // Neither message nor cause of a foreign error: HTTP clients put the request into both.
    return fail('unavailable', `The token source failed with ${cause instanceof Error ? cause.name : typeof cause}.`);
  };

  const checked = (token: Token, left: number): Token => {
    const { value, issuedAt, expiresAt } = token;
    if (typeof value !== 'string' || value === '') throw fail('invalid_response', 'The token source resolved to a token without a value.');
    if (!Number.isFinite(issuedAt) || !(expiresAt === null || Number.isFinite(expiresAt)))
      throw fail('invalid_response', 'The token source resolved to a token whose times are not epoch milliseconds.');
    if (left <= 0)
      throw fail('invalid_response', 'The token source resolved to a token that has already expired. Check its clock and its units.');
    return token;
  };

  /** Calls the source, unless the guard knows that its credentials are refused; once more if they have changed since. */
  const ask = async (id: string, signal: AbortSignal, grant: string | null, keep: (grant: string) => Promise<void>): Promise<Obtained> => {
    const run = async (): Promise<Obtained> => {
      const before = { wall: clock.now(), monotonic: clock.monotonic() };
      const noAnswer = (): AuthError =>
        fail('timeout', `No token within ${SOURCE_DEADLINE / 1000} s. The vendor or the network is slow; the next call tries again.`);
      try {
        const token = await withDeadline(clock, SOURCE_DEADLINE, signal, noAnswer, (inner) =>
          sourceOf(id).token({ signal: inner, grant, keep }),
        );
        // The wall clock may have been set meanwhile, in either direction.
        const passed = clock.monotonic() - before.monotonic;
        const left = Math.max(lifeLeft(token, clock.now()), lifeLeft(token, before.wall + passed));
        return { token: checked(token, left), left };
      } catch (cause) {
        throw asAuthError(cause);
      }
    };
    const refused = async ({ code }: AuthError, isSpent: boolean): Promise<void> => {
      await emit(id, { type: 'refused', code });
      if (isSpent) await emit(id, { type: 'guard_tripped', code });
    };
    for (let print = await fingerprint(); ; ) {
      try {
        return await guard.attempt({ fingerprint: print, signal, run, refused });
      } catch (error) {
        const next = AuthError.is(error) && isRefused(error) && error.code !== 'attempts_exhausted' ? await fingerprint() : print;
        if (next === print) throw error;
        print = next;
      }
    }
  };

  // ── one flight ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A token that another process has stored, if it is better than what is held. */
  const takeStored = async (id: string, entry: Entry, stored: Stored): Promise<Token | undefined> => {
    const { token } = stored;
    if (token === null || entry.isForgotten || !isNews(token, entry)) return undefined;
    const left = lifeLeft(token, clock.now());
    if (left <= 0) return undefined;
    const isFirst = entry.token === undefined;
    hold(entry, token, left, timing);
    const state = stateOf(entry, timing);
    // One that is due for renewal is good enough for those who have none.
    if (state !== 'fresh' && !(isFirst && state === 'advisory')) return undefined;
    await emit(id, { type: 'adopted' });
    return token;
  };

  /** Asks the source and writes down what it gives. */
  const renew = async (id: string, entry: Entry, signal: AbortSignal, ledger: Ledger): Promise<Token> => {
    const type = entry.token !== undefined || entry.episode?.dead.length ? 'refreshed' : 'acquired';
    const started = clock.monotonic();
    if (singleUse) await ledger.markSent();
    let obtained: Obtained;
    try {
      obtained = await ask(id, signal, ledger.grant, ledger.keep);
    } catch (error) {
      if (singleUse && !isUnclear(error)) await ledger.unmark();
      throw error;
    }
    const { token, left } = obtained;
    const isRecorded = await orWithout(id, ledger.record(token));
    if (isRecorded === false && !entry.isForgotten) {
      // Somebody took over while this process stood still: theirs is the one that all share.
      const theirs = await orWithout(id, storedToken(id, entry));
      if (theirs) return theirs;
    }
    if (!entry.isForgotten) {
      hold(entry, token, left, timing);
      // What could not be written down may still be in the store, and must not come back.
      if (isRecorded && entry.episode) entry.episode.dead = [];
    }
    await emit(id, { type, tokenId: crypto.randomUUID(), duration: clock.monotonic() - started, expiresAt: token.expiresAt });
    return token;
  };

  const storedToken = async (id: string, entry: Entry): Promise<Token | undefined> =>
    shelf && takeStored(id, entry, (await shelf.read(await keyOf(id))).stored);

  /** One process does it for all that share the store; each for itself while that is down. */
  const obtain = async (id: string, entry: Entry, signal: AbortSignal, pause: () => number): Promise<Token> => {
    if (shelf === undefined) {
      if (singleUse)
        throw fail('store_unavailable', 'A grant that can be used once needs a store that outlives this process: add `store`.');
      return renew(id, entry, signal, ownLedger(entry, false));
    }
    const at = await keyOf(id);
    let found: Found | undefined;
    let isTried = false;
    try {
      return await takeTurn<Token>({
        store: shelf.store,
        key: `${at}:lease`,
        clock,
        signal,
        pause,
        patience: LEASE_PATIENCE,
        late,
        settled: async () => {
          found = await shelf.read(at);
          return takeStored(id, entry, found.stored);
        },
        work: async () => {
          if (found?.stored.isSent) throw unclear();
          isTried = true;
          const place = { shelf, key: at, found: found ?? { stored: NOTHING_STORED, version: null } };
          return renew(id, entry, signal, storedLedger(entry, place, !singleUse, isStoreDown));
        },
        noteOf: (cause) => {
          const error = asAuthError(cause);
          if (signal.aborted || isOwnFailure(error)) return undefined;
          return { note: encodeFailure(error), ttl: Math.max(1, recordFailure(entry, error).coldRetryAt - clock.monotonic()) };
        },
        errorOf: (note) => decodeFailure(note, provider, operation),
        onChange: (change) => {
          if (change === 'waited' || change === 'lost') void emit(id, { type: `lease_${change}` });
          if (change !== 'waited') episodeOf(entry).holdsLease = change === 'held';
        },
      });
    } catch (error) {
      if (isTried || singleUse || !isStoreDown(error)) throw error;
      await emit(id, { type: 'served_without_store', code: error.code });
      return renew(id, entry, signal, ownLedger(entry, true));
    }
  };
  const unclear = (): AuthError =>
    fail(
      'outcome_unknown',
      'The grant was sent and the answer was lost, so it may be spent. It is not sent again. Connect the user anew, then adopt() what comes of it.',
    );

  const recordFailure = (entry: Entry, error: AuthError): Failure => {
    const episode = episodeOf(entry);
    if (episode.failure?.error !== error) episode.failure = failureAfter(episode.failure, error, clock.monotonic(), random);
    return episode.failure;
  };

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
          return await obtain(id, entry, signal, isBackground ? () => 1_000 + 4_000 * random() : soon);
        } catch (cause) {
          const error = asAuthError(cause);
          if (!signal.aborted) {
            recordFailure(entry, error);
            await emit(id, { type: 'refresh_failed', code: error.code });
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

  // ── what callers see ───────────────────────────────────────────────────────────────────────────────────────────────

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
    await emit(id, { type: 'served_stale', code: error.code });
    return usable;
  };

  const invalidate = async (id: string, rejected: Token): Promise<void> => {
    const entry = entryOf(id);
    const isHeld = entry.token?.value === rejected.value;
    // Late word about a token that was replaced or given up long ago costs nothing.
    if (!isHeld && (entry.token !== undefined || entry.episode?.dead.includes(rejected.value))) return;
    // Before anything is awaited: a hundred callers that were refused at once cause one renewal.
    bury(entry, rejected.value);
    const wasStored = await orWithout(id, unstore(id, rejected));
    if (isHeld || wasStored) await emit(id, { type: 'invalidated' });
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
    checked(token, left);
    hold(entry, token, left, timing);
    entry.grant = grant;
    const { episode } = entry;
    if (episode !== undefined) episode.dead = episode.dead.filter((value) => value !== token.value);
    await emit(id, { type: 'adopted' });
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
        await storedToken(id, held);
        return held.token !== undefined && stateOf(held, timing) !== 'expired' ? held.token : undefined;
      },
      adopt: (token, grant) => adopt(id, token, grant ?? null),
      forget: async () => {
        const held = here();
        held.isForgotten = true;
        held.token = undefined;
        entries.delete(id);
        await emit(id, { type: 'forgotten' });
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

/** A token, and the milliseconds that it has left by both clocks. */
interface Obtained {
  readonly token: Token;
  readonly left: number;
}

/** An event without what every event has. */
type Unaddressed = AuthEvent extends infer E ? (E extends AuthEvent ? Omit<E, 'at' | 'provider' | 'authority'> : never) : never;

const isStoreDown = (error: unknown): error is AuthError => AuthError.is(error, 'store_unavailable');

/** Failures after which nobody knows whether a grant was spent. A foreign error (`custom` text) says nothing about that either. */
const UNCLEAR: ReadonlySet<AuthErrorCode> = new Set(['outcome_unknown', 'timeout', 'aborted', 'invalid_response', 'store_unavailable']);
const isUnclear = (error: unknown): boolean => !AuthError.is(error) || UNCLEAR.has(error.code);

/** Failures that say nothing to other processes: their own configuration, store and credentials may be right. */
const OWN: ReadonlySet<AuthErrorCode> = new Set(['misconfigured', 'aborted', 'store_unavailable', 'outcome_unknown']);
const isOwnFailure = (error: AuthError): boolean => OWN.has(error.code) || isRefused(error);

const encodeFailure = ({ message, code, status, vendorCode, retryAfter, requestId }: AuthError): string =>
  JSON.stringify({ message, code, status, vendorCode, retryAfter, requestId });

const decodeFailure = (note: string, provider: string, operation: string): AuthError | undefined => {
  try {
    const { message, ...facts } = JSON.parse(note) as AuthErrorFacts & { message: string }; // written by encodeFailure of this package, or it throws below
    return new AuthError(String(message), { ...facts, provider, operation });
  } catch {
    return undefined;
  }
};
