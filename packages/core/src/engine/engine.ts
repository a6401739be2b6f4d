/// <reference lib="esnext.disposable" preserve="true" />

import { systemClock } from '../clock.ts';
import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';
import type { AuthEvent } from '../events.ts';
import type { Managed, ManagedOptions, TokenSource } from '../managed.ts';
import type { CallOptions, Token } from '../provider.ts';
import { classify, type TokenState, windowsFor } from './classify.ts';
import { type Flight, startFlight } from './flight.ts';
import { isDefiniteRefusal, isRefused, memoryGuard } from './guard.ts';
import { decodeStored, encodeStored, type Stored, storageKey } from './stored.ts';

/** One call to the vendor may take so long. */
const FLIGHT_DEADLINE = 30_000;
/** One store operation may take so long; a hung store counts as an unreachable one. */
const STORE_DEADLINE = 1_000;

/** What one subject takes in memory. Flat, as there may be a hundred thousand. */
interface Entry {
  token: Token | undefined;
  /** Names the token in events. */
  tokenId: string;
  /** Monotonic milliseconds, `Infinity` for a token that does not end. */
  expiresAt: number;
  advisoryAt: number;
  mandatoryAt: number;
  /** The value that expired or was rejected: never taken back from the store. */
  dead: string | undefined;
  /** What the source kept last, for when the store cannot say. */
  grant: string | null;
  flight: Flight<Token> | undefined;
  failure: Failure | undefined;
  lastSuccessAt: number | null;
  forgotten: boolean;
}

/** The last failure, until a success. */
interface Failure {
  readonly error: AuthError;
  readonly streak: number;
  /** Monotonic milliseconds: no call before, while there is a token to serve. */
  readonly retryAt: number;
  /** The same where there is none: callers that wait get another try sooner. */
  readonly coldRetryAt: number;
}

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
    store,
    key,
    clock = systemClock,
    random = Math.random,
    observe,
    windows = {},
    serveExpired = false,
    fingerprint = () => '',
    provider = 'custom',
    operation = 'token',
  } = options;
  if (store !== undefined && key === undefined)
    throw misconfigured(provider, operation, 'A store needs a key that says whose token this is: add `key`, or leave out `store`.');

  const entries = new Map<string, Entry>();
  const guard = memoryGuard();
  // Without a key no other engine shares this state; the name only joins events and status.
  const scope = key ?? crypto.randomUUID();
  const jitter = random();
  let disposed = false;

  const keyOf = (id: string): Promise<string> => storageKey(scope, id);
  const fail = (code: AuthErrorCode, message: string): AuthError => new AuthError(message, { code, provider, operation });

  const entryOf = (id: string): Entry => {
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry = emptyEntry();
    entries.set(id, entry);
    return entry;
  };

  const emit = async (id: string, event: Unaddressed): Promise<void> => {
    if (observe === undefined) return;
    const authority = await keyOf(id);
    try {
      observe({ at: clock.now(), provider, authority, ...event });
    } catch {
      // An observer that throws is the observer's problem; tokens go on.
    }
  };

  const stateOf = (entry: Entry): TokenState => {
    if (entry.token === undefined) return 'empty';
    const now = clock.monotonic();
    return now < entry.advisoryAt
      ? 'fresh'
      : classify({ expiresAt: entry.expiresAt }, now, {
          advisory: entry.expiresAt - entry.advisoryAt,
          mandatory: entry.expiresAt - entry.mandatoryAt,
        });
  };

  /** Makes the token current. Its life runs on the monotonic clock from here, and never exceeds what it was issued for. */
  const hold = (entry: Entry, token: Token): void => {
    const left = lifeLeft(token, clock.now());
    const now = clock.monotonic();
    const { advisory, mandatory } = windowsFor(token.expiresAt === null ? left : token.expiresAt - token.issuedAt, windows, jitter);
    entry.token = token;
    entry.tokenId = crypto.randomUUID();
    entry.expiresAt = now + left;
    entry.advisoryAt = left === Number.POSITIVE_INFINITY ? left : now + left - advisory;
    entry.mandatoryAt = left === Number.POSITIVE_INFINITY ? left : now + left - mandatory;
    entry.failure = undefined;
  };

  const drop = (entry: Entry): void => {
    entry.dead = entry.token?.value;
    entry.token = undefined;
  };

  // ── the store ──────────────────────────────────────────────────────────────────────────────────────────────────────

  const bounded = async <T>(work: Promise<T>): Promise<T> => {
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(STORE_DEADLINE, () => reject(storeUnavailable()), { ref: true });
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      // A wrapper that cannot decrypt says `misconfigured`; that is no outage.
      throw AuthError.is(error, 'misconfigured') ? error : storeUnavailable();
    } finally {
      cancel();
    }
  };
  const storeUnavailable = (): AuthError =>
    fail('store_unavailable', `The token store did not answer within ${STORE_DEADLINE} ms or failed. Check that it is up and reachable.`);

  const readStored = async (id: string): Promise<{ stored: Stored; version: string } | undefined> => {
    if (store === undefined) return undefined;
    const entry = await bounded(store.read(await keyOf(id)));
    const stored = entry && decodeStored(entry.value);
    return entry && stored && { stored, version: entry.version };
  };

  const writeStored = async (id: string, stored: Stored): Promise<void> => {
    if (store === undefined) return;
    const { token, grant } = stored;
    // A grant outlives its token, so it must not leave the store with it.
    const ttl = token === null || token.expiresAt === null || grant !== null ? undefined : Math.max(1, token.expiresAt - clock.now());
    await bounded(store.write(await keyOf(id), encodeStored(stored), { ttl }));
  };

  /** Does it without the store if that is down: an outage of the store is none of ours. */
  const withoutStore = async <T>(id: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!AuthError.is(error, 'store_unavailable')) throw error;
      await emit(id, { type: 'served_without_store', code: error.code });
      return undefined;
    }
  };

  // ── one flight ─────────────────────────────────────────────────────────────────────────────────────────────────────

  const obtain = async (id: string, entry: Entry, signal: AbortSignal): Promise<Token> => {
    const type = entry.token === undefined && entry.dead === undefined ? 'acquired' : 'refreshed';
    const found = (await withoutStore(id, readStored(id)))?.stored;
    if (found?.token && isNews(found.token, entry) && lifeLeft(found.token, clock.now()) > 0) {
      hold(entry, found.token);
      if (stateOf(entry) === 'fresh') {
        await emit(id, { type: 'adopted' });
        return found.token;
      }
    }
    const started = clock.monotonic();
    const { token, grant } = await ask(id, entry, found?.grant ?? entry.grant, signal);
    if (!entry.forgotten) {
      hold(entry, token);
      entry.lastSuccessAt = clock.now();
      await withoutStore(id, writeStored(id, { token, grant }));
    }
    const duration = clock.monotonic() - started;
    await emit(id, { type, tokenId: entry.tokenId, duration, expiresAt: token.expiresAt });
    return token;
  };

  /** Calls the source, unless the guard knows that its credentials are refused; once more if they have changed since. */
  const ask = async (
    id: string,
    entry: Entry,
    kept: string | null,
    signal: AbortSignal,
  ): Promise<{ token: Token; grant: string | null }> => {
    let grant = kept;
    const keep = async (next: string): Promise<void> => {
      if (entry.forgotten) return;
      grant = next;
      entry.grant = next;
      await writeStored(id, { token: null, grant });
    };
    const run = async (): Promise<{ token: Token; grant: string | null }> => {
      try {
        return { token: checked(await sourceOf(id).token({ signal, grant, keep })), grant };
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
        // Not after `attempts_exhausted`: a fingerprint that differs each time would never end.
        const next = AuthError.is(error) && isDefiniteRefusal(error) ? await fingerprint() : print;
        if (next === print) throw error;
        print = next;
      }
    }
  };

  const checked = (token: Token): Token => {
    if (typeof token.value !== 'string' || token.value === '')
      throw fail('invalid_response', 'The token source resolved to a token without a value.');
    if (token.expiresAt !== null && !(Number.isFinite(token.expiresAt) && token.expiresAt > clock.now()))
      throw fail('invalid_response', 'The token source resolved to a token that has already expired. Check its clock and its units.');
    return token;
  };

  /** Under this operation's name, as that is what the caller asked for. */
  const asAuthError = (cause: unknown): AuthError => {
    if (AuthError.is(cause)) return cause.operation === operation ? cause : new AuthError(cause.message, { ...cause, operation });
    // Neither message nor cause of a foreign error: HTTP clients put the request into both.
    return fail('unavailable', `The token source failed with ${cause instanceof Error ? cause.name : typeof cause}.`);
  };

  const recordFailure = (entry: Entry, error: AuthError): void => {
    const now = clock.monotonic();
    const streak = (entry.failure?.streak ?? 0) + 1;
    const retryAfter = error.retryAfter ?? 0;
    entry.failure = {
      error,
      streak,
      retryAt: now + Math.max(retryAfter, backOff(streak, random())),
      coldRetryAt: now + Math.max(retryAfter, error.retryable ? 250 + 750 * random() : 1_000 + 4_000 * random()),
    };
  };

  const flightOf = (id: string, entry: Entry, awaited: boolean): Flight<Token> => {
    if (entry.flight !== undefined) return entry.flight;
    const flight = startFlight<Token>({
      clock,
      deadline: FLIGHT_DEADLINE,
      awaited,
      abandonable: entry.token === undefined,
      run: async (signal) => {
        try {
          return await obtain(id, entry, signal);
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
        if (entry.flight === flight) entry.flight = undefined;
      },
      expired: () => {
        const error = fail(
          'timeout',
          `No token within ${FLIGHT_DEADLINE / 1000} s. The vendor or the network is slow; the next call tries again.`,
        );
        recordFailure(entry, error);
        void emit(id, { type: 'refresh_failed', code: error.code });
        return error;
      },
      aborted,
    });
    entry.flight = flight;
    return flight;
  };
  const gone = (): AuthError => fail('aborted', 'This provider has been disposed of. Make a new one to go on.');
  const aborted = (): AuthError => fail('aborted', 'The caller stopped waiting for a token. Others that wait for it go on.');

  // ── what callers see ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Everything but the warm path. */
  const slowly = async (id: string, entry: Entry, signal: AbortSignal | undefined): Promise<Token> => {
    if (disposed) throw gone();
    if (signal?.aborted) throw aborted();
    const state = stateOf(entry);
    const { token, failure } = entry;
    const now = clock.monotonic();

    if (state === 'advisory' && token !== undefined) {
      if (failure === undefined || now >= failure.retryAt) flightOf(id, entry, false);
      return token;
    }
    const usable = usableOf(entry);
    if (failure !== undefined && now < (usable ? failure.retryAt : failure.coldRetryAt)) return serveStale(id, usable, failure.error);
    if (state === 'expired' && !serveExpired) drop(entry);
    try {
      return await flightOf(id, entry, true).join(signal);
    } catch (error) {
      // `aborted` is this caller's own wish.
      if (!AuthError.is(error) || error.code === 'aborted') throw error;
      // Judged anew: the token may have ended or been rejected meanwhile, or come from the store.
      return serveStale(id, usableOf(entry), error);
    }
  };

  /** What may be served while no renewal succeeds. */
  const usableOf = (entry: Entry): Token | undefined => (serveExpired || stateOf(entry) !== 'expired' ? entry.token : undefined);

  const serveStale = async (id: string, usable: Token | undefined, error: AuthError): Promise<Token> => {
    if (usable === undefined) throw error;
    await emit(id, { type: 'served_stale', code: error.code });
    return usable;
  };

  const invalidate = async (id: string, rejected: Token): Promise<void> => {
    const entry = entryOf(id);
    if (entry.token !== undefined && entry.token.value !== rejected.value) return;
    const held = entry.token !== undefined;
    // Before anything is awaited: a hundred callers that were refused at once cause one renewal.
    entry.token = undefined;
    entry.dead = rejected.value;
    const found = await withoutStore(id, readStored(id));
    const stored = found?.stored.token?.value === rejected.value;
    if (store && found && stored) {
      const { grant } = found.stored;
      const remains = grant === null ? undefined : encodeStored({ token: null, grant });
      await withoutStore(id, bounded(store.write(await keyOf(id), remains, { ifVersion: found.version })));
    }
    if (held || stored) await emit(id, { type: 'invalidated' });
  };

  const handle = (id: string): Handle => {
    let entry = entryOf(id);
    const here = (): Entry => {
      if (entry.forgotten) entry = entryOf(id);
      return entry;
    };
    return {
      token: async ({ signal }: CallOptions = {}) => {
        const { token, advisoryAt } = here();
        return token !== undefined && clock.monotonic() < advisoryAt && !signal?.aborted ? token : slowly(id, entry, signal);
      },
      peek: () => {
        const { token, advisoryAt } = here();
        return token !== undefined && clock.monotonic() < advisoryAt ? token : undefined;
      },
      invalidate: (rejected) => invalidate(id, rejected),
      current: async () => {
        const held = here();
        if (held.token !== undefined && stateOf(held) !== 'expired') return held.token;
        const token = (await readStored(id))?.stored.token;
        if (!token || !isNews(token, held) || lifeLeft(token, clock.now()) <= 0) return undefined;
        hold(held, token);
        return token;
      },
      adopt: async (token, grant) => {
        const held = here();
        hold(held, checked(token));
        held.grant = grant ?? null;
        held.lastSuccessAt = clock.now();
        await emit(id, { type: 'adopted' });
        await writeStored(id, { token, grant: grant ?? null });
      },
      forget: async () => {
        here().forgotten = true;
        entries.delete(id);
        await emit(id, { type: 'forgotten' });
        if (store !== undefined) await bounded(store.write(await keyOf(id), undefined));
      },
      reset: async () => {
        here().failure = undefined;
        await guard.reset();
      },
      status: async () => {
        const held = here();
        const { token, failure } = held;
        const state = stateOf(held);
        const usable = token !== undefined && state !== 'expired';
        const ends = token === undefined || token.expiresAt === null ? null : clock.now() + held.expiresAt - clock.monotonic();
        return {
          provider,
          authority: await keyOf(id),
          state: failure && isRefused(failure.error) && !usable ? 'refused' : state,
          expiresAt: ends,
          nextRefreshAt: ends === null ? null : clock.now() + Math.max(held.advisoryAt, failure?.retryAt ?? 0) - clock.monotonic(),
          lastSuccessAt: held.lastSuccessAt,
          lastError: failure?.error.code ?? null,
          attemptsLeft: options.fingerprint === undefined ? null : guard.left(),
          holdsLease: false,
        };
      },
    };
  };

  return {
    of: (id = '') => handle(id),
    [Symbol.asyncDispose]: async () => {
      disposed = true;
      for (const entry of entries.values()) {
        entry.forgotten = true;
        entry.flight?.cancel(gone());
      }
      entries.clear();
    },
  };
};

/** An event without what every event has. */
type Unaddressed = AuthEvent extends infer E ? (E extends AuthEvent ? Omit<E, 'at' | 'provider' | 'authority'> : never) : never;

const emptyEntry = (): Entry => ({
  token: undefined,
  tokenId: '',
  expiresAt: 0,
  advisoryAt: 0,
  mandatoryAt: 0,
  dead: undefined,
  grant: null,
  flight: undefined,
  failure: undefined,
  lastSuccessAt: null,
  forgotten: false,
});

/** Milliseconds left by the wall clock, but never more than it was issued for: a clock that went back gives no second life. */
const lifeLeft = ({ issuedAt, expiresAt }: Token, now: number): number =>
  expiresAt === null ? Number.POSITIVE_INFINITY : Math.min(expiresAt - now, expiresAt - issuedAt);

/** Whether a stored token is another one than the one we hold or gave up. */
const isNews = (token: Token, entry: Entry): boolean => token.value !== entry.dead && token.value !== entry.token?.value;

/** 30 to 60 s, doubled with every failure in a row, at most 10 minutes. */
const backOff = (streak: number, random: number): number => Math.min(30_000 * (1 + random) * 2 ** Math.min(streak - 1, 10), 600_000);

const misconfigured = (provider: string, operation: string, message: string): AuthError =>
  new AuthError(message, { code: 'misconfigured', provider, operation });
