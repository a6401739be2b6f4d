import type { Token } from '../../authority.ts';
import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import type { Journal } from '../journal.ts';
import { activityOf, isForgotten, remember, type Subject } from '../subject.ts';
import { isUnclear } from './failure-notes.ts';
import { isDown, retryWhileDown } from './retry-while-down.ts';
import { encodeStored, type Stored, type SubjectEntries, type Versioned } from './subject-entries.ts';

/** Where a renewal writes. */
export interface StoredJournalOptions {
  readonly entries: SubjectEntries;
  readonly key: string;
  /** What was there when the lease was taken. */
  readonly found: Versioned;
  readonly clock: Clock;
  readonly singleUse: boolean;
  /** Takes over a stored token if it is of use. */
  readonly take: (token: Token | null) => Promise<Token | undefined>;
  /** Reports that the store is down. */
  readonly withoutStore: (error: AuthError) => Promise<void>;
  readonly overtaken: () => AuthError;
}

/** The journal of a process that holds the lease. A conditional write that fails was overtaken, and is not repeated. */
export const storedJournal = (
  subject: Subject,
  { entries, key, found, clock, singleUse, take, withoutStore, overtaken }: StoredJournalOptions,
): Journal => {
  let { stored, version } = found;
  let isOvertaken = false;
  let mark: string | undefined;
  /** A write whose answer was lost. It may have been carried out, or may still be. */
  let pending: string | undefined;
  const known = subject.activity?.refreshToken;
  if (known !== undefined && !known.isSaved && (known.mark === undefined || known.mark === stored.sent))
    stored = { ...stored, refreshToken: known.value, sent: null };

  const write = async (next: Stored): Promise<boolean> => {
    const text = encodeStored(next);
    const written = (at: string): true => {
      stored = next;
      version = at;
      remember(subject, next.refreshToken, true);
      return true;
    };
    while (!isOvertaken && !isForgotten(subject)) {
      const at = await entries.write(key, next, version).catch((error: unknown) => {
        pending = text;
        throw error;
      });
      if (at !== undefined) return written(at);
      const now = await entries.read(key);
      const there = encodeStored(now.stored);
      if (now.version !== null && there === text) return written(now.version);
      // A caller may have been refused with the old token meanwhile, and removed it: that overtakes nobody.
      const isInvalidated = now.version !== null && now.stored.token === null && stored.token !== null;
      const isSame = isInvalidated && now.stored.refreshToken === stored.refreshToken && now.stored.sent === stored.sent;
      if (isSame || there === pending) {
        stored = now.stored;
        version = now.version;
      } else isOvertaken = true;
    }
    return false;
  };
  /** What is lost with a single-use refresh token is lost for good. */
  const writeSurely = (next: Stored): Promise<boolean> => (singleUse ? retryWhileDown(clock, () => write(next)) : write(next));

  /** Keeps what this process knows and the store does not. The next renewal writes it. */
  const holdBack = (refreshToken: string | null): void => {
    stored = { ...stored, refreshToken, sent: null };
    activityOf(subject).refreshToken = { value: refreshToken, isSaved: false, mark };
  };
  const taken = async (): Promise<Token | undefined> => take((await entries.read(key)).stored.token);

  return {
    refreshToken: stored.refreshToken,
    begin: async () => {
      if (!singleUse) return undefined;
      // Durable before the refresh token is sent: a process that finds the mark without a result knows that the refresh token may be spent.
      mark = crypto.randomUUID();
      try {
        if (await writeSurely({ ...stored, sent: mark })) return undefined;
      } catch (error) {
        if (isDown(error)) holdBack(stored.refreshToken);
        throw error;
      }
      const theirs = await taken();
      if (theirs === undefined) throw overtaken();
      return theirs;
    },
    abort: async (cause) => {
      if (!singleUse || !AuthError.is(cause) || isUnclear(cause)) return;
      try {
        await writeSurely({ ...stored, sent: null });
      } catch (error) {
        if (!isDown(error)) throw error;
        holdBack(stored.refreshToken);
        await withoutStore(error);
      }
    },
    saveRefreshToken: async (refreshToken) => {
      try {
        if (!(await writeSurely({ ...stored, refreshToken, sent: null })) && singleUse && !isForgotten(subject)) throw overtaken();
      } catch (error) {
        if (!isDown(error)) throw error;
        holdBack(refreshToken);
        if (singleUse) throw error;
      }
    },
    commit: async (token) => {
      const next = { ...stored, token, sent: null };
      try {
        if (!(await (stored.sent === null ? write(next) : writeSurely(next)))) return isForgotten(subject) ? undefined : await taken();
        // From now on the discarded values cannot come back from the store.
        if (subject.activity) subject.activity.discarded = [];
      } catch (error) {
        if (!isDown(error)) throw error;
        if (stored.sent !== null) holdBack(stored.refreshToken);
        await withoutStore(error);
      }
      return undefined;
    },
  };
};
