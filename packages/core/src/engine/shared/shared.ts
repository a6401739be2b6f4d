import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import type { Token } from '../../provider.ts';
import type { Store } from '../../store.ts';
import { type Entry, episodeOf } from '../entry.ts';
import type { GuardSharing } from '../guard.ts';
import { type Ledger, ownLedger } from '../ledger.ts';
import { authErrorsOf, type Fail } from '../question.ts';
import type { Teller } from '../teller.ts';
import { sharedRecord } from './account-record.ts';
import { boundedStore } from './bounded-store.ts';
import { decodeFailure, encodeFailure, isShared } from './failures.ts';
import { isDown } from './insist.ts';
import { takeTurn } from './lease.ts';
import { createShelf, type Found, NOTHING_STORED } from './stored.ts';
import { storedLedger } from './stored-ledger.ts';

/** Waiting for another process may take longer than its source, with a death and a take-over in between. */
const PATIENCE = 45_000;

/**
 * What processes that share a store do together. The engine loads this file only if it is given a store. Functions reject with
 * `store_unavailable` while that is down, where nothing else is said.
 */
export interface Shared {
  /** In one process at a time; in each by itself while the store is down, unless the refresh token can be used once. */
  readonly obtain: (turn: TokenTurn) => Promise<Token>;
  readonly read: (key: string) => Promise<Token | null>;
  readonly put: (key: string, token: Token, refreshToken: string | null) => Promise<void>;
  /** Resolves to whether it was there. A refresh token beside it stays. Does without the store while that is down. */
  readonly removeToken: (id: string, key: string, rejected: Token) => Promise<boolean>;
  readonly remove: (key: string) => Promise<void>;
  readonly account: GuardSharing;
}

/** One subject's need of a token. */
export interface TokenTurn {
  readonly id: string;
  readonly key: string;
  readonly entry: Entry;
  readonly signal: AbortSignal;
  /** Milliseconds until the next look at what another process is doing. */
  readonly pause: () => number;
  /** Takes a stored token over, if it is of use. */
  readonly take: (token: Token | null) => Promise<Token | undefined>;
  readonly renew: (ledger: Ledger) => Promise<Token>;
  /** Milliseconds until callers may try again after this failure. */
  readonly retryIn: (error: AuthError) => number;
}

/** What is shared, and by whom. */
export interface SharedOptions {
  readonly store: Store;
  readonly accountKey: () => Promise<string>;
  readonly clock: Clock;
  /** Milliseconds, for callers that wait. */
  readonly soon: () => number;
  readonly singleUse: boolean;
  readonly whenStoreIsDown: 'serve' | 'refuse';
  readonly provider: string;
  readonly operation: string;
  readonly tell: Teller;
  readonly fail: Fail;
}

/** Opens a store for one engine. */
export const openShared = ({
  store: given,
  accountKey,
  clock,
  soon,
  singleUse,
  whenStoreIsDown,
  provider,
  operation,
  tell,
  fail,
}: SharedOptions): Shared => {
  /** What a store of ours says of itself holds no secret; what another one says may. */
  const down = (cause?: unknown): AuthError =>
    AuthError.is(cause, 'store_unavailable')
      ? new AuthError(cause.message, { ...cause, provider, operation })
      : fail(
          'store_unavailable',
          `The token store ${cause instanceof Error ? `failed with ${cause.name}` : 'hangs'}. Check that it is up.`,
        );
  const late = (): AuthError => fail('timeout', 'Another process did not come back with a token in time. The next call tries again.');
  const unclear = (): AuthError =>
    fail(
      'outcome_unknown',
      'The refresh token was sent and the answer was lost, so it may be spent. It is not sent again. Connect the user anew, then adopt() what comes of it.',
    );
  const overtaken = (): AuthError =>
    fail('unavailable', 'Another process took over while this one stood still. The next call looks what came of it.');
  /** An outage of the store is none of ours, but worth a word. */
  const withoutStore =
    (id: string) =>
    ({ code, vendorCode }: AuthError): Promise<void> =>
      tell(id, { type: 'served_without_store', code, vendorCode });
  const asAuthError = authErrorsOf(operation, fail);
  const store = boundedStore(given, clock, down);
  const shelf = createShelf(store, clock);
  /** For what must not be lost: tried even if another operation has just hung. */
  const patient = createShelf(boundedStore(given, clock, down, 0), clock);

  return {
    account: sharedRecord({ store, key: accountKey, clock, pause: soon, patience: PATIENCE, late, whenStoreIsDown, fail }),
    read: async (key) => (await shelf.read(key)).stored.token,
    put: async (key, token, refreshToken) => {
      await patient.write(key, { token, refreshToken, sent: null });
    },
    remove: (key) => shelf.remove(key),
    removeToken: async (id, key, rejected) => {
      try {
        const { stored, version } = await shelf.read(key);
        if (stored.token?.value !== rejected.value || version === null) return false;
        await shelf.write(key, { ...stored, token: null }, version);
        return true;
      } catch (error) {
        if (!isDown(error)) throw error;
        await withoutStore(id)(error);
        return false;
      }
    },
    obtain: async ({ id, key, entry, signal, pause, take, renew, retryIn }) => {
      let found: Found = { stored: NOTHING_STORED, version: null };
      let isTried = false;
      try {
        return await takeTurn<Token>({
          store,
          key: `${key}:lease`,
          clock,
          signal,
          pause,
          patience: PATIENCE,
          late,
          settled: async () => {
            found = await shelf.read(key);
            return take(found.stored.token);
          },
          work: async () => {
            const { sent } = found.stored;
            if (sent !== null && sent !== entry.episode?.refreshToken?.mark) throw unclear();
            isTried = true;
            const place = {
              shelf: singleUse ? patient : shelf,
              key,
              found,
              clock,
              singleUse,
              take,
              withoutStore: withoutStore(id),
              overtaken,
            };
            return renew(storedLedger(entry, place));
          },
          noteOf: (cause) => {
            const error = asAuthError(cause);
            if (signal.aborted || !isShared(error)) return undefined;
            return { note: encodeFailure(error), ttl: Math.max(1, retryIn(error)) };
          },
          errorOf: (note) => decodeFailure(note, provider, operation),
          onChange: (change) => {
            if (change === 'waited' || change === 'lost') void tell(id, { type: `lease_${change}` });
            if (change !== 'waited') episodeOf(entry).holdsLease = change === 'held';
          },
        });
      } catch (error) {
        if (isTried || singleUse || !isDown(error)) throw error;
        await withoutStore(id)(error);
        return renew(ownLedger(entry));
      }
    },
  };
};
