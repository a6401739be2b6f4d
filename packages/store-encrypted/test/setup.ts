import type { Store, WriteOptions } from '@auth/core';
import { AuthError, memoryStore } from '@auth/core';
import type { FakeClock } from '@auth/core/testing';
import { fakeClock } from '@auth/core/testing';
import { base64url, CompactEncrypt } from 'jose';
import type { EncryptedStore, EncryptionKey } from '../src/index.ts';
import { encryptedStore } from '../src/index.ts';

export const keyOf = (id: string): { readonly id: string; readonly key: Uint8Array } => ({
  id,
  key: crypto.getRandomValues(new Uint8Array(32)),
});

/** One write, as the inner store saw it. */
export interface Seen {
  readonly name: string;
  readonly text: string | undefined;
  readonly options: WriteOptions | undefined;
}

/** A store in memory that shows what reaches it. */
export interface Inner extends Store {
  readonly writes: readonly Seen[];
}

export const innerStore = (clock: FakeClock): Inner => {
  const store = memoryStore({ clock });
  const writes: Seen[] = [];
  return {
    writes,
    read: store.read,
    write: (name, text, options) => {
      writes.push({ name, text, options });
      return store.write(name, text, options);
    },
  };
};

export interface Setup {
  readonly clock: FakeClock;
  readonly inner: Inner;
  readonly with: (...keys: readonly EncryptionKey[]) => EncryptedStore;
}

export const setUp = (): Setup => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const inner = innerStore(clock);
  return { clock, inner, with: (...keys) => encryptedStore(inner, { keys, clock }) };
};

/** What it rejects with. */
export const failureOf = async (running: Promise<unknown>): Promise<AuthError> => {
  const error: unknown = await running.then(
    (value) => value,
    (reason) => reason,
  );
  if (!AuthError.is(error)) throw new Error('It did not reject with an AuthError.');
  return error;
};

export const headerOf = (text: string | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(new TextDecoder().decode(base64url.decode(text?.split('.')[0] ?? '')));

/** Any JWE, as somebody else could make it. */
export const sealed = (
  plaintext: string,
  header: { readonly alg: string; readonly enc: string; readonly [name: string]: unknown },
  key: Uint8Array | CryptoKey,
): Promise<string> => new CompactEncrypt(new TextEncoder().encode(plaintext)).setProtectedHeader(header).encrypt(key);
