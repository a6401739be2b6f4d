import type { Clock } from '@auth/core';
import { wrongArgument } from './errors.ts';

/** How the store uses Redis. */
export interface RedisStoreOptions {
  /** In front of every key; the same in all processes that share tokens. Default `aggregator-auth:`. */
  readonly prefix?: string | undefined;
  /** Milliseconds until an operation without an answer fails. Default 500; the engine itself waits no longer than 1,000. */
  readonly timeout?: number | undefined;
  /** For tests; lifetimes are judged by the server. Default `systemClock`. */
  readonly clock?: Clock | undefined;
}

const NAMES: readonly string[] = ['prefix', 'timeout', 'clock'];

/** The options' own members: what somebody put on `Object.prototype` is not an option. Throws `misconfigured` for wrong options. */
export const checkedOptions = (given: RedisStoreOptions): RedisStoreOptions => {
  const fail = (message: string): Error => wrongArgument('options', message);
  if (typeof given !== 'object' || given === null)
    throw fail('The second argument of redisStore must be an object, as in redisStore(client, { prefix }). Leave it out for the defaults.');
  const options: RedisStoreOptions = Object.assign(Object.create(null), given);
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw fail(`redisStore has no option ${unknown}. Its options are ${NAMES.join(', ')}.`);
  const { prefix, timeout, clock } = options;
  if (prefix !== undefined && (typeof prefix !== 'string' || !prefix.isWellFormed()))
    throw fail('The option prefix of redisStore must be a well-formed string. Leave it out for aggregator-auth:.');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0))
    throw fail('The option timeout of redisStore must be a number of milliseconds above 0. Leave it out for 500.');
  if (clock !== undefined && [clock?.monotonic, clock?.after].some((part) => typeof part !== 'function'))
    throw fail('The option clock of redisStore must be a clock with now, monotonic and after. Leave it out for the system clock.');
  return options;
};
