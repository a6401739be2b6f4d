import { fail } from '../errors.ts';

/** Returns the id of one customer, or throws: an empty id or `..` would make another path, and delete something else. */
export const oneCustomerId = (customerId: string, operation: string): string =>
  digits(customerId, 'A customer id must be a string: the digits that users.create returned.', operation);

/** Returns the id of one institution, or throws. */
export const oneInstitutionId = (institutionId: string, operation: string): string =>
  digits(institutionId, 'An institution id must be a string of digits.', operation);

const digits = (id: string, message: string, operation: string): string => {
  // From JavaScript it may be a number, or a list of one.
  if (typeof id === 'string' && /^\d+$/.test(id)) return id;
  throw fail('invalid_request', operation, message);
};
