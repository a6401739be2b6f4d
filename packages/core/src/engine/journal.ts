import type { Token } from '../authority.ts';
import { activityOf, isForgotten, type Subject } from './subject.ts';

/** What one renewal writes to the store, when, and over what. */
export interface Journal {
  /** What the source is called with. */
  readonly refreshToken: string | null;
  /** Called before the source. If another process has renewed meanwhile, resolves to its token, and nothing must be sent. */
  readonly begin: () => Promise<Token | undefined>;
  /** Called after the source has failed. */
  readonly abort: (error: unknown) => Promise<void>;
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
  /** Writes the token. If another process has stored one meanwhile, resolves to that token, which is the one that all share. */
  readonly commit: (token: Token) => Promise<Token | undefined>;
}

/** The journal of a process on its own: without a store, or while the store is down. */
export const localJournal = (subject: Subject): Journal => {
  let refreshToken = subject.activity?.refreshToken;
  return {
    refreshToken: refreshToken?.value ?? null,
    begin: async () => undefined,
    abort: async () => {},
    saveRefreshToken: async (value) => {
      // A refresh token that was adopted meanwhile is newer.
      if (isForgotten(subject) || subject.activity?.refreshToken !== refreshToken) return;
      remember(subject, value, false);
      refreshToken = subject.activity?.refreshToken;
    },
    commit: async () => undefined,
  };
};

/** Remembers a refresh token in this process, for when the store is down. */
export const remember = (subject: Subject, value: string | null, isSaved: boolean): void => {
  if (value !== null) activityOf(subject).refreshToken = { value, isSaved };
  else if (subject.activity !== undefined) subject.activity.refreshToken = undefined;
};
