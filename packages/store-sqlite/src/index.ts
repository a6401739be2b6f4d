/**
 * A store for `@auth/core` in a file of this machine, safe between its processes.
 * @module
 */
// When this line fails, the installed `@auth/core` is not the one that this package is made for but Auth.js, which has the same name on the
// public npm registry. Say in `.npmrc` where the scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { SqliteStore, SqliteStoreOptions } from './sqlite-store.ts';
export { sqliteStore } from './sqlite-store.ts';
