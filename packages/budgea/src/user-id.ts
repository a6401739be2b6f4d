import { AuthError } from '@auth/core';

/** Returns the id of exactly one user, or throws: `me` and `all` mean other users, and `all` in a deletion means everybody. */
export const oneUserId = (userId: string, operation: string): string => {
  if (isUserId(userId)) return userId;
  throw refused('This is not a user id. Pass the digits that users.create returned; me and all are for provider.api only.', operation);
};

/** The error for what is neither a user id nor `me` or `all`: an empty text or `..` would be another path, and delete something else. */
export const selectorRefusal = (selector: string, operation: string): AuthError | undefined =>
  selector === 'me' || selector === 'all' || isUserId(selector)
    ? undefined
    : refused('This does not name a user. Pass the digits of the user id, or me or all.', operation);

/** On the wire an id is a number: above the safe integers it would become somebody else's id. */
const isUserId = (text: string): boolean => /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text));

const refused = (message: string, operation: string): AuthError =>
  new AuthError(message, { code: 'invalid_request', provider: 'budgea', operation });
