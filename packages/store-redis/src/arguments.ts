import type { WriteOptions } from '@auth/core';
import { notUnicode, type StoreOperation, wrongArgument } from './errors.ts';

// A wrong argument is the caller's own mistake. In Redis it would look like an outage that will pass.

/** Throws `invalid_request` for half a character (a lone surrogate). */
export const checkText = (operation: StoreOperation, text: string): void => {
  if (!text.isWellFormed()) throw notUnicode(operation);
};

/** Throws `misconfigured`. */
export const checkTtl = ({ ttl }: WriteOptions): void => {
  if (ttl !== undefined && (typeof ttl !== 'number' || Number.isNaN(ttl)))
    throw wrongArgument('store.write', 'The option ttl must be a number of milliseconds. Leave it out for an entry that never expires.');
};
