import { answersByCallback, wrongArgument } from './errors.ts';

/**
 * Your own connected client: node-redis (`createClient`, `createCluster`, `createSentinel`), ioredis (`Redis`, `Cluster`, Sentinel), or the
 * REST client of Upstash (`Redis` of `@upstash/redis`), with its automatic deserialisation or without. Only the methods named here are called.
 * Answers must be strings, which is the default of all.
 */
export type RedisClientLike = NodeRedisLike | IoRedisLike | UpstashRedisLike;

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

/** The methods of Upstash's REST client that are used. */
export interface UpstashRedisLike {
  /** `GET`. May parse what is JSON, which no entry is. */
  readonly get: (key: string) => Promise<unknown>;
  /** `EVAL`, when the server has lost the script. */
  readonly eval: (script: string, keys: string[], args: string[]) => Promise<unknown>;
  /** `EVALSHA`. */
  readonly evalsha: (sha: string, keys: string[], args: string[]) => Promise<unknown>;
  /** Not called: tells this client from ioredis, whose `evalsha` takes other arguments. */
  readonly scriptLoad: (script: string) => Promise<unknown>;
}

/** The three commands, the same for all clients. */
export interface Commands {
  readonly get: (key: string) => Promise<unknown>;
  readonly eval: (script: string, key: string, args: readonly string[]) => Promise<unknown>;
  readonly evalSha: (sha: string, key: string, args: readonly string[]) => Promise<unknown>;
  /** Over HTTP: the client parses what is JSON, and a server that cannot be reached is a `TypeError` of `fetch`. */
  readonly isRest: boolean;
}

/** Throws `misconfigured` for anything but a Redis client. */
export const commandsOf = (client: RedisClientLike): Commands => {
  checkClient(client);
  if (isNodeRedis(client))
    return {
      isRest: false,
      get: (key) => answered(client.get(key)),
      eval: (script, key, args) => answered(client.eval(script, { keys: [key], arguments: [...args] })),
      evalSha: (sha, key, args) => answered(client.evalSha(sha, { keys: [key], arguments: [...args] })),
    };
  if (isUpstash(client))
    return {
      isRest: true,
      get: (key) => answered(client.get(key)),
      eval: (script, key, args) => answered(client.eval(script, [key], [...args])),
      evalSha: (sha, key, args) => answered(client.evalsha(sha, [key], [...args])),
    };
  return {
    isRest: false,
    get: (key) => answered(client.get(key)),
    eval: (script, key, args) => answered(client.eval(script, 1, key, ...args)),
    evalSha: (sha, key, args) => answered(client.evalsha(sha, 1, key, ...args)),
  };
};

// By reading the members, not by `in`: clients that are made at their first use are proxies.
const isNodeRedis = (client: RedisClientLike): client is NodeRedisLike => has(client, 'evalSha');
const isUpstash = (client: IoRedisLike | UpstashRedisLike): client is UpstashRedisLike => has(client, 'scriptLoad');

const has = (client: object, name: string): boolean => typeof Reflect.get(client, name) === 'function';

/** From JavaScript anything may come. */
const answered = <T>(answer: Promise<T>): Promise<T> => {
  if (typeof answer?.then !== 'function') throw answersByCallback();
  return answer;
};

const checkClient = (client: unknown): void => {
  const fail = (what: string, instead = 'Pass a client of node-redis, ioredis or Upstash: redisStore(client).'): Error =>
    wrongArgument('options', `redisStore was given ${what}. ${instead}`);
  if (typeof client === 'function') throw fail('a function instead of a client', 'Pass what it returns: redisStore(createClient()).');
  if (typeof client !== 'object' || client === null) throw fail('no client');
  if (Reflect.get(client, 'isPipeline') === true || has(client, 'execAsPipeline') || (has(client, 'exec') && !has(client, 'pipeline')))
    throw fail('a pipeline or a transaction, whose commands wait for exec()', 'Pass the client that made it: redisStore(client).');
  if (has(client, 'then')) throw fail('a promise instead of a client', 'Await it first: redisStore(await client.connect()).');
  // Its commands take other arguments, and node-redis ends the process for wrong ones.
  if (has(client, 'evalSha') && (has(client, 'evalsha') || (has(client, 'multi') && !has(client, 'on'))))
    throw fail('a client of node-redis in legacy mode', 'Pass one without it: a client that was made without legacyMode, or client.v4.');
  const missing = ['get', 'eval', has(client, 'evalSha') ? 'evalSha' : 'evalsha'].filter((name) => !has(client, name));
  if (missing.length > 0) throw fail(`a client without ${missing.join(' and ')}`);
};
