// When this line fails, what is installed as `@auth/core` is a package of another project that has the same name. Say in `.npmrc` where the
// scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { RedisStoreOptions } from './options.ts';
export type { IoRedisLike, NodeRedisLike, RedisClientLike, ScriptCall } from './redis-client.ts';
export { redisStore } from './redis-store.ts';
