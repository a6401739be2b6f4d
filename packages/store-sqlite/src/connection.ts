import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { StoreEntry, WriteOptions } from '@auth/core';
import { IS_FOREIGN, NO_WAL, problem } from './errors.ts';
import { placeOf, prepareFile, watchPlace } from './file.ts';
import type { Modules } from './modules.ts';

/** An open file. Every function is one statement, and throws what SQLite throws. `now` is in epoch milliseconds. */
export interface Connection {
  /** Throws if the file is no longer where it was. */
  readonly check: () => void;
  readonly read: (key: string, now: number) => StoreEntry | undefined;
  /** Whether the condition held. */
  readonly write: (entry: NewEntry, ifVersion: WriteOptions['ifVersion']) => boolean;
  /** Removes at most `limit` expired entries, and returns how many it removed. */
  readonly purge: (now: number, limit: number) => number;
  /** The first `limit` keys from this one on, in order. */
  readonly keys: (from: string, now: number, limit: number) => readonly string[];
  readonly close: () => void;
}

/** What to store, or to delete if `value` is `undefined`. */
export interface NewEntry {
  readonly key: string;
  readonly value: string | undefined;
  readonly version: string;
  readonly ttl: number | undefined;
  readonly now: number;
}

/**
 * How long a statement waits for other processes, in milliseconds. Short, because it blocks the whole process; then the statement is tried
 * again. Not 0, because an event loop is too slow to get its turn among processes that write without a pause.
 */
const BUSY_TIMEOUT = 10;

/** Tells our files from those of other programs and of later layouts: "auth" as a number. */
const APPLICATION = 0x61757468;
const LAYOUT = 1;

const SCHEMA = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, expires REAL);
  CREATE INDEX IF NOT EXISTS entries_by_end ON entries (expires) WHERE expires IS NOT NULL;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${LAYOUT};
  COMMIT`;

/** One try: throws if the file is locked by others. */
export const openConnection = ({ DatabaseSync, fs }: Modules, path: string): Connection => {
  const place = placeOf(fs, path);
  prepareFile(fs, place);
  const database = new DatabaseSync(place);
  try {
    const isNew = !hasLayout(database);
    if (pragma(database, 'journal_mode = WAL') !== 'wal') throw problem(NO_WAL);
    // A resolved write also survives a loss of power: the mark that a single-use refresh token was sent has to.
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    if (isNew) database.exec(SCHEMA);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    return { check: watchPlace(fs, path), ...operations(database), close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
};

/** Whether this is a file of ours; `false` if it is still empty. Throws before it changes another program's file. */
const hasLayout = (database: DatabaseSync): boolean => {
  const application = pragma(database, 'application_id');
  if (application === APPLICATION && pragma(database, 'user_version') === LAYOUT) return true;
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  // Another process may have created the tables between the two looks.
  if (!isEmpty && application === 0 && pragma(database, 'application_id') === APPLICATION) return hasLayout(database);
  if (!isEmpty || application !== 0) throw problem(IS_FOREIGN);
  return false;
};

const pragma = (database: DatabaseSync, text: string): unknown => Object.values(database.prepare(`PRAGMA ${text}`).get() ?? {})[0];

const operations = (database: DatabaseSync): Omit<Connection, 'check' | 'close'> => {
  const select = database.prepare('SELECT value, version FROM entries WHERE key = ? AND (expires IS NULL OR expires > ?)');
  const purge = database.prepare('DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries WHERE expires <= ? LIMIT ?)');
  const list = database.prepare('SELECT key FROM entries WHERE key >= ? AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?');

  const read: Connection['read'] = (key, now) => {
    const row = select.get(key, now);
    return row && { value: String(row['value']), version: String(row['version']) };
  };
  return {
    read,
    write: writer(database, read),
    purge: (now, limit) => changes(purge, now, limit),
    keys: (from, now, limit) => list.all(from, now, limit).map((row) => String(row['key'])),
  };
};

/** The six kinds of write: with or without a value, under each of the three conditions. */
const writer = (database: DatabaseSync, read: Connection['read']): Connection['write'] => {
  const put = 'INSERT INTO entries (key, value, version, expires) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE';
  const set = 'SET value = excluded.value, version = excluded.version, expires = excluded.expires';
  const isCurrent = 'key = ? AND version = ? AND (expires IS NULL OR expires > ?)';
  const replace = database.prepare(`${put} ${set}`);
  const insert = database.prepare(`${put} ${set} WHERE entries.expires <= ?`);
  const update = database.prepare(`UPDATE entries SET value = ?, version = ?, expires = ? WHERE ${isCurrent}`);
  const remove = database.prepare('DELETE FROM entries WHERE key = ?');
  const removeVersion = database.prepare(`DELETE FROM entries WHERE ${isCurrent}`);

  return ({ key, value, version, ttl, now }, ifVersion) => {
    if (value === undefined) {
      // A deletion on the condition that there is no entry has nothing to delete: it only tells whether the condition holds.
      if (ifVersion === null) return read(key, now) === undefined;
      if (ifVersion !== undefined) return changes(removeVersion, key, ifVersion, now) > 0;
      remove.run(key);
      return true;
    }
    const expires = ttl === undefined ? null : now + ttl;
    if (ifVersion === null) return changes(insert, key, value, version, expires, now) > 0;
    if (ifVersion === undefined) return changes(replace, key, value, version, expires) > 0;
    return changes(update, value, version, expires, key, ifVersion, now) > 0;
  };
};

/** With `run` instead of `RETURNING`: `get` returns at the first row, before the commit, and hides it if the commit fails. */
const changes = (statement: StatementSync, ...parameters: readonly SQLInputValue[]): number => Number(statement.run(...parameters).changes);
