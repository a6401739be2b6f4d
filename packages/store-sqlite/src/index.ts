/**
 * A store for `@auth/core` in a file of this machine, safe between its processes.
 * @module
 */
// When this line fails, what is installed as `@auth/core` is a package of another project that has the same name. Say in `.npmrc` where the
// scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { SqliteStoreOptions } from './options.ts';
export type { SqliteStore } from './sqlite-store.ts';
export { sqliteStore } from './sqlite-store.ts';
