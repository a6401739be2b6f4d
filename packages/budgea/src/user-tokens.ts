import type { UserTokens } from '@auth/core';
import type { UserAuthorities } from './as-user.ts';
import { oneUserId } from './user-id.ts';

export const createUserTokens = ({ issue, tokens }: UserAuthorities): UserTokens => ({
  issue: async (userId, { signal } = {}) => issue(oneUserId(userId, 'userTokens.issue'), signal),
  adopt: async (userId, token) => tokens.of(oneUserId(userId, 'userTokens.adopt')).adopt(token),
});
