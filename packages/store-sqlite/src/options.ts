import type { Clock } from '@auth/core';
import { wrongArgument } from './errors.ts';

/** Where entries are kept. */
export interface SqliteStoreOptions {
  /** A file on a local disk, the same in all processes that share tokens. The file is created if it is missing; its directory is not. */
  readonly path: string;
  /** For tests. Its wall clock judges lifetimes. Default `systemClock`. */
  readonly clock?: Clock | undefined;
}

/** Throws `misconfigured` for a path that does not name a file, or a clock that is not one. */
export const checkOptions = (options: SqliteStoreOptions | undefined): void => {
  const { path, clock } = options ?? {};
  const fail = (message: string): Error => wrongArgument('options', message);
  if (typeof path !== 'string' || path === '') throw fail('sqliteStore({ path }) was given no path. Pass the path of a file, as a string.');
  if (path === ':memory:' || path.includes('\0'))
    throw fail('The option path of sqliteStore does not name a file. Pass the path of a file, or use memoryStore of the core package.');
  if (clock !== undefined && [clock?.now, clock?.monotonic, clock?.after].some((part) => typeof part !== 'function'))
    throw fail('The option clock of sqliteStore must be a clock with now, monotonic and after. Leave it out for the system clock.');
};
