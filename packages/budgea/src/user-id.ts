import { AuthError } from '@auth/core';

/** The id of exactly one user, or an error: `me` and `all` mean others, and `all` in a deletion means everybody. */
export const oneUserId = (userId: string, operation: string): string => {
  if (isUserId(userId)) return userId;
  throw refused('A user id consists of digits, as users.create returned it. For me and all there is the api.', operation);
};

/** Why this is neither the id of one user nor `me` or `all`: an empty one or `..` would be another path, and delete something else. */
export const selectorRefusal = (selector: string, operation: string): AuthError | undefined =>
  selector === 'me' || selector === 'all' || isUserId(selector)
    ? undefined
    : refused('A user is named by the digits of the id, or by me or all.', operation);

/** Above the safe integers an id would become that of somebody else on the wire, where it is a number. */
const isUserId = (text: string): boolean => /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text));

const refused = (message: string, operation: string): AuthError =>
  new AuthError(message, { code: 'invalid_request', provider: 'budgea', operation });
