import { AuthError, type Token } from '@auth/core';
import type { ManagedMany } from '@auth/core/kit';
import type { BudgeaApi } from './api/operations.ts';
import { fail } from './errors.ts';

/** Stores a token for the user. A failure is ignored, so that the user id is not lost: another token can be made for it. */
export const adopt = async (tokens: ManagedMany, userId: string, token: Token, note?: string): Promise<void> => {
  try {
    await tokens.of(userId).adopt(token, note);
  } catch (error) {
    if (!AuthError.is(error)) throw error;
  }
};

/**
 * Asks whose token this is. This comes after a call that must not be repeated, so no caller's signal stops it, and its failure is
 * `outcome_unknown`, even if asking alone could be tried again. `done` says what has already happened.
 */
export const ownerOf = async (api: BudgeaApi, token: Token, operation: string, done: string): Promise<string> => {
  try {
    return (await api.getUser('me', { as: token })).id;
  } catch (error) {
    if (!AuthError.is(error)) throw error;
    const message = `${done}, but the user's id could not be read (${error.code}). Find out which user it is before you try again.`;
    throw fail('outcome_unknown', operation, message, error);
  }
};
