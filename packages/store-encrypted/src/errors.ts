import type { AuthErrorCode } from '@auth/core';
import { AuthError } from '@auth/core';

/** Neither an entry, nor a key, nor what a library says of them gets into a message. */
const error = (code: AuthErrorCode, operation: string, message: string): AuthError =>
  new AuthError(message, { code, provider: 'encrypted', operation });

/** An entry that cannot be opened. Never taken for absent: a new token over it, or plaintext, would hide an attack or a wrong key. */
export const unreadable = (name: string, message: string): AuthError =>
  error('misconfigured', 'store.open', `The entry ${name} ${message}`);

export const wrongKeys = (message: string): AuthError => error('misconfigured', 'options', message);

export const noStore = (): AuthError =>
  error(
    'misconfigured',
    'options',
    'encryptedStore was given no store to put entries in. Give one as its first argument: encryptedStore(store, { keys }).',
  );

export const keyNotFetched = (id: string): AuthError =>
  error(
    'store_unavailable',
    'store.open',
    `The encryption key ${id} could not be fetched: the function that gives it failed, or did not answer in time. Look there.`,
  );

export const notUnicode = (): AuthError =>
  error('invalid_request', 'store.open', 'The key contains half a character (a lone surrogate). Write whole ones.');

export const aborted = (): AuthError =>
  error('aborted', 'store.rekey', 'The re-encryption was ended by its signal. What was done stays done; run it again.');
