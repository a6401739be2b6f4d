import { fail } from '../errors.ts';

/** Returns the id of exactly one user, or throws: `me` and `all` mean other users, and `all` in a deletion means everybody. */
export const oneUserId = (userId: string, operation: string): string => {
  if (isUserId(userId)) return userId;
  throw fail(
    'invalid_request',
    operation,
    'This is not a user id. Pass the string of digits that users.create returned; me and all are for provider.api only.',
  );
};

/** Returns what names users in a path, or throws: an empty text or `..` would be another path, and delete something else. */
export const userSelector = (selector: string, operation: string): string => {
  if (selector === 'me' || selector === 'all' || isUserId(selector)) return selector;
  throw fail('invalid_request', operation, 'This does not name a user. Pass the digits of the user id, or me or all.');
};

/** Returns the id of something other than a user, or throws. */
export const oneId =
  (what: string) =>
  (id: string, operation: string): string => {
    if (/^[1-9]\d{0,15}$/.test(id)) return id;
    throw fail('invalid_request', operation, `The id of a ${what} must consist of digits. Nothing was sent.`);
  };

/** Returns the type of a certificate, which the vendor names, or throws. */
export const certificateType = (type: string, operation: string): string => {
  if (/^\w[\w.-]{0,99}$/.test(type)) return type;
  throw fail(
    'invalid_request',
    operation,
    'The type of a certificate must be a name of letters, digits, underscores, dots and hyphens. Nothing was sent.',
  );
};

/** On the wire an id is a number: above the safe integers it would become somebody else's id. */
const isUserId = (text: string): boolean => typeof text === 'string' && /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text));
