import type { Token } from '../../authority.ts';
import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { authErrorsOf, type MakeError } from '../as-auth-error.ts';
import type { AccountRecords } from '../credential-guard.ts';
import type { Journal } from '../journal.ts';
import { localJournal } from '../local-journal.ts';
import type { Report } from '../report.ts';
import { activityOf, type Subject } from '../subject.ts';
import { sharedRecords } from './credential-records.ts';
import { decodeFailure, encodeFailure, isShared } from './failure-notes.ts';
import { withLease } from './lease.ts';
import { isDown } from './retry-while-down.ts';
import { storeWithDeadline } from './store-with-deadline.ts';
import { storedJournal } from './stored-journal.ts';
import { NOTHING_STORED, subjectEntries, type Versioned } from './subject-entries.ts';

/** Milliseconds. Longer than the source may take, because a process may die while another waits for it, and be replaced. */
const PATIENCE = 45_000;

/**
 * What processes that share a store do together. The engine loads this file only if it is given a store. Unless stated otherwise,
 * functions reject with `store_unavailable` while the store is down.
 */
export interface Coordination {
  /** Gets a token, in one process at a time. While the store is down, each process gets its own, unless the refresh token is single-use. */
  readonly obtain: (turn: TokenTurn) => Promise<Token>;
  readonly read: (key: string) => Promise<Token | null>;
  readonly put: (key: string, token: Token, refreshToken: string | null) => Promise<void>;
  /** Resolves to whether the token was there. A refresh token beside it stays. While the store is down, resolves to `false`. */
  readonly removeToken: (id: string, key: string, rejected: Token) => Promise<boolean>;
  readonly remove: (key: string) => Promise<void>;
  readonly account: AccountRecords;
}

/** One subject that needs a token. */
export interface TokenTurn {
  readonly id: string;
  readonly key: string;
  readonly subject: Subject;
  readonly signal: AbortSignal;
  /** Milliseconds until the next look at what another process is doing. */
  readonly pollDelay: () => number;
  /** Takes over a stored token if it is of use. */
  readonly take: (token: Token | null) => Promise<Token | undefined>;
  readonly renew: (journal: Journal) => Promise<Token>;
  /** Milliseconds until callers may try again after this failure. */
  readonly retryIn: (error: AuthError) => number;
}

/** What is shared, and by whom. */
export interface CoordinationOptions {
  readonly store: Store;
  readonly accountKey: () => Promise<string>;
  readonly clock: Clock;
  /** Milliseconds until the next look, for callers that wait. */
  readonly pollDelay: () => number;
  readonly singleUse: boolean;
  readonly whenStoreIsDown: 'serve' | 'refuse';
  readonly provider: string;
  readonly operation: string;
  readonly report: Report;
  readonly fail: MakeError;
}

/** Opens a store for one engine. */
export const openCoordination = ({
  store: given,
  accountKey,
  clock,
  pollDelay,
  singleUse,
  whenStoreIsDown,
  provider,
  operation,
  report,
  fail,
}: CoordinationOptions): Coordination => {
  /** Messages of our own stores hold no secret; messages of other stores may. */
  const down = (cause?: unknown): AuthError =>
    AuthError.is(cause, 'store_unavailable')
      ? new AuthError(cause.message, { ...cause, provider, operation })
      : fail(
          'store_unavailable',
          `The token store ${cause instanceof Error ? `failed with ${cause.name}` : 'hangs'}. Check that it is up.`,
        );
  const timeoutError = (): AuthError => fail('timeout', 'Another process did not get a token in time. Try again.');
  const unclear = (): AuthError =>
    fail(
      'outcome_unknown',
      'The refresh token was sent and the answer was lost, so it may be spent and is not sent again. Reconnect the user, then adopt() the new tokens.',
    );
  const overtaken = (): AuthError =>
    fail('unavailable', 'Another process took over while this one was suspended. Call again to get its result.');
  /** An outage of the store is not an outage of ours, but worth an event. */
  const withoutStore =
    (id: string) =>
    ({ code, vendorCode }: AuthError): Promise<void> =>
      report(id, { type: 'served_without_store', code, vendorCode });
  const asAuthError = authErrorsOf(operation, fail);
  const store = storeWithDeadline(given, clock, down);
  const entries = subjectEntries(store, clock);
  /** For writes that must not be lost: tried even if another operation has just hung. */
  const patient = subjectEntries(storeWithDeadline(given, clock, down, 0), clock);

  return {
    account: sharedRecords({
      store,
      key: accountKey,
      clock,
      pollDelay: pollDelay,
      patience: PATIENCE,
      timeoutError,
      whenStoreIsDown,
      fail,
    }),
    read: async (key) => (await entries.read(key)).stored.token,
    put: async (key, token, refreshToken) => {
      await patient.write(key, { token, refreshToken, sent: null });
    },
    remove: (key) => entries.remove(key),
    removeToken: async (id, key, rejected) => {
      try {
        const { stored, version } = await entries.read(key);
        if (stored.token?.value !== rejected.value || version === null) return false;
        await entries.write(key, { ...stored, token: null }, version);
        return true;
      } catch (error) {
        if (!isDown(error)) throw error;
        await withoutStore(id)(error);
        return false;
      }
    },
    obtain: async ({ id, key, subject, signal, pollDelay, take, renew, retryIn }) => {
      let found: Versioned = { stored: NOTHING_STORED, version: null };
      let isTried = false;
      try {
        return await withLease<Token>({
          store,
          key: `${key}:lease`,
          clock,
          signal,
          pollDelay,
          patience: PATIENCE,
          timeoutError,
          alreadyDone: async () => {
            found = await entries.read(key);
            return take(found.stored.token);
          },
          work: async () => {
            const { sent } = found.stored;
            if (sent !== null && sent !== subject.activity?.refreshToken?.mark) throw unclear();
            isTried = true;
            const place = {
              entries: singleUse ? patient : entries,
              key,
              found,
              clock,
              singleUse,
              take,
              withoutStore: withoutStore(id),
              overtaken,
            };
            return renew(storedJournal(subject, place));
          },
          encodeFailure: (cause) => {
            const error = asAuthError(cause);
            if (signal.aborted || !isShared(error)) return undefined;
            return { note: encodeFailure(error), ttl: Math.max(1, retryIn(error)) };
          },
          decodeFailure: (note) => decodeFailure(note, provider, operation),
          onChange: (change) => {
            if (change === 'waited' || change === 'lost') void report(id, { type: `lease_${change}` });
            if (change !== 'waited') activityOf(subject).holdsLease = change === 'held';
          },
        });
      } catch (error) {
        if (isTried || singleUse || !isDown(error)) throw error;
        await withoutStore(id)(error);
        return renew(localJournal(subject));
      }
    },
  };
};
