export type { IoRedisLike, NodeRedisLike, RedisClientLike, ScriptCall } from './redis-client.ts';
export type { RedisStoreOptions } from './redis-store.ts';
export { redisStore } from './redis-store.ts';
