import { AuthError } from '../../errors.ts';
import type { Token } from '../../provider.ts';
import { type Entry, isForgotten } from '../entry.ts';
import { type Ledger, remember } from '../ledger.ts';
import { isUnclear } from './failures.ts';
import type { Found, Shelf } from './stored.ts';

/** Where a renewal writes. */
export interface Place {
  readonly shelf: Shelf;
  readonly key: string;
  /** What was there when the lease was taken. */
  readonly found: Found;
  readonly singleUse: boolean;
  /** Takes a stored token over, if it is of use. */
  readonly take: (token: Token | null) => Promise<Token | undefined>;
  /** Reports that the store is down. */
  readonly withoutStore: (error: AuthError) => Promise<void>;
  readonly overtaken: () => AuthError;
}

/** The ledger of a process that holds the lease. A conditional write that fails was overtaken, and is not repeated. */
export const storedLedger = (entry: Entry, { shelf, key, found, singleUse, take, withoutStore, overtaken }: Place): Ledger => {
  let { stored, version } = found;
  let isOvertaken = false;
  const known = entry.episode?.grant;
  if (known !== undefined && !known.isSaved) stored = { ...stored, grant: known.value };

  const write = async (next: typeof stored): Promise<boolean> => {
    while (!isOvertaken && !isForgotten(entry)) {
      const written = await shelf.write(key, next, version);
      if (written !== undefined) {
        stored = next;
        version = written;
        remember(entry, next.grant, true);
        return true;
      }
      const now = await shelf.read(key);
      // Somebody may have been refused with the old token meanwhile, and taken it away: that overtakes nobody.
      const isInvalidated = now.version !== null && now.stored.token === null && stored.token !== null;
      if (isInvalidated && now.stored.grant === stored.grant && now.stored.isSent === stored.isSent) {
        stored = now.stored;
        version = now.version;
      } else isOvertaken = true;
    }
    return false;
  };

  const taken = async (): Promise<Token | undefined> => take((await shelf.read(key)).stored.token);

  return {
    grant: stored.grant,
    begin: async () => {
      // Durable before the grant is sent: whoever finds it without a result knows that the grant may be spent.
      if (!singleUse || (await write({ ...stored, isSent: true }))) return undefined;
      const theirs = await taken();
      if (theirs === undefined) throw overtaken();
      return theirs;
    },
    failed: async (error) => {
      if (singleUse && AuthError.is(error) && !isUnclear(error)) await write({ ...stored, isSent: false });
    },
    keep: async (grant) => {
      try {
        if (!(await write({ ...stored, grant, isSent: false })) && singleUse && !isForgotten(entry)) throw overtaken();
      } catch (error) {
        if (singleUse || !AuthError.is(error, 'store_unavailable')) throw error;
        stored = { ...stored, grant };
        remember(entry, grant, false);
      }
    },
    record: async (token) => {
      try {
        if (!(await write({ ...stored, token, isSent: false }))) return isForgotten(entry) ? undefined : await taken();
        // Only now can they not come back from the store.
        if (entry.episode) entry.episode.dead = [];
      } catch (error) {
        if (!AuthError.is(error, 'store_unavailable')) throw error;
        await withoutStore(error);
      }
      return undefined;
    },
  };
};
