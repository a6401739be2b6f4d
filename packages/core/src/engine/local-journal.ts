import type { Journal } from './journal.ts';
import { isForgotten, remember, type Subject } from './subject.ts';

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
