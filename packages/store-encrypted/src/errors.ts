import type { AuthErrorCode } from '@auth/core';
import { AuthError } from '@auth/core';

/** No message contains an entry, a key, or what a library says about them. */
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
    'encryptedStore was given no store to put entries in. Pass one as its first argument: encryptedStore(store, { keys }).',
  );

export const keyNotFetched = (id: string): AuthError =>
  error(
    'store_unavailable',
    'store.open',
    `The encryption key ${id} could not be fetched: its function failed, or did not answer in time. Check that function.`,
  );

export const notUnicode = (): AuthError =>
  error('invalid_request', 'store.open', 'The key contains half a character (a lone surrogate). Use well-formed text.');

export const aborted = (): AuthError =>
  error('aborted', 'store.rekey', 'The re-encryption was aborted by its signal. What was done stays done. Run it again for the rest.');
