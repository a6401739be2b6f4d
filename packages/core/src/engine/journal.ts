import type { Token } from '../authority.ts';
import { activityOf, isForgotten, type Subject } from './subject.ts';

/** What one renewal writes to the store, when, and over what. */
export interface Journal {
  /** What the source is called with. */
  readonly refreshToken: string | null;
  /** Before the source is called. A token: somebody else has renewed meanwhile, and nothing is to be sent. */
  readonly begin: () => Promise<Token | undefined>;
  /** After the source has failed. */
  readonly abort: (error: unknown) => Promise<void>;
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
  /** Writes the token down. A token: the one that somebody else has stored meanwhile, which is the one that all share. */
  readonly commit: (token: Token) => Promise<Token | undefined>;
}

/** The ledger of a process on its own: without a store, or while it is down. */
export const localJournal = (subject: Subject): Journal => {
  let refreshToken = subject.activity?.refreshToken;
  return {
    refreshToken: refreshToken?.value ?? null,
    begin: async () => undefined,
    abort: async () => {},
    saveRefreshToken: async (value) => {
      // One that was adopted meanwhile is newer.
      if (isForgotten(subject) || subject.activity?.refreshToken !== refreshToken) return;
      remember(subject, value, false);
      refreshToken = subject.activity?.refreshToken;
    },
    commit: async () => undefined,
  };
};

/** For the time when the store is down. */
export const remember = (subject: Subject, value: string | null, isSaved: boolean): void => {
  if (value !== null) activityOf(subject).refreshToken = { value, isSaved };
  else if (subject.activity !== undefined) subject.activity.refreshToken = undefined;
};
