/**
 * A store for `@auth/core` in a file of this machine, safe between its processes.
 * @module
 */
export type { SqliteStore, SqliteStoreOptions } from './sqlite-store.ts';
export { sqliteStore } from './sqlite-store.ts';
