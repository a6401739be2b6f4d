import type { AuthErrorCode } from '@auth/core';
import { AuthError } from '@auth/core';

/** What is being done, as it is named in errors. */
export type StoreOperation = 'store.read' | 'store.write' | 'store.keys';

/** What went wrong, in words that are all from here but for the file's path. */
export interface Problem {
  /** `misconfigured` is what waiting never mends. */
  readonly code: Extract<AuthErrorCode, 'misconfigured' | 'store_unavailable'>;
  /** Follows the file's path. */
  readonly message: string;
  /** The name of SQLite's or the system's error. */
  readonly vendorCode?: string | undefined;
}

const misconfigured = (message: string): Problem => ({ code: 'misconfigured', message });
const unavailable = (message: string): Problem => ({ code: 'store_unavailable', message });

const NOT_WRITABLE = misconfigured('cannot be written. Let this process write to the file and to its directory.');
const NOT_REACHED = misconfigured('cannot be opened. Check that its directory exists and that this process may write there.');
const NO_ROOM = unavailable('cannot grow, as the disk is full. Make room; what was stored is still there.');

export const IS_NO_FILE: Problem = misconfigured('is no file: a directory, a link to nothing, or a device. Give the path of a file.');
export const IS_FOREIGN: Problem = misconfigured('is the database of another program, or of a newer version. Give another path.');
export const NO_WAL: Problem = misconfigured(
  'is where SQLite cannot keep a write-ahead log. Put it on a local disk, not on a network drive.',
);
export const HAS_LEFTOVERS: Problem = unavailable(
  'is gone, but the files -wal and -shm beside it are not. Put it back, or stop all processes that use it and remove those two.',
);
export const WAS_MOVED: Problem = unavailable(
  'was removed or replaced while it was open. The next use, after a pause, opens what is there.',
);

/** SQLite's primary result codes. */
const BY_SQLITE: Readonly<Record<number, readonly [string, Problem]>> = {
  5: ['SQLITE_BUSY', unavailable('is locked by somebody else. Look for a program that keeps a transaction open.')],
  6: ['SQLITE_LOCKED', unavailable('is locked by somebody else. Look for a program that keeps a transaction open.')],
  8: ['SQLITE_READONLY', NOT_WRITABLE],
  10: ['SQLITE_IOERR', unavailable('cannot be read or written. Look at its disk.')],
  11: ['SQLITE_CORRUPT', unavailable('is damaged. Stop all processes that use it, then restore it, or remove it with its -wal and -shm.')],
  13: ['SQLITE_FULL', NO_ROOM],
  14: ['SQLITE_CANTOPEN', NOT_REACHED],
  15: ['SQLITE_PROTOCOL', unavailable('is being opened by too many processes at once. The next use tries again.')],
  26: ['SQLITE_NOTADB', misconfigured('is no SQLite database, or is damaged. Give the path of a new file, or restore it.')],
};

/** Node's names for the system's errors. */
const BY_SYSTEM: Readonly<Record<string, Problem>> = {
  EACCES: NOT_WRITABLE,
  EPERM: misconfigured('belongs to another user, and is open to more than that one. Make it mode 0600 of the user of this process.'),
  EROFS: NOT_WRITABLE,
  EISDIR: IS_NO_FILE,
  ELOOP: IS_NO_FILE,
  ENOENT: NOT_REACHED,
  ENOTDIR: NOT_REACHED,
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
};

const UNKNOWN: Problem = unavailable('cannot be used. Check the disk, and how many files this process may open.');

/** How the parts of this package report what they find, until it is known for which operation. */
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

/** Somebody else has the file just now. Nothing was changed, and nothing is wrong with the file. */
export const isContention = (error: unknown): boolean => [5, 6, 15].includes(primaryCode(error));

const primaryCode = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;

/** Once the store has worked, what fails is an accident that can pass: the engine then goes on without it. */
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

/** SQLite would keep another text than was given. */
export const notUnicode = (operation: StoreOperation): AuthError =>
  new AuthError('The key or the value contains half a character (a lone surrogate), which SQLite would not give back. Write whole ones.', {
    code: 'invalid_request',
    provider: 'sqlite',
    operation,
  });
