import type { Clock } from '@auth/core';
import { AuthError, deadline } from '@auth/core';
// `CryptoKey` of jose, because runtimes without the declarations of browsers have no type of this name.
import { base64url, type CryptoKey } from 'jose';
import { keyNotFetched, wrongKeys } from './errors.ts';

/** A key and its name. */
export interface EncryptionKey {
  /**
   * Stored in clear beside every entry and named in errors, so not a secret. Never reuse it for another key. 1 to 128 letters, digits and
   * `_ . : / @ -`.
   */
  readonly id: string;
  /** The key, or a function that fetches it, for instance from a KMS. It is called at the first use, and again after a failure. */
  readonly key: KeyMaterial | (() => KeyMaterial | Promise<KeyMaterial>);
}

/** 256 random bits: as 32 bytes, as base64url text (43 characters), or as JWK. */
export type KeyMaterial = Uint8Array | string | OctetKey;

/** A symmetric key as JWK. */
export interface OctetKey {
  readonly kty: 'oct';
  /** The 32 bytes as base64url. */
  readonly k: string;
}

/** The keys, ready for use. */
export interface KeyRing {
  /** The id of the key that encrypts. */
  readonly first: string;
  /** `undefined` for an id that is not among them. Rejects with `store_unavailable` or `misconfigured`. */
  readonly get: (id: string) => CryptoKey | Promise<CryptoKey> | undefined;
}

const ID = /^[\w.:/@-]{1,128}$/;
const BYTES = 32;

/** Milliseconds until a function that failed is called again. */
const PAUSE = 1_000;

/** The timeout of a function, in milliseconds. Services that keep keys answer within a few seconds, even after a cold start. */
const PATIENCE = 10_000;

/** Milliseconds. A fetch that takes longer than its timeout will never end. */
const LONGEST_FETCH = PATIENCE + 1_000;

const timeoutError = (): Error => new Error('The key was not fetched in time.');

/** Throws `misconfigured` for wrong keys. Keys from functions are checked when they are fetched. */
export const createKeyRing = (keys: readonly EncryptionKey[] | undefined, clock: Clock): KeyRing => {
  // In JavaScript anything may be given, and anything may be in the list.
  const list: readonly (EncryptionKey | null | undefined)[] = Array.isArray(keys) ? keys : [];
  const [first] = list;
  if (list.length === 0) throw wrongKeys('The option keys of encryptedStore must be a list of at least one key. The first key encrypts.');
  const byId = new Map<string, () => CryptoKey | Promise<CryptoKey>>();
  for (const [index, entry] of list.entries()) {
    if (typeof entry !== 'object' || entry === null)
      throw wrongKeys(`Item ${index + 1} of the option keys of encryptedStore is not a key. Pass { id, key }.`);
    const { id, key } = entry;
    if (typeof id !== 'string' || !ID.test(id))
      throw wrongKeys('The id of an encryption key must be 1 to 128 letters, digits or any of "_.:/@-". Rename it.');
    if (byId.has(id)) throw wrongKeys(`Two encryption keys have the id ${id}. Give each its own.`);
    byId.set(id, typeof key === 'function' ? fetched(id, key, clock) : given(bytesOf(id, key)));
  }
  return { first: first?.id ?? '', get: (id) => byId.get(id)?.() };
};

/** Imported at once, so that the bytes are not kept anywhere. Until then each caller imports them: another request's promise may never settle. */
const given = (bytes: Uint8Array<ArrayBuffer>): (() => CryptoKey | Promise<CryptoKey>) => {
  let current: CryptoKey | undefined;
  let kept = bytes;
  const importOnce = async (): Promise<CryptoKey> => {
    const key = current ?? (await importKey(kept));
    current = key;
    kept = new Uint8Array();
    return key;
  };
  importOnce().catch(() => {}); // reported to every caller that uses it
  return () => current ?? importOnce();
};

const fetched = (id: string, fetchKey: () => KeyMaterial | Promise<KeyMaterial>, clock: Clock): (() => CryptoKey | Promise<CryptoKey>) => {
  let current: CryptoKey | Promise<CryptoKey> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  /** The same for all callers: a wrong key must not look like an outage, during which the engine goes on without the store. */
  let failure: { readonly error: AuthError; readonly until: number } | undefined;
  const fetchOnce = async (): Promise<CryptoKey> => {
    fetchedAt = clock.monotonic();
    try {
      const material = await deadline(clock, PATIENCE, async () => fetchKey(), { ref: true, timeoutError });
      const key = await importKey(bytesOf(id, material));
      current = key;
      return key;
    } catch (cause) {
      current = undefined;
      // The message of a service may contain anything.
      const error = AuthError.is(cause, 'misconfigured') ? cause : keyNotFetched(id);
      failure = { error, until: clock.monotonic() + PAUSE };
      throw error;
    }
  };
  return () => {
    if (current === undefined && failure !== undefined && clock.monotonic() < failure.until) return Promise.reject(failure.error);
    // In a worker the request that began it may have ended, and then nothing comes any more, not even its timer.
    const isGone = current instanceof Promise && clock.monotonic() - fetchedAt > LONGEST_FETCH;
    if (current === undefined || isGone) current = fetchOnce();
    return current;
  };
};

/** The result is not extractable, so that no inspection shows it. */
const importKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);

/** Throws for a wrong key. */
const bytesOf = (id: string, material: KeyMaterial): Uint8Array<ArrayBuffer> => {
  const bytes = decoded(material);
  if (bytes === undefined)
    throw wrongKeys(`The encryption key ${id} is malformed. Pass 32 bytes as Uint8Array, as base64url text or as JWK with kty "oct".`);
  if (bytes.length !== BYTES) throw wrongKeys(`The encryption key ${id} has ${bytes.length} bytes. Pass ${BYTES} bytes.`);
  return bytes;
};

const decoded = (material: unknown): Uint8Array<ArrayBuffer> | undefined => {
  if (material instanceof Uint8Array) return new Uint8Array(material);
  if (typeof material === 'string') return decodedText(material);
  if (typeof material !== 'object' || material === null) return undefined;
  const isOctetKey = 'kty' in material && material.kty === 'oct' && 'k' in material && typeof material.k === 'string';
  return isOctetKey ? decoded(material.k) : undefined;
};

const decodedText = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return /^[\w-]+$/.test(text) ? new Uint8Array(base64url.decode(text)) : undefined;
  } catch {
    return undefined;
  }
};
