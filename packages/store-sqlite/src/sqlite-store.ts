/// <reference lib="esnext.disposable" preserve="true" />
import type { Store } from '@auth/core';
import { systemClock } from '@auth/core';
import { createAccess } from './access.ts';
import { checkKey, checkWrite } from './arguments.ts';
import { checkedOptions, type SqliteStoreOptions } from './options.ts';
import { startPurge } from './purge.ts';

/** A store in a file. */
export interface SqliteStore extends Store {
  /** All keys that have an entry, in order, read page by page: for a re-encryption, or to count. Changes made meanwhile may be missed. */
  readonly keys: () => AsyncIterable<string>;
  /** Closes the file. Dispose of what uses the store first. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const PAGE = 500;

/**
 * Stores tokens in a file of mode 0600, which the processes of one machine share. What was written survives a killed process and a loss
 * of power. The file is opened at the first use.
 *
 * Throws `misconfigured` for a path that does not name a file. Reads and writes reject with `misconfigured` for a wrong argument, and for
 * a failure that waiting does not fix (no `node:sqlite`, no directory, no permission, another program's file). Once the store has worked,
 * every failure is `store_unavailable`, and the engine goes on without the store. An operation that is locked out of the file by others
 * is rejected after 0.9 seconds, and never carried out. After any other failure, everything is rejected for one to five seconds without
 * touching the disk.
 *
 * @example
 * ```ts
 * await using store = sqliteStore({ path: '/var/lib/acme/tokens.db' });
 * await using provider = budgea({ domain: 'demo-sandbox', clientId, clientSecret, store });
 * ```
 * @see https://nodejs.org/api/sqlite.html
 */
export const sqliteStore = (options: SqliteStoreOptions): SqliteStore => {
  const { path, clock = systemClock } = checkedOptions(options);
  const access = createAccess(path, clock);
  const purge = startPurge(access, clock);

  return {
    read: async (key) => {
      checkKey('store.read', key);
      return access.use('store.read', (connection) => connection.read(key, clock.now()));
    },
    write: async (key, value, given = {}) => {
      checkWrite(key, value, given);
      const { ifVersion, ttl } = given;
      const version = crypto.randomUUID();
      const isWritten = await access.use('store.write', ({ write }) => write({ key, value, version, ttl, now: clock.now() }, ifVersion));
      purge.afterWrite();
      return isWritten ? version : undefined;
    },
    keys: async function* () {
      for (let from = ''; ; ) {
        const page = await access.use('store.keys', ({ keys }) => keys(from, clock.now(), PAGE));
        yield* page;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        // The first possible key after the last one, in the order of bytes.
        from = `${last}\0`;
      }
    },
    [Symbol.asyncDispose]: async () => {
      purge.stop();
      await access.close();
    },
  };
};
