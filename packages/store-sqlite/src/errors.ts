import type { AuthErrorCode } from '@auth/core';
import { AuthError } from '@auth/core';

/** The operation, as errors name it. */
export type StoreOperation = 'store.read' | 'store.write' | 'store.keys';

/** What went wrong, in this package's own words except for the file's path. */
export interface Problem {
  /** `misconfigured` is what waiting never fixes. */
  readonly code: Extract<AuthErrorCode, 'misconfigured' | 'store_unavailable'>;
  /** Continues the sentence after the file's path. */
  readonly message: string;
  /** The name of SQLite's or the system's error. */
  readonly vendorCode?: string | undefined;
}

const misconfigured = (message: string): Problem => ({ code: 'misconfigured', message });
const unavailable = (message: string): Problem => ({ code: 'store_unavailable', message });

const NOT_WRITABLE = misconfigured('cannot be written. Give this process write access to the file and its directory.');
const NOT_REACHED = misconfigured('cannot be opened. Check that its directory exists and that this process may write to it.');
const NO_ROOM = unavailable('cannot grow because the disk is full. Make room; what was stored is still there.');

export const IS_NO_FILE: Problem = misconfigured('is not a file but a directory, a broken link or a device. Use the path of a file.');
export const IS_FOREIGN: Problem = misconfigured(
  'is the database of another program, or of a newer version of this package. Use another path, or update this package.',
);
export const NO_WAL: Problem = misconfigured(
  'is in a place where SQLite cannot keep a write-ahead log. Put it on a local disk, not on a network drive.',
);
export const HAS_LEFTOVERS: Problem = unavailable(
  'is gone, but its -wal or -shm file is still there. Put the file back, or stop all processes that use it and remove those two.',
);
export const WAS_MOVED: Problem = unavailable(
  'was removed or replaced while it was open. Try again in a few seconds: the store then opens the file that is there.',
);

/** SQLite's primary result codes. */
const BY_SQLITE: Readonly<Record<number, readonly [string, Problem]>> = {
  5: ['SQLITE_BUSY', unavailable('is locked by another process. Look for a program that keeps a transaction open.')],
  6: ['SQLITE_LOCKED', unavailable('is locked by another process. Look for a program that keeps a transaction open.')],
  8: ['SQLITE_READONLY', NOT_WRITABLE],
  10: ['SQLITE_IOERR', unavailable('cannot be read or written. Check its disk.')],
  11: [
    'SQLITE_CORRUPT',
    unavailable('is damaged. Stop all processes that use it, then restore it, or remove it with its -wal and -shm files.'),
  ],
  13: ['SQLITE_FULL', NO_ROOM],
  14: ['SQLITE_CANTOPEN', NOT_REACHED],
  15: ['SQLITE_PROTOCOL', unavailable('is being opened by too many processes at once. Try again.')],
  26: ['SQLITE_NOTADB', misconfigured('is not an SQLite database, or is damaged. Use the path of a new file, or restore this one.')],
};

/** Node's names for the system's errors. */
const BY_SYSTEM: Readonly<Record<string, Problem>> = {
  EACCES: NOT_WRITABLE,
  EPERM: misconfigured('belongs to another user and is open to others. Give it to the user of this process, with mode 0600.'),
  EROFS: NOT_WRITABLE,
  EISDIR: IS_NO_FILE,
  ELOOP: IS_NO_FILE,
  ENOENT: NOT_REACHED,
  ENOTDIR: NOT_REACHED,
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
};

const UNKNOWN: Problem = unavailable('cannot be used. Check the disk, and how many files this process may open.');

/** How the parts of this package report a problem before the operation is known. */
export const problem = (found: Problem): Error => Object.assign(new Error(found.message), { problem: found });

/** What an error of SQLite, of the file system or of this package means. */
export const problemOf = (error: unknown): Problem => {
  if (typeof error !== 'object' || error === null) return UNKNOWN;
  if ('problem' in error) return error.problem as Problem; // made above
  const [vendorCode, found] = BY_SQLITE[primaryCode(error)] ?? [];
  if (found) return { ...found, vendorCode };
  const name = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { ...(BY_SYSTEM[name] ?? UNKNOWN), vendorCode: /^E[A-Z0-9]+$/.test(name) ? name : undefined };
};

/** Whether the file is locked by others: nothing was changed, and nothing is wrong with the file. */
export const isContention = (error: unknown): boolean => [5, 6, 15].includes(primaryCode(error));

const primaryCode = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;

/** Once the store has worked, a failure may pass: it is `store_unavailable`, and the engine goes on without the store. */
export const storeError = (
  operation: StoreOperation,
  path: string,
  { code, message, vendorCode }: Problem,
  hasWorked: boolean,
): AuthError =>
  new AuthError(`The store's file ${path} ${message}`, {
    code: hasWorked ? 'store_unavailable' : code,
    provider: 'sqlite',
    operation,
    vendorCode,
  });

export const noSqlite = (): AuthError =>
  new AuthError('This runtime has no node:sqlite. Use Node 22.13 or newer, or another store.', {
    code: 'misconfigured',
    provider: 'sqlite',
    operation: 'store.open',
  });

export const wrongArgument = (operation: StoreOperation | 'options', message: string): AuthError =>
  new AuthError(message, { code: 'misconfigured', provider: 'sqlite', operation });

export const closed = (operation: StoreOperation): AuthError =>
  new AuthError('The store was closed. Close it after everything that uses it.', {
    code: 'store_unavailable',
    provider: 'sqlite',
    operation,
  });

/** For text that SQLite would change. */
export const notUnicode = (operation: StoreOperation): AuthError =>
  new AuthError('The key or the value contains half a character (a lone surrogate), which SQLite would change. Use well-formed text.', {
    code: 'invalid_request',
    provider: 'sqlite',
    operation,
  });
