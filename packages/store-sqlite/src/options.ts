import type { Clock } from '@auth/core';
import { wrongArgument } from './errors.ts';

/** Where entries are kept. */
export interface SqliteStoreOptions {
  /** A file on a local disk, the same in all processes that share tokens. It is made if it is missing; its directory is not. */
  readonly path: string;
  /** For tests. Its wall clock judges lifetimes. Default `systemClock`. */
  readonly clock?: Clock | undefined;
}

/** Throws `misconfigured` for what names no file, or is no clock. */
export const checkOptions = (options: SqliteStoreOptions | undefined): void => {
  const { path, clock } = options ?? {};
  const fail = (message: string): Error => wrongArgument('options', message);
  if (typeof path !== 'string' || path === '') throw fail('sqliteStore({ path }) was given no path. Give that of a file, as a string.');
  if (path === ':memory:' || path.includes('\0'))
    throw fail('The option path of sqliteStore names no file. Give the path of one, or use memoryStore of the core package.');
  if (clock !== undefined && [clock?.now, clock?.monotonic, clock?.after].some((part) => typeof part !== 'function'))
    throw fail('The option clock of sqliteStore is none. Give one with now, monotonic and after, or leave it out.');
};
