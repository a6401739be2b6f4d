// If this line fails, the installed `@auth/core` is another project's package of the same name. Name the registry of the scope in `.npmrc`,
// and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { RedisStoreOptions } from './options.ts';
export type { IoRedisLike, NodeRedisLike, RedisClientLike, ScriptCall, UpstashRedisLike } from './redis-client.ts';
export { redisStore } from './redis-store.ts';
