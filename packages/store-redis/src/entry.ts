import { randomBytes } from 'node:crypto';
import type { StoreEntry } from '@auth/core';

/** The number of characters of a version, in front of the value. The script relies on it, and on which characters they are. */
export const VERSION_LENGTH = 22;

const VERSION = /^[\w-]{22}/;

/** Random, so that no version is used twice. */
export const newVersion = (): string => randomBytes(16).toString('base64url');

/** `null` for a text that this store did not write. */
export const decodeEntry = (text: string): StoreEntry | null =>
  VERSION.test(text) ? { version: text.slice(0, VERSION_LENGTH), value: text.slice(VERSION_LENGTH) } : null;
