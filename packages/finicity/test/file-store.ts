import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Store, StoreEntry } from '@auth/core';

/** A store in a file, for tests with several processes. */
export interface FileStore extends Store {
  readonly close: () => void;
}

/** Milliseconds that an operation waits for other processes' transactions. */
const BUSY_TIMEOUT = 5_000;

/** SQLITE_BUSY. Switching to the write-ahead log does not wait for the others who open the file at the same moment. */
const BUSY = 5;
const OPEN_TRIES = 200;

interface Connection {
  readonly database: DatabaseSync;
  readonly select: StatementSync;
  readonly upsert: StatementSync;
  readonly remove: StatementSync;
}

/**
 * The store contract on `node:sqlite`, safe between processes. It rejects while the file's directory is gone, as a server
 * that is down would. `now` is the store's own wall clock.
 */
export const fileStore = (path: string, { now = Date.now }: { readonly now?: () => number } = {}): FileStore => {
  let connection: Connection | undefined;
  const close = (): void => {
    connection?.database.close();
    connection = undefined;
  };
  const connect = (): Connection => {
    // An open file outlives its directory; a store that cannot be reached must not.
    if (connection !== undefined && !existsSync(path)) close();
    connection ??= open(path);
    return connection;
  };
  const live = ({ select }: Connection, key: string): StoreEntry | undefined => {
    const row = select.get(key, now());
    return row && { value: String(row['value']), version: String(row['version']) };
  };

  return {
    close,
    // One statement is one transaction.
    read: async (key) => live(connect(), key),
    write: async (key, value, { ifVersion, ttl } = {}) => {
      const current = connect();
      const { database, upsert, remove } = current;
      database.exec('BEGIN IMMEDIATE');
      try {
        const isMet = ifVersion === undefined || (live(current, key)?.version ?? null) === ifVersion;
        const version = isMet ? randomUUID() : undefined;
        if (version !== undefined && value === undefined) remove.run(key);
        if (version !== undefined && value !== undefined) upsert.run(key, value, version, ttl === undefined ? null : now() + ttl);
        database.exec('COMMIT');
        return version;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
  };
};

const open = (path: string): Connection => {
  for (let left = OPEN_TRIES; ; left -= 1) {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    try {
      database.exec('PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = OFF');
      database.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, expires REAL)');
      return {
        database,
        select: database.prepare('SELECT value, version FROM entries WHERE key = ? AND (expires IS NULL OR expires > ?)'),
        upsert: database.prepare('INSERT OR REPLACE INTO entries (key, value, version, expires) VALUES (?, ?, ?, ?)'),
        remove: database.prepare('DELETE FROM entries WHERE key = ?'),
      };
    } catch (error) {
      database.close();
      if (left === 0 || !isBusy(error)) throw error;
      pause();
    }
  }
};

const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === BUSY;

/** Ten milliseconds; the operations of `node:sqlite` are synchronous too. */
const pause = (): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
};
