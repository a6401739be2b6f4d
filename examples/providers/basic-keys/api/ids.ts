import { fail } from '../errors.ts';

/** Returns the id of one user, or throws. */
export const oneUserId = (userId: string, operation: string): string => {
  if (/^USR-[\w-]+$/.test(userId)) return userId;
  throw fail('invalid_request', operation, 'A user id begins with USR-, as users.create returned it. Nothing was sent.');
};
