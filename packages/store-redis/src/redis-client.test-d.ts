import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel, RESP_TYPES } from 'redis';
import { describe, expectTypeOf, it } from 'vitest';
import { type RedisClientLike, redisStore } from './index.ts';

describe('RedisClientLike', () => {
  it('is every client of node-redis', () => {
    const client = createClient();
    expectTypeOf(client).toExtend<RedisClientLike>();
    expectTypeOf(createClient({ RESP: 3 })).toExtend<RedisClientLike>();
    expectTypeOf(createClientPool()).toExtend<RedisClientLike>();
    expectTypeOf(createCluster({ rootNodes: [] })).toExtend<RedisClientLike>();
    expectTypeOf(createSentinel({ name: 'master', sentinelRootNodes: [] })).toExtend<RedisClientLike>();
    redisStore(client);
  });

  it('is every client of ioredis', () => {
    expectTypeOf(new Redis()).toExtend<RedisClientLike>();
    expectTypeOf(new Cluster([])).toExtend<RedisClientLike>();
    redisStore(new Redis());
  });

  it('is no client whose answers are no texts', () => {
    const client = createClient().withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    // @ts-expect-error: buffers
    redisStore(client);
  });

  it('is the REST client of Upstash, in its own words', () => {
    interface Upstash {
      get: <Data>(key: string) => Promise<Data | null>;
      eval: <Args extends unknown[], Data = unknown>(...call: [script: string, keys: string[], args: Args]) => Promise<Data>;
      evalsha: <Args extends unknown[], Data = unknown>(...call: [sha1: string, keys: string[], args: Args]) => Promise<Data>;
      scriptLoad: (...args: [script: string]) => Promise<string>;
    }
    expectTypeOf<Upstash>().toExtend<RedisClientLike>();
  });

  it('is nothing else', () => {
    // @ts-expect-error: its commands wait for exec()
    redisStore(new Redis().pipeline());
    // @ts-expect-error: its commands wait for exec()
    redisStore(createClient().multi());
    // @ts-expect-error: it answers by callbacks
    redisStore(createClient().legacy());
    // @ts-expect-error: no scripts
    redisStore({ get: async () => null });
  });
});
