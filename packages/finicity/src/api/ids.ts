import { fail } from '../errors.ts';

/** Returns the id of one customer, or throws: an empty id or `..` would make another path, and delete something else. */
export const oneCustomerId = (customerId: string, operation: string): string =>
  digits(customerId, 'A customer id must be the digits that users.create returned.', operation);

/** Returns the id of one institution, or throws. */
export const oneInstitutionId = (institutionId: string, operation: string): string =>
  digits(institutionId, 'An institution id must consist of digits.', operation);

const digits = (id: string, message: string, operation: string): string => {
  if (/^\d+$/.test(id)) return id;
  throw fail('invalid_request', operation, message);
};
