import { base64url } from 'jose';
import { notUnicode } from './errors.ts';

/** Begins the name of every entry in the inner store. */
const PREFIX = 'aggregator-auth:e:';
const NAME = /^aggregator-auth:e:[\w-]{43}$/;

/** So many names are remembered, as whoever waits for a lease asks for the same one again and again. */
const REMEMBERED = 4_096;

const encoder = new TextEncoder();

/**
 * What entries are called in the inner store: SHA-256 of the key. Not by a secret, as a name must stay the same when encryption keys
 * change; the engine's own keys contain no names in clear.
 */
export const createNames = (): ((key: string) => string | Promise<string>) => {
  let known = new Map<string, string>();
  const hash = async (key: string): Promise<string> => {
    if (!key.isWellFormed()) throw notUnicode();
    const digest = await crypto.subtle.digest('SHA-256', encoder.encode(key));
    const name = PREFIX + base64url.encode(new Uint8Array(digest));
    if (known.size >= REMEMBERED) known = new Map();
    known.set(key, name);
    return name;
  };
  return (key) => known.get(key) ?? hash(key);
};

/** Whether this is a name already, as listed by the inner store. */
export const isName = (text: string): boolean => NAME.test(text);

/** What of a name goes into the header. */
export const hashIn = (name: string): string => name.slice(PREFIX.length);
