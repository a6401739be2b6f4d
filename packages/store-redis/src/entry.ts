import { randomBytes } from 'node:crypto';
import type { StoreEntry } from '@auth/core';

/** Characters of a version, in front of the value. The script counts on it, and on what they are. */
export const VERSION_LENGTH = 22;

const VERSION = /^[\w-]{22}/;

/** Random, so that none comes twice. */
export const newVersion = (): string => randomBytes(16).toString('base64url');

/** `null` for a text that this store did not write. */
export const decodeEntry = (text: string): StoreEntry | null =>
  VERSION.test(text) ? { version: text.slice(0, VERSION_LENGTH), value: text.slice(VERSION_LENGTH) } : null;
