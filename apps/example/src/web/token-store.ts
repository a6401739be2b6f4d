import { setTimeout } from 'node:timers/promises';
import type { Store } from '@auth/core';
import { encryptedStore } from '@auth/store-encrypted';
import { redisStore } from '@auth/store-redis';
import { sqliteStore } from '@auth/store-sqlite';
import type { DataDirectory } from './data-directory.ts';

/** Where tokens are kept, and shared with other processes. */
export interface TokenStore {
  readonly name: string;
  readonly store: Store;
  /** Cuts this process off for so many milliseconds. Absent where no server is in between. */
  readonly cutOff: ((milliseconds: number) => void) | undefined;
  readonly close: () => Promise<void>;
}

/** A file, or Redis where there is a URL of one; encrypted either way. */
export const openTokenStore = async ({ tokens, key }: DataDirectory, redisUrl: string | undefined): Promise<TokenStore> => {
  const keys = [{ id: 'first', key }];
  if (redisUrl) {
    const { store, ...redis } = await openRedis(redisUrl);
    return { name: 'Redis, encrypted', store: encryptedStore(store, { keys }), ...redis };
  }
  const file = sqliteStore({ path: tokens });
  return {
    name: 'SQLite file, encrypted',
    store: encryptedStore(file, { keys }),
    cutOff: undefined,
    close: () => file[Symbol.asyncDispose](),
  };
};

/** Milliseconds that a start waits for Redis. */
const PATIENCE = 1_000;

const openRedis = async (url: string): Promise<Omit<TokenStore, 'name'>> => {
  const { createClient } = await import('redis');
  const client = createClient({ url, disableOfflineQueue: true });
  // Without a listener an error would end the process; the engine reports what it means.
  client.on('error', () => {});
  // The client goes on trying: the application starts without Redis too.
  await Promise.race([client.connect().catch(() => {}), setTimeout(PATIENCE)]);
  let reconnection = new AbortController();
  return {
    store: redisStore(client),
    cutOff: (milliseconds) => {
      reconnection.abort();
      reconnection = new AbortController();
      if (client.isOpen) client.destroy();
      setTimeout(milliseconds, undefined, { signal: reconnection.signal, ref: false })
        .then(() => client.connect())
        .catch(() => {});
    },
    close: async () => {
      reconnection.abort();
      if (client.isOpen) client.destroy();
    },
  };
};
