import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import type { SqliteStore, SqliteStoreOptions } from '../src/index.ts';
import { sqliteStore } from '../src/index.ts';

/** A new directory, removed after the test. */
export const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'auth-store-sqlite-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** The path of a file that is not there yet. */
export const newPath = (): string => join(newDirectory(), 'tokens.db');

/** A store that is closed after the test. */
export const open = (options: SqliteStoreOptions): SqliteStore => {
  const store = sqliteStore(options);
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

/** The file as SQLite sees it, closed after the test. */
export const database = (path: string): DatabaseSync => {
  const opened = new DatabaseSync(path);
  onTestFinished(() => opened.close());
  return opened;
};

export const rowsIn = (path: string): number => Number(database(path).prepare('SELECT count(*) AS rows FROM entries').get()?.['rows']);
