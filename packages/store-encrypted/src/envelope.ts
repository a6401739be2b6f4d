import { AuthError } from '@auth/core';
import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt } from 'jose';
import { unreadable } from './errors.ts';
import type { KeyRing } from './keys.ts';
import { hashIn } from './names.ts';

/** What is inside an entry. Times in epoch milliseconds. */
export interface Content {
  readonly value: string;
  /** When a caller wrote the entry, and its ttl in milliseconds; `null` for ever. Tells how much life is left at a re-encryption. */
  readonly life: { readonly writtenAt: number; readonly ttl: number } | null;
  /** If the entry was re-encrypted since: the version that callers know, and when it was re-encrypted. */
  readonly moved: { readonly version: string; readonly at: number } | null;
}

/** A decrypted entry. */
export interface Opened {
  readonly content: Content;
  /** Whether the entry is under the first key, the one that encrypts. */
  readonly isCurrent: boolean;
}

/** Encrypts and decrypts entries. */
export interface Envelope {
  readonly seal: (name: string, content: Content) => Promise<string>;
  /** Rejects with `misconfigured` unless this is, whole and unchanged, what was sealed under this name. */
  readonly open: (name: string, text: string) => Promise<Opened>;
}

const LAYOUT = 1;
const ALLOWED = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Compact JWE. The entry's name is in the protected header, so that an entry cannot take the place of another. */
export const createEnvelope = (keys: KeyRing): Envelope => ({
  seal: async (name, content) => {
    const header = { alg: 'dir', enc: 'A256GCM', kid: keys.first, name: hashIn(name) };
    const key = keys.get(keys.first);
    if (key === undefined) throw unreadable(name, 'cannot be encrypted.');
    return new CompactEncrypt(encoder.encode(encodeContent(content))).setProtectedHeader(header).encrypt(await key);
  },
  open: async (name, text) => {
    let keyId = '';
    const keyOf = (header: CompactJWEHeaderParameters | undefined): CryptoKey | Promise<CryptoKey> => {
      keyId = checkHeader(name, header);
      const key = keys.get(keyId);
      if (key === undefined)
        throw unreadable(name, `is encrypted under the key ${keyId}, which is not in the option keys. Add that key again.`);
      return key;
    };
    const { plaintext } = await compactDecrypt(text, keyOf, ALLOWED).catch((error: unknown) => {
      if (AuthError.is(error)) throw error;
      throw unreadable(name, keyId === '' ? NOT_OURS : damaged(keyId));
    });
    const content = decodeContent(decoder.decode(plaintext));
    if (content === undefined) throw unreadable(name, NEWER);
    return { content, isCurrent: keyId === keys.first };
  },
});

const NOT_OURS = 'was not encrypted by this package. Find out who wrote it; if it is of no use, delete it.';
const NEWER = 'was written by a newer version of this package. Update this process.';
const damaged = (keyId: string): string =>
  `cannot be decrypted with the key ${keyId}. Either this id once had another key, or the entry was changed. Restore that key, or delete the entry.`;

/** The id of the key. Throws if the header holds anything that this package does not write, such as compression or an extension. */
const checkHeader = (name: string, header: CompactJWEHeaderParameters | undefined): string => {
  const { alg, enc, kid, name: place, ...others }: Readonly<Record<string, unknown>> = header ?? {};
  const isOurs = alg === 'dir' && enc === 'A256GCM' && typeof place === 'string' && Object.keys(others).length === 0;
  // The id is put into messages, and anyone may have written it.
  if (!isOurs || typeof kid !== 'string' || !/^[\w.:/@-]{1,128}$/.test(kid)) throw unreadable(name, NOT_OURS);
  if (place !== hashIn(name))
    throw unreadable(name, 'holds the text of another entry. Find out who writes to the store, and delete this entry.');
  return kid;
};

const encodeContent = ({ value, life, moved }: Content): string =>
  JSON.stringify([LAYOUT, value, life && [life.writtenAt, life.ttl], moved && [moved.version, moved.at]]);

/** `undefined` for another layout. The text was authenticated, so nobody else has written it. */
const decodeContent = (text: string): Content | undefined => {
  const [layout, value, life, moved]: readonly unknown[] = JSON.parse(text);
  if (layout !== LAYOUT || typeof value !== 'string') return undefined;
  return {
    value,
    life: Array.isArray(life) ? { writtenAt: Number(life[0]), ttl: Number(life[1]) } : null,
    moved: Array.isArray(moved) ? { version: String(moved[0]), at: Number(moved[1]) } : null,
  };
};
