import { fail } from '../errors.ts';

// TODO: the form of the vendor's ids. An empty id, `..`, or one that means everybody must not pass. Ids in paths go into `ids` of createApi.

/** Returns the id of one user, or throws. */
export const oneUserId = (userId: string, operation: string): string => {
  if (/^\d+$/.test(userId)) return userId;
  throw fail('invalid_request', operation, 'A user id consists of digits. Nothing was sent. Check the id.');
};
