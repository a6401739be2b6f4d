import type { Store, StoreEntry } from '@auth/core';
import { systemClock } from '@auth/core';
import { checkText, checkTtl } from './arguments.ts';
import { createDeadline } from './deadline.ts';
import { decodeEntry, newVersion } from './entry.ts';
import { foreignAnswer, foreignEntry, inTransaction, type StoreOperation, storeError } from './errors.ts';
import { checkedOptions, type RedisStoreOptions } from './options.ts';
import { commandsOf, type RedisClientLike } from './redis-client.ts';
import { FOREIGN, runWrite, writeArguments } from './script.ts';

/**
 * Stores tokens that machines share, in Redis (6.2 or newer) or Valkey: standalone, Sentinel or Cluster. The client stays yours: connect
 * it, listen to its errors, close it. Entries expire by the server's clock, and each is in one key.
 *
 * Throws `misconfigured` for a wrong client or wrong options. Rejects with `store_unavailable` while Redis does not answer or cannot
 * serve, and with `misconfigured` where waiting does not help: a wrong password, a missing permission, a cluster without a client for
 * clusters, keys of another program. After an operation without an answer, the next ones fail at once for a second, or until an answer
 * comes. An operation that was rejected may still be carried out.
 *
 * @example
 * ```ts
 * const client = createClient({ url: 'rediss://redis.internal:6379', disableOfflineQueue: true });
 * client.on('error', ({ message }) => logger.warn(message));
 * await client.connect();
 * const store = redisStore(client);
 * ```
 * @see https://redis.io/docs/latest/commands/evalsha/
 */
export const redisStore = (client: RedisClientLike, options: RedisStoreOptions = {}): Store => {
  const commands = commandsOf(client);
  const { prefix = 'aggregator-auth:', timeout = 500, clock = systemClock } = checkedOptions(options);
  const withDeadline = createDeadline(timeout, clock);
  const run = async <T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> => {
    try {
      return await withDeadline(work);
    } catch (error) {
      throw storeError(operation, error, commands.isRest);
    }
  };

  return {
    read: async (key) => {
      checkText('store.read', key);
      return readAnswer(await run('store.read', async () => commands.get(prefix + key)), commands.isRest);
    },
    write: async (key, value, condition = {}) => {
      checkText('store.write', key);
      if (value !== undefined) checkText('store.write', value);
      checkTtl(condition);
      const version = newVersion();
      const args = writeArguments(version, value, condition);
      return hasWritten(await run('store.write', async () => runWrite(commands, prefix + key, args))) ? version : undefined;
    },
  };
};

/** What a server answers to every command of a transaction. */
const QUEUED = 'QUEUED';

const readAnswer = (answer: unknown, isRest: boolean): StoreEntry | undefined => {
  if (answer === null) return undefined;
  if (answer === QUEUED) throw inTransaction('store.read');
  // A client that parses JSON found some, and no entry is.
  if (typeof answer !== 'string') throw isRest ? foreignEntry('store.read') : foreignAnswer('store.read');
  const entry = decodeEntry(answer);
  if (entry === null) throw foreignEntry('store.read');
  return entry;
};

/** Clients can be configured to return numbers as strings. */
const hasWritten = (answer: unknown): boolean => {
  const written = String(answer);
  if (written === QUEUED) throw inTransaction('store.write');
  if (written === FOREIGN) throw foreignEntry('store.write');
  if (written !== '0' && written !== '1') throw foreignAnswer('store.write');
  return written === '1';
};
