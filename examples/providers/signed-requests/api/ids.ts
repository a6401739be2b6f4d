import { fail } from '../errors.ts';

/** Returns the id of one customer, or throws. */
export const oneCustomerId = (customerId: string, operation: string): string => {
  if (/^\d+$/.test(customerId)) return customerId;
  throw fail('invalid_request', operation, 'A customer id consists of digits, as users.create returned it. Nothing was sent.');
};
