import type { WriteOptions } from '@auth/core';
import { notUnicode, type StoreOperation, wrongArgument } from './errors.ts';
import type { RedisStoreOptions } from './redis-store.ts';

// What is wrong here is the caller's own. In Redis it would look like an outage, which waiting ends.

/** Throws `misconfigured` for options that are none. */
export const checkOptions = (options: RedisStoreOptions): void => {
  const fail = (message: string): Error => wrongArgument('options', message);
  if (typeof options !== 'object' || options === null)
    throw fail('The second argument of redisStore is wrong. Give options, redisStore(client, { prefix }) for instance, or leave it out.');
  const { prefix, timeout, clock } = options;
  if (prefix !== undefined && (typeof prefix !== 'string' || !prefix.isWellFormed()))
    throw fail('The option prefix of redisStore is wrong. Give a string, or leave it out for aggregator-auth:.');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0))
    throw fail('The option timeout of redisStore is wrong. Give a number of milliseconds above 0, or leave it out for 500.');
  if (clock !== undefined && [clock?.monotonic, clock?.after].some((part) => typeof part !== 'function'))
    throw fail('The option clock of redisStore is none. Give one with now, monotonic and after, or leave it out.');
};

/** Throws `invalid_request` for half a character. */
export const checkText = (operation: StoreOperation, text: string): void => {
  if (!text.isWellFormed()) throw notUnicode(operation);
};

/** Throws `misconfigured`. */
export const checkTtl = ({ ttl }: WriteOptions): void => {
  if (ttl !== undefined && (typeof ttl !== 'number' || Number.isNaN(ttl)))
    throw wrongArgument('store.write', 'The option ttl is wrong. Give a number of milliseconds, or leave it out for ever.');
};
