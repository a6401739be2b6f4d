import type { WriteOptions } from '@auth/core';
import { notUnicode, type StoreOperation, wrongArgument } from './errors.ts';

// What is wrong here is the caller's own, so it gets no further: everybody else's operations would fail with it.

/** Throws `misconfigured`, or `invalid_request` for half a character. */
export const checkKey = (operation: StoreOperation, key: string): void => {
  if (typeof key !== 'string') throw wrongArgument(operation, 'The key is wrong. Give a string.');
  if (!key.isWellFormed()) throw notUnicode(operation);
};

/** The same, for all that is given to a write. */
export const checkWrite = (key: string, value: string | undefined, options: WriteOptions): void => {
  const fail = (message: string): Error => wrongArgument('store.write', message);
  checkKey('store.write', key);
  if (value !== undefined && typeof value !== 'string') throw fail('The value is wrong. Give a string, or undefined to delete.');
  if (value?.isWellFormed() === false) throw notUnicode('store.write');
  if (typeof options !== 'object' || options === null) throw fail('The options are wrong. Give an object, or leave them out.');
  const { ifVersion, ttl } = options;
  if (ifVersion !== undefined && ifVersion !== null && typeof ifVersion !== 'string')
    throw fail('The option ifVersion is wrong. Give a version, or null for no entry, or leave it out.');
  if (ttl !== undefined && (typeof ttl !== 'number' || Number.isNaN(ttl)))
    throw fail('The option ttl is wrong. Give a number of milliseconds, or leave it out for ever.');
};
