import { base64url } from 'jose';
import { notUnicode } from './errors.ts';

/** The prefix of every entry's name in the inner store. */
const PREFIX = 'aggregator-auth:e:';
const NAME = /^aggregator-auth:e:[\w-]{43}$/;

/** How many names are remembered, because a process that waits for a lease asks for the same name again and again. */
const REMEMBERED = 4_096;

const encoder = new TextEncoder();

/**
 * Names entries in the inner store: SHA-256 of the key. No secret goes in, because a name must stay the same when encryption keys change;
 * the engine's own keys contain no names in clear.
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

/** Whether this is already a name, as the inner store lists it. */
export const isName = (text: string): boolean => NAME.test(text);

/** The part of a name that goes into the header. */
export const hashIn = (name: string): string => name.slice(PREFIX.length);
