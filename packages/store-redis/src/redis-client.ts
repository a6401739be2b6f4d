import { wrongArgument } from './errors.ts';

/**
 * Your own connected client: node-redis (`createClient`, `createCluster`, `createSentinel`) or ioredis (`Redis`, `Cluster`, Sentinel).
 * Only the methods named here are called. Answers must be strings, which is the default of both.
 */
export type RedisClientLike = NodeRedisLike | IoRedisLike;

/** The methods of node-redis that are used. */
export interface NodeRedisLike {
  /** `GET`. */
  readonly get: (key: string) => Promise<string | null>;
  /** `EVAL`, when the server has lost the script. */
  readonly eval: (script: string, call: ScriptCall) => Promise<unknown>;
  /** `EVALSHA`. */
  readonly evalSha: (sha: string, call: ScriptCall) => Promise<unknown>;
}

/** How node-redis takes a script's keys and arguments. */
export interface ScriptCall {
  // Not readonly, because node-redis declares them so.
  keys: string[];
  arguments: string[];
}

/** The methods of ioredis that are used. */
export interface IoRedisLike {
  /** `GET`. */
  readonly get: (key: string) => Promise<string | null>;
  /** `EVAL`, when the server has lost the script. */
  readonly eval: (script: string, numberOfKeys: number, ...keysAndArguments: string[]) => Promise<unknown>;
  /** `EVALSHA`. */
  readonly evalsha: (sha: string, numberOfKeys: number, ...keysAndArguments: string[]) => Promise<unknown>;
}

/** The three commands, the same for both clients. */
export interface Commands {
  readonly get: (key: string) => Promise<unknown>;
  readonly eval: (script: string, key: string, args: readonly string[]) => Promise<unknown>;
  readonly evalSha: (sha: string, key: string, args: readonly string[]) => Promise<unknown>;
}

/** Throws `misconfigured` for anything but a Redis client. */
export const commandsOf = (client: RedisClientLike): Commands => {
  checkClient(client);
  if ('evalSha' in client)
    return {
      get: (key) => client.get(key),
      eval: (script, key, args) => client.eval(script, { keys: [key], arguments: [...args] }),
      evalSha: (sha, key, args) => client.evalSha(sha, { keys: [key], arguments: [...args] }),
    };
  return {
    get: (key) => client.get(key),
    eval: (script, key, args) => client.eval(script, 1, key, ...args),
    evalSha: (sha, key, args) => client.evalsha(sha, 1, key, ...args),
  };
};

const checkClient = (client: unknown): void => {
  const fail = (what: string): Error =>
    wrongArgument('options', `redisStore was given ${what}. Pass a client of node-redis or ioredis: redisStore(client).`);
  if (typeof client !== 'object' || client === null) throw fail('no client');
  if ('then' in client) throw fail('a promise instead of a client: await it first');
  const names = ['get', 'eval', 'evalSha' in client ? 'evalSha' : 'evalsha'];
  if (names.some((name) => typeof Reflect.get(client, name) !== 'function'))
    throw fail('a client without get, eval, and evalSha or evalsha');
};
