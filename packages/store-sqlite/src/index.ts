/**
 * A store for `@auth/core` in a local file, which the processes of one machine can safely share.
 * @module
 */
// If this line fails, the installed `@auth/core` is another project's package of the same name. Name the registry of the scope in `.npmrc`,
// and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { SqliteStoreOptions } from './options.ts';
export type { SqliteStore } from './sqlite-store.ts';
export { sqliteStore } from './sqlite-store.ts';
