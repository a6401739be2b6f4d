import { AuthError } from '../errors.ts';
import type { Token } from '../provider.ts';
import { type Entry, episodeOf } from './entry.ts';
import type { Found, Shelf } from './stored.ts';

/** What one renewal writes to the store, when, and over what. */
export interface Ledger {
  /** What the source is called with. */
  readonly grant: string | null;
  /** Durable before the grant is sent: whoever finds it without a result knows that the grant may be spent. */
  readonly markSent: () => Promise<void>;
  /** Takes the mark back: it is certain that nothing was spent. */
  readonly unmark: () => Promise<void>;
  readonly keep: (grant: string) => Promise<void>;
  /** Stores the token. Resolves to `false` if somebody else has written meanwhile; then nothing was. */
  readonly record: (token: Token) => Promise<boolean>;
}

/** Where a renewal writes. */
export interface Place {
  readonly shelf: Shelf;
  readonly key: string;
  /** What was there when the lease was taken. */
  readonly found: Found;
}

/** The ledger of a process that holds the lease. A conditional write that fails was overtaken, and is not repeated. */
export const storedLedger = (entry: Entry, { shelf, key, found }: Place, mayFailOpen: boolean): Ledger => {
  let { stored, version } = found;
  let isOvertaken = false;
  const unsaved = entry.episode?.unsavedGrant;
  if (unsaved !== undefined) stored = { ...stored, grant: unsaved };

  const write = async (next: typeof stored): Promise<boolean> => {
    if (isOvertaken || entry.isForgotten) return false;
    const written = await shelf.write(key, next, version);
    if (written === undefined) {
      isOvertaken = true;
      return false;
    }
    stored = next;
    version = written;
    if (entry.episode !== undefined) entry.episode.unsavedGrant = undefined;
    return true;
  };

  return {
    grant: stored.grant,
    markSent: async () => {
      await write({ ...stored, isSent: true });
    },
    unmark: async () => {
      await write({ ...stored, isSent: false });
    },
    keep: async (grant) => {
      entry.grant = grant;
      try {
        await write({ ...stored, grant, isSent: false });
      } catch (error) {
        if (!mayFailOpen || !AuthError.is(error, 'store_unavailable')) throw error;
        stored = { ...stored, grant };
        episodeOf(entry).unsavedGrant = grant;
      }
    },
    record: (token) => write({ ...stored, token, isSent: false }),
  };
};

/** The ledger of a process on its own: without a store, or while it is down. */
export const ownLedger = (entry: Entry, hasStore: boolean): Ledger => ({
  grant: entry.episode?.unsavedGrant ?? entry.grant,
  markSent: async () => {},
  unmark: async () => {},
  keep: async (grant) => {
    if (entry.isForgotten) return;
    entry.grant = grant;
    if (hasStore) episodeOf(entry).unsavedGrant = grant;
  },
  record: async () => true,
});
