import { AuthError } from '@auth/core';

/** Returns the id of one customer, or throws: an empty id or `..` would make another path, and delete something else. */
export const oneCustomerId = (customerId: string, operation: string): string => {
  const refusal = idRefusal(customerId, 'A customer id must be the digits that users.create returned.', operation);
  if (refusal) throw refusal;
  return customerId;
};

/** The error for an id that cannot be Finicity's, whose ids consist of digits. */
export const idRefusal = (id: string, message: string, operation: string): AuthError | undefined =>
  /^\d+$/.test(id) ? undefined : new AuthError(message, { code: 'invalid_request', provider: 'finicity', operation });
