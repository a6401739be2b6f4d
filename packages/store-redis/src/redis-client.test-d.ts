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

  it('is nothing else', () => {
    // @ts-expect-error: no scripts
    redisStore({ get: async () => null });
  });
});
