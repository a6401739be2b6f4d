import { AuthError, type UserTokens } from '@auth/core';
import type { UserAuthorities } from './as-user.ts';
import { isToken } from './schemas.ts';
import { oneUserId } from './user-id.ts';

/** The facet, over the tokens of all users. */
export const createUserTokens = ({ issue, tokens }: UserAuthorities): UserTokens => ({
  issue: async (userId, { signal } = {}) => issue(oneUserId(userId, 'userTokens.issue'), signal),
  adopt: async (userId, token) => {
    const subject = tokens.of(oneUserId(userId, 'userTokens.adopt'));
    if (!isToken(token.value))
      throw new AuthError('This is no token: it is empty, or has a blank, a line break or another character that no token has.', {
        code: 'invalid_request',
        provider: 'budgea',
        operation: 'userTokens.adopt',
      });
    await subject.adopt(token);
  },
});
