import { AuthError, type Token } from '@auth/core';
import type { ManagedMany } from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';

/** Makes a token the user's own. Nothing that goes wrong there costs the user id: another token can be had for it. */
export const adopt = async (tokens: ManagedMany, userId: string, token: Token, note?: string): Promise<void> => {
  try {
    await tokens.of(userId).adopt(token, note);
  } catch (error) {
    if (!AuthError.is(error)) throw error;
  }
};

/**
 * Whose token this is. It stands behind a call that must not be repeated, so no caller's signal ends it, and its failure is
 * `outcome_unknown`, however well it could be tried again by itself. `done` is what has happened already.
 */
export const ownerOf = async (api: BudgeaApi, token: Token, operation: string, done: string): Promise<string> => {
  try {
    return (await api.getUser('me', { as: token })).id;
  } catch (error) {
    if (!AuthError.is(error)) throw error;
    const { provider, status, vendorCode, requestId } = error;
    throw new AuthError(`${done}. Whose it is could not be learnt (${error.code}). Find out before you try again.`, {
      code: 'outcome_unknown',
      provider,
      operation,
      status,
      vendorCode,
      requestId,
    });
  }
};
