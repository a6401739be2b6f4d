import type { Store, WriteOptions } from '@auth/core';
import { ensure } from '../check.ts';

/** Writes, and answers the version. */
export const written = async (store: Store, key: string, value: string | undefined, options?: WriteOptions): Promise<string> => {
  const version = await store.write(key, value, options);
  ensure(
    typeof version === 'string' && version !== '',
    `write(${described(value, options)}) answered ${shown(version)}, although nothing spoke against it. Answer the new version, a text that is not empty, for a deletion too.`,
  );
  return version;
};

/** Writes under a condition that does not hold. */
export const refused = async (store: Store, key: string, value: string | undefined, options: WriteOptions, why: string): Promise<void> => {
  const version = await store.write(key, value, options);
  ensure(
    version === undefined,
    `write(${described(value, options)}) answered a version, although ${why}. Answer undefined, and change nothing.`,
  );
};

/** Versions of one key, each from another write or deletion. */
export const unlike = (versions: readonly string[], when: string): void =>
  ensure(
    new Set(versions).size === versions.length,
    `A version came back ${when}. A holder that slept meanwhile would take the new entry for its own: make versions random.`,
  );

/** Reads what has to be there. */
export const present = async (store: Store, key: string, value: string, version: string | undefined, when: string): Promise<void> => {
  const entry = await store.read(key);
  ensure(entry !== undefined && entry !== null, `${when}, read answered ${shown(entry)}. The entry has to be there.`);
  ensure(
    typeof entry.value === 'string' && typeof entry.version === 'string',
    `${when}, read answered an entry whose value is ${typeof entry.value} and whose version is ${typeof entry.version}. Both have to be texts.`,
  );
  ensure(entry.value === value, `${when}, read answered another value than was written (${summary(entry.value)} for ${summary(value)}).`);
  ensure(
    version === undefined || entry.version === version,
    `${when}, read answered another version than write did. Both have to be the version that later conditions name.`,
  );
};

/** Reads what must not be there. */
export const absent = async (store: Store, key: string, when: string): Promise<void> => {
  const entry = await store.read(key);
  ensure(entry === undefined, `${when}, read answered ${entry === null ? 'null' : 'an entry'}. Answer undefined.`);
};

const described = (value: string | undefined, options: WriteOptions = {}): string => {
  const condition = options.ifVersion === undefined ? '' : `, ifVersion: ${options.ifVersion === null ? 'null' : 'a version'}`;
  return `${value === undefined ? 'undefined' : 'a value'}${condition}${options.ttl === undefined ? '' : `, ttl: ${options.ttl}`}`;
};

const shown = (value: unknown): string => (typeof value === 'string' ? 'an empty text' : String(value));

const summary = (text: string): string => (text.length > 40 ? `${text.length} characters` : JSON.stringify(text));
