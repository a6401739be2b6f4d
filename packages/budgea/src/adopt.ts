import { AuthError, type Token } from '@auth/core';
import type { ManagedMany } from '@auth/core/kit';

/** Makes a token the user's own. A store that is down does not cost the user id: another token can be had for it. */
export const adopt = async (tokens: ManagedMany, userId: string, token: Token): Promise<void> => {
  try {
    await tokens.of(userId).adopt(token);
  } catch (error) {
    if (!AuthError.is(error, 'store_unavailable')) throw error;
  }
};
