import type { AuthErrorCode } from '@auth/core';
import { AuthError } from '@auth/core';
import { Silence } from './deadline.ts';

/** What is being done, as it is named in errors. */
export type StoreOperation = 'store.read' | 'store.write';

interface Meaning {
  readonly code: Extract<AuthErrorCode, 'misconfigured' | 'store_unavailable'>;
  readonly message: string;
}

const misconfigured = (message: string): Meaning => ({ code: 'misconfigured', message });
const unavailable = (message: string): Meaning => ({ code: 'store_unavailable', message });

const NOT_FOR_CLUSTERS = misconfigured(
  'The server is a node of a Redis Cluster, and the client is not made for clusters. Use createCluster() of node-redis or Cluster of ioredis.',
);
const FOREIGN = misconfigured('A key of the store holds what another program wrote. Give the store a prefix of its own.');
const BUSY = unavailable('Redis answers, but cannot serve now. Look at its log if this lasts.');

/** The first word of a server's error. `misconfigured` is what waiting never mends. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  NOAUTH: misconfigured('Redis wants a password. Give the client a username and a password.'),
  WRONGPASS: misconfigured('Redis refused the username or the password of the client. Give it the right ones.'),
  NOPERM: misconfigured('The user of Redis may not do what the store needs. Give it the commands and keys that the README lists.'),
  MOVED: NOT_FOR_CLUSTERS,
  ASK: NOT_FOR_CLUSTERS,
  WRONGTYPE: FOREIGN,
  UNKNOWN: misconfigured('The server does not know a command that the store needs. Use Redis 6.2 or Valkey, with scripts.'),
  READONLY: unavailable('The server is a replica. If no failover is under way, connect the client to the master.'),
  OOM: unavailable('Redis has no memory left. Give it more, or look what fills it.'),
  MISCONF: unavailable('Redis cannot save to its disk, and takes no writes. Look at the disk.'),
  NOREPLICAS: unavailable('Redis has fewer replicas than it wants for a write. Look at the replicas.'),
  BUSY,
  CLUSTERDOWN: BUSY,
  LOADING: BUSY,
  MASTERDOWN: BUSY,
  TRYAGAIN: BUSY,
};

/** Says what happened, in words that are all from here: a client's error may contain addresses, a server's parts of a command. */
export const storeError = (operation: StoreOperation, error: unknown): AuthError => {
  if (AuthError.is(error)) return error;
  if (error instanceof Silence)
    return failure(operation, unavailable(`Redis did not answer within ${error.silentFor} ms. Check that it is up, and not far away.`));
  const code = replyCode(error instanceof Error ? error.message : '');
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (!meaning) return failure(operation, unavailable('Redis cannot be reached. Check that it is up and that the client is connected.'));
  return failure(operation, meaning, code);
};

/** For a key that holds a text which this store did not write. */
export const foreignEntry = (operation: StoreOperation): AuthError => failure(operation, FOREIGN);

/** For a client whose answers are no texts or numbers. */
export const foreignAnswer = (operation: StoreOperation): AuthError =>
  failure(operation, misconfigured('The Redis client answers something else than texts. Give the store one without a mapping of types.'));

/** For what the caller has to give another way. */
export const wrongArgument = (operation: StoreOperation | 'options', message: string): AuthError =>
  new AuthError(message, { code: 'misconfigured', provider: 'redis', operation });

/** A text that cannot be kept. */
export const notUnicode = (operation: StoreOperation): AuthError =>
  new AuthError('The key or the value contains half a character (a lone surrogate), which Redis would not give back. Write whole ones.', {
    code: 'invalid_request',
    provider: 'redis',
    operation,
  });

const failure = (operation: StoreOperation, { code, message }: Meaning, vendorCode?: string): AuthError =>
  new AuthError(message, { code, provider: 'redis', operation, vendorCode });

/** What a command of a script was answered is worded in three ways: before 7.0, in 7.0, and later. */
const replyCode = (message: string): string | undefined => {
  const [first] = /^[A-Z]+(?= )/.exec(message) ?? [];
  if (first !== 'ERR') return first;
  if (/ACL failure in script|user executing the script can't/i.test(message)) return 'NOPERM';
  if (/unknown (redis )?command/i.test(message)) return 'UNKNOWN';
  return /-([A-Z]+) /.exec(message)?.[1];
};
