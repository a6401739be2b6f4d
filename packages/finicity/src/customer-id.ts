import { AuthError } from '@auth/core';

/** The id of one customer, or an error: an empty one or `..` would be another path, and delete something else. */
export const oneCustomerId = (customerId: string, operation: string): string => {
  const refusal = idRefusal(customerId, 'A customer id consists of digits, as users.create returned it.', operation);
  if (refusal) throw refusal;
  return customerId;
};

/** Why this is no id of Finicity's. */
export const idRefusal = (id: string, message: string, operation: string): AuthError | undefined =>
  /^\d+$/.test(id) ? undefined : new AuthError(message, { code: 'invalid_request', provider: 'finicity', operation });
