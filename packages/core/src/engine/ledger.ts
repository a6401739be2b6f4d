import type { Token } from '../provider.ts';
import { type Entry, episodeOf, isForgotten } from './entry.ts';

/** What one renewal writes to the store, when, and over what. */
export interface Ledger {
  /** What the source is called with. */
  readonly refreshToken: string | null;
  /** Before the source is called. A token: somebody else has renewed meanwhile, and nothing is to be sent. */
  readonly begin: () => Promise<Token | undefined>;
  /** After the source has failed. */
  readonly failed: (error: unknown) => Promise<void>;
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
  /** Writes the token down. A token: the one that somebody else has stored meanwhile, which is the one that all share. */
  readonly record: (token: Token) => Promise<Token | undefined>;
}

/** The ledger of a process on its own: without a store, or while it is down. */
export const ownLedger = (entry: Entry): Ledger => {
  let refreshToken = entry.episode?.refreshToken;
  return {
    refreshToken: refreshToken?.value ?? null,
    begin: async () => undefined,
    failed: async () => {},
    saveRefreshToken: async (value) => {
      // One that was adopted meanwhile is newer.
      if (isForgotten(entry) || entry.episode?.refreshToken !== refreshToken) return;
      remember(entry, value, false);
      refreshToken = entry.episode?.refreshToken;
    },
    record: async () => undefined,
  };
};

/** For the time when the store is down. */
export const remember = (entry: Entry, value: string | null, isSaved: boolean): void => {
  if (value !== null) episodeOf(entry).refreshToken = { value, isSaved };
  else if (entry.episode !== undefined) entry.episode.refreshToken = undefined;
};
