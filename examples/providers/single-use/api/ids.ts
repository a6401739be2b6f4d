import { fail } from '../errors.ts';

/** Returns the id of one connection, or throws. */
export const oneConnectionId = (connectionId: string, operation: string): string => {
  if (/^[\w-]+$/.test(connectionId)) return connectionId;
  throw fail('invalid_request', operation, 'A connection id is what connect.complete returned as userId. Nothing was sent.');
};
