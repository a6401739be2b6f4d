import type { WriteOptions } from '@auth/core';
import { notUnicode, type StoreOperation, wrongArgument } from './errors.ts';

// What is wrong here is the caller's own. In Redis it would look like an outage, which waiting ends.

/** Throws `invalid_request` for half a character. */
export const checkText = (operation: StoreOperation, text: string): void => {
  if (!text.isWellFormed()) throw notUnicode(operation);
};

/** Throws `misconfigured`. */
export const checkTtl = ({ ttl }: WriteOptions): void => {
  if (ttl !== undefined && (typeof ttl !== 'number' || Number.isNaN(ttl)))
    throw wrongArgument('store.write', 'The option ttl is wrong. Give a number of milliseconds, or leave it out for ever.');
};
