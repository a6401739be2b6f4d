import type { Clock } from '@auth/core';
import { wrongArgument } from './errors.ts';

/** Where entries are kept. */
export interface SqliteStoreOptions {
  /** A file on a local disk, the same in all processes that share tokens. The file is created if it is missing; its directory is not. */
  readonly path: string;
  /** For tests. Its wall clock judges lifetimes. Default `systemClock`. */
  readonly clock?: Clock | undefined;
}

/**
 * The options' own members: what somebody put on `Object.prototype` is not an option. Throws `misconfigured` for a path that does not name a
 * file, a clock that is not one, or an option that there is not.
 */
export const checkedOptions = (given: SqliteStoreOptions | undefined): SqliteStoreOptions => {
  const fail = (message: string): Error => wrongArgument('options', message);
  if (typeof given === 'string') throw fail('sqliteStore takes the path as an option: sqliteStore({ path }).');
  const options: SqliteStoreOptions = Object.assign(Object.create(null), given);
  const { path, clock, ...others } = options;
  if (typeof path !== 'string' || path === '') throw fail('sqliteStore({ path }) was given no path. Pass the path of a file, as a string.');
  if (path === ':memory:' || path.includes('\0'))
    throw fail('The option path of sqliteStore does not name a file. Pass the path of a file, or use memoryStore of the core package.');
  if (clock !== undefined && [clock?.now, clock?.monotonic, clock?.after].some((part) => typeof part !== 'function'))
    throw fail('The option clock of sqliteStore must be a clock with now, monotonic and after. Leave it out for the system clock.');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw fail(`sqliteStore has no option ${unknown}. Its options are path, clock.`);
  return options;
};
