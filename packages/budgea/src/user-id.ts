import { AuthError } from '@auth/core';

/** The id of exactly one user, or an error: `me` and `all` mean others, and `all` in a deletion means everybody. */
export const oneUserId = (userId: string, operation: string): string => {
  if (/^[1-9]\d*$/.test(userId)) return userId;
  throw new AuthError('A user id consists of digits, as users.create returned it. For me and all there is the api.', {
    code: 'invalid_request',
    provider: 'budgea',
    operation,
  });
};
