import type { Clock } from '../../clock.ts';
import type { AuthError } from '../../errors.ts';
import type { Token } from '../../provider.ts';
import type { Store } from '../../store.ts';
import { type Entry, episodeOf } from '../entry.ts';
import type { GuardSharing } from '../guard.ts';
import type { Ledger } from '../ledger.ts';
import { authErrorsOf, type Fail } from '../question.ts';
import { boundedStore } from './bounded-store.ts';
import { decodeFailure, encodeFailure, isShared } from './failures.ts';
import { takeTurn } from './lease.ts';
import { storedLedger } from './ledger.ts';
import { sharedRecord } from './record.ts';
import { createShelf, type Found, NOTHING_STORED } from './stored.ts';

/** Waiting for another process may take longer than its source, with a death and a take-over in between. */
const PATIENCE = 45_000;

/**
 * What processes that share a store do together. The engine loads this file only if it is given a store. Every function rejects
 * with `store_unavailable` while that is down.
 */
export interface Shared {
  /** In one process at a time. */
  readonly obtain: (turn: TokenTurn) => Promise<Token>;
  readonly read: (key: string) => Promise<Token | null>;
  readonly put: (key: string, token: Token, grant: string | null) => Promise<void>;
  /** Resolves to whether it was there. A grant beside it stays. */
  readonly removeToken: (key: string, rejected: Token) => Promise<boolean>;
  readonly remove: (key: string) => Promise<void>;
  readonly account: GuardSharing;
}

/** One subject's need of a token. */
export interface TokenTurn {
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
  readonly tell: (change: 'lease_waited' | 'lease_lost') => void;
}

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
  readonly fail: Fail;
}

export const openShared = ({
  store: given,
  accountKey,
  clock,
  soon,
  singleUse,
  whenStoreIsDown,
  provider,
  operation,
  fail,
}: SharedOptions): Shared => {
  const down = (): AuthError => fail('store_unavailable', 'The token store cannot be reached, or hangs. Check that it is up.');
  const late = (): AuthError => fail('timeout', 'Another process did not come back with a token in time. The next call tries again.');
  const unclear = (): AuthError =>
    fail(
      'outcome_unknown',
      'The grant was sent and the answer was lost, so it may be spent. It is not sent again. Connect the user anew, then adopt() what comes of it.',
    );
  const asAuthError = authErrorsOf(operation, fail);
  const store = boundedStore(given, clock, down);
  const shelf = createShelf(store, clock);

  return {
    account: sharedRecord({ store, key: accountKey, clock, pause: soon, patience: PATIENCE, late, whenStoreIsDown, fail }),
    read: async (key) => (await shelf.read(key)).stored.token,
    put: async (key, token, grant) => {
      await shelf.write(key, { token, grant, isSent: false });
    },
    remove: (key) => shelf.remove(key),
    removeToken: async (key, rejected) => {
      const { stored, version } = await shelf.read(key);
      if (stored.token?.value !== rejected.value || version === null) return false;
      await shelf.write(key, { ...stored, token: null }, version);
      return true;
    },
    obtain: ({ key, entry, signal, pause, take, renew, retryIn, tell }) => {
      let found: Found = { stored: NOTHING_STORED, version: null };
      return takeTurn<Token>({
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
          if (found.stored.isSent) throw unclear();
          return renew(storedLedger(entry, { shelf, key, found }, singleUse));
        },
        noteOf: (cause) => {
          const error = asAuthError(cause);
          if (signal.aborted || !isShared(error)) return undefined;
          return { note: encodeFailure(error), ttl: Math.max(1, retryIn(error)) };
        },
        errorOf: (note) => decodeFailure(note, provider, operation),
        onChange: (change) => {
          if (change === 'waited' || change === 'lost') tell(`lease_${change}`);
          if (change !== 'waited') episodeOf(entry).holdsLease = change === 'held';
        },
      });
    },
  };
};
