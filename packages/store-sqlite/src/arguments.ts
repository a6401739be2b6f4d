import type { WriteOptions } from '@auth/core';
import { notUnicode, type StoreOperation, wrongArgument } from './errors.ts';

// A wrong argument is the caller's own mistake. It gets no further, or everybody else's operations would fail with it.

/** Throws `misconfigured`, or `invalid_request` for half a character (a lone surrogate). */
export const checkKey = (operation: StoreOperation, key: string): void => {
  if (typeof key !== 'string') throw wrongArgument(operation, 'The key must be a string.');
  if (!key.isWellFormed()) throw notUnicode(operation);
};

/** The same, for all arguments of a write. */
export const checkWrite = (key: string, value: string | undefined, options: WriteOptions): void => {
  const fail = (message: string): Error => wrongArgument('store.write', message);
  checkKey('store.write', key);
  if (value !== undefined && typeof value !== 'string') throw fail('The value must be a string, or undefined to delete.');
  if (value?.isWellFormed() === false) throw notUnicode('store.write');
  if (typeof options !== 'object' || options === null) throw fail('The options must be an object, or left out.');
  const { ifVersion, ttl } = options;
  if (ifVersion !== undefined && ifVersion !== null && typeof ifVersion !== 'string')
    throw fail('The option ifVersion must be a version, null for no entry, or left out.');
  if (ttl !== undefined && (typeof ttl !== 'number' || Number.isNaN(ttl)))
    throw fail('The option ttl must be a number of milliseconds. Leave it out for an entry that never expires.');
};
