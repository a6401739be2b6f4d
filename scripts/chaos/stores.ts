import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { startRedis } from '../redis.ts';
import type { Place } from './protocol.ts';

/** The store that all processes share, and what can happen to it. */
export interface SharedStore {
  readonly place: Place;
  /** Each takes some milliseconds. */
  readonly troubles: Readonly<Record<string, (milliseconds: number) => Promise<void>>>;
  readonly close: () => Promise<void>;
}

/** A file in this folder. */
const openSqlite = async (folder: string): Promise<SharedStore> => {
  const path = join(folder, 'tokens.db');
  return {
    place: { kind: 'sqlite', path },
    troubles: {
      locked: async (milliseconds) => {
        const database = new DatabaseSync(path, { timeout: 50 });
        try {
          database.exec('BEGIN IMMEDIATE');
          await setTimeout(milliseconds);
          database.exec('ROLLBACK');
        } catch {
          // A process was stopped in the middle of a write: the file is locked anyway.
        } finally {
          database.close();
        }
      },
    },
    close: async () => {},
  };
};

const openRedis = async (): Promise<SharedStore> => {
  const server = await startRedis();
  const client = await createClient({ url: server.url }).connect();
  const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  const wake = (): boolean => process.kill(pid, 'SIGCONT');
  process.once('exit', wake);
  return {
    place: { kind: 'redis', url: server.url },
    troubles: {
      cut: async () => void (await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal'])),
      frozen: async (milliseconds) => {
        process.kill(pid, 'SIGSTOP');
        await setTimeout(milliseconds);
        wake();
      },
    },
    close: async () => {
      process.off('exit', wake);
      client.destroy();
      await server.stop();
    },
  };
};

/** Opens one of them. */
export const openStore = (kind: Place['kind'], folder: string): Promise<SharedStore> =>
  kind === 'sqlite' ? openSqlite(folder) : openRedis();
