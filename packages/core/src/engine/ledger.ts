import type { Token } from '../provider.ts';
import { type Entry, episodeOf, isForgotten } from './entry.ts';

/** What one renewal writes to the store, when, and over what. */
export interface Ledger {
  /** What the source is called with. */
  readonly grant: string | null;
  /**
   * Before the source is called, and after it has failed: what a single-use grant needs to be spent once. `begin` resolves to
   * `false` if somebody else has written meanwhile: then nothing may be sent.
   */
  readonly begin: () => Promise<boolean>;
  readonly failed: (error: unknown) => Promise<void>;
  readonly keep: (grant: string) => Promise<void>;
  /** Stores the token. Resolves to `false` if somebody else has written meanwhile; then nothing was. */
  readonly record: (token: Token) => Promise<boolean>;
}

/** The ledger of a process on its own: without a store, or while it is down. */
export const ownLedger = (entry: Entry): Ledger => ({
  grant: entry.episode?.grant?.value ?? null,
  begin: async () => true,
  failed: async () => {},
  keep: async (grant) => {
    if (!isForgotten(entry)) remember(entry, grant, false);
  },
  record: async () => true,
});

/** For the time when the store is down. */
export const remember = (entry: Entry, value: string | null, isSaved: boolean): void => {
  if (value !== null) episodeOf(entry).grant = { value, isSaved };
  else if (entry.episode !== undefined) entry.episode.grant = undefined;
};
