import type { AuthErrorCode } from '@auth/core';
import { AuthError } from '@auth/core';
import { Silence } from './deadline.ts';

/** The operation, as errors name it. */
export type StoreOperation = 'store.read' | 'store.write';

interface Meaning {
  readonly code: Extract<AuthErrorCode, 'misconfigured' | 'store_unavailable'>;
  readonly message: string;
}

const misconfigured = (message: string): Meaning => ({ code: 'misconfigured', message });
const unavailable = (message: string): Meaning => ({ code: 'store_unavailable', message });

const NOT_FOR_CLUSTERS = misconfigured(
  'The server is a node of a Redis Cluster, but the client is not made for clusters. Use createCluster() of node-redis or Cluster of ioredis.',
);
const FOREIGN = misconfigured('A key of the store holds what another program wrote. Give the store its own prefix.');
const WRONG_CLIENT = misconfigured(
  'The Redis client cannot run the commands of the store: it failed with a TypeError. Give the store a client of node-redis, ioredis or Upstash.',
);
const BUSY = unavailable('Redis answers but cannot serve requests now. If this lasts, check its log.');

/** By the first word of a server's error. `misconfigured` is what waiting never fixes. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  NOAUTH: misconfigured('Redis requires a password. Give the client a username and a password.'),
  WRONGPASS: misconfigured('Redis refused the username or the password of the client. Correct them.'),
  NOPERM: misconfigured('The Redis user lacks a permission that the store needs. Allow it the commands and keys that the README lists.'),
  MOVED: NOT_FOR_CLUSTERS,
  ASK: NOT_FOR_CLUSTERS,
  WRONGTYPE: FOREIGN,
  UNKNOWN: misconfigured('The server does not know a command that the store needs. Use Redis 6.2 or newer, or Valkey, with scripts.'),
  READONLY: unavailable('The server is a replica. If no failover is under way, connect the client to the master.'),
  OOM: unavailable('Redis has no memory left. Give it more, or find out what fills it.'),
  MISCONF: unavailable('Redis cannot save to its disk, so it takes no writes. Check the disk.'),
  NOREPLICAS: unavailable('Redis has fewer replicas than a write requires. Check the replicas.'),
  BUSY,
  CLUSTERDOWN: BUSY,
  LOADING: BUSY,
  MASTERDOWN: BUSY,
  TRYAGAIN: BUSY,
};

/**
 * Says what happened in this package's own words: a client's error may contain addresses, a server's parts of a command. A `TypeError` of a
 * client over HTTP is what its `fetch` says of a server that cannot be reached; of any other, that it is not the client it looks like.
 */
export const storeError = (operation: StoreOperation, error: unknown, isRest: boolean): AuthError => {
  if (AuthError.is(error)) return error.operation === 'options' ? wrongArgument(operation, error.message) : error;
  if (error instanceof Silence)
    return failure(operation, unavailable(`Redis did not answer within ${error.silentFor} ms. Check that it is up and near this process.`));
  const code = replyCode(replyOf(error));
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning) return failure(operation, meaning, code);
  if (error instanceof TypeError && !isRest) return failure(operation, WRONG_CLIENT);
  return failure(
    operation,
    unavailable('Redis cannot be reached. Check that it is up and that the client is connected.'),
    connectionCode(error),
  );
};

/** For a key that holds text that this store did not write. */
export const foreignEntry = (operation: StoreOperation): AuthError => failure(operation, FOREIGN);

/** For a client whose answers are neither strings nor numbers. */
export const foreignAnswer = (operation: StoreOperation): AuthError =>
  failure(operation, misconfigured('The Redis client does not return strings. Give the store a client without a type mapping.'));

/** For a client that returned no promise. */
export const answersByCallback = (): AuthError =>
  wrongArgument(
    'options',
    'The Redis client returns no promises. Give the store a client that does: node-redis from 4, ioredis or Upstash.',
  );

/** For a client that another part of the program has put into a transaction. */
export const inTransaction = (operation: StoreOperation): AuthError =>
  failure(operation, misconfigured('The connection of the Redis client is in a transaction (MULTI). Give the store a client of its own.'));

/** For a wrong argument of the caller. */
export const wrongArgument = (operation: StoreOperation | 'options', message: string): AuthError =>
  new AuthError(message, { code: 'misconfigured', provider: 'redis', operation });

/** For text that Redis would change. */
export const notUnicode = (operation: StoreOperation): AuthError =>
  new AuthError('The key or the value contains half a character (a lone surrogate), which Redis would change. Use well-formed text.', {
    code: 'invalid_request',
    provider: 'redis',
    operation,
  });

const failure = (operation: StoreOperation, { code, message }: Meaning, vendorCode?: string): AuthError =>
  new AuthError(message, { code, provider: 'redis', operation, vendorCode });

/** What the server said. Clients that send several commands at once put their own words in front. */
export const replyOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^Command (?:\d+ \[ ?\w+ ?\] )?failed: /, '') : '';

/** Redis words the error of a command in a script in three ways: before 7.0, in 7.0, and later. */
const replyCode = (message: string): string | undefined => {
  const [first] = /^[A-Z]+(?= )/.exec(message) ?? [];
  if (first !== 'ERR') return first;
  if (/ACL failure in script|user executing the script can't/i.test(message)) return 'NOPERM';
  if (/unknown (redis )?command/i.test(message)) return 'UNKNOWN';
  return /-([A-Z]+) /.exec(message)?.[1];
};

/** The system's code for a failed connection, or the client's own class of errors; both are all that is known of an outage. */
const connectionCode = (error: unknown, depth = 3): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z_]{3,20}$/.test(error.code)) return error.code;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  const code = depth > 0 ? connectionCode(inner, depth - 1) : undefined;
  if (code !== undefined) return code;
  const { name } = error.constructor;
  return /^[A-Z][A-Za-z]{2,40}Error$/.test(name) && !(name in globalThis) ? name : undefined;
};
