import type { Clock, Store } from '@auth/core';
import { deadline, systemClock } from '@auth/core';
import { createEnvelope } from './envelope.ts';
import { noStore } from './errors.ts';
import { createKeyRing, type EncryptionKey } from './keys.ts';
import { createNames } from './names.ts';
import { type RekeyOptions, type RekeyParts, type RekeyProgress, rekeyAll } from './rekey.ts';
import { createRenewal, versionOf } from './renewal.ts';

/** What entries are encrypted with. */
export interface EncryptedStoreOptions {
  /** Newest first: the first encrypts, all decrypt. */
  readonly keys: readonly EncryptionKey[];
  /** For tests. Its wall clock tells how much life is left of an entry that is re-encrypted. Default `systemClock`. */
  readonly clock?: Clock | undefined;
}

/** A store that keeps its entries, encrypted, in an inner store. */
export interface EncryptedStore extends Store {
  /**
   * Re-encrypts all of these entries that are not under the first key yet, without changing their life or version. Takes keys as they are
   * given to `read` and `write`, or names as the inner store lists them. Can run during normal use, and more than once. Rejects with
   * `misconfigured` at an entry that cannot be decrypted, and with `aborted` when its signal aborts.
   */
  readonly rekey: (keys: AsyncIterable<string> | Iterable<string>, options?: RekeyOptions) => Promise<RekeyProgress>;
}

const timeoutError = (): Error => new Error('The entry was not re-encrypted in time.');

/** How many re-encryptions may come between a read and the write over it. */
const TRIES = 3;

/** How long a read waits for the re-encryption of its entry, in milliseconds. The engine gives up on a store after a second. */
const RENEWAL_PATIENCE = 250;

/**
 * Encrypts what a store keeps: values as compact JWE (`dir`, `A256GCM`), each bound to its key; keys as SHA-256. Conditions, versions
 * and lifetimes are the inner store's. Entries under an older key are re-encrypted when they are read.
 *
 * Throws `misconfigured` for wrong keys, and without a store. Reads and writes reject with `misconfigured` for an entry that cannot be
 * decrypted (naming the id of the key) or is not encrypted, with `store_unavailable` while a function that fetches a key fails, and
 * otherwise as the inner store does.
 *
 * @example
 * ```ts
 * const keys = [
 *   { id: '2026-07', key: async () => (await readFile('/run/secrets/store-key-2026-07', 'utf8')).trim() },
 *   { id: '2026-01', key: async () => (await readFile('/run/secrets/store-key-2026-01', 'utf8')).trim() },
 * ];
 * const store = encryptedStore(sqliteStore({ path: '/var/lib/acme/tokens.db' }), { keys });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7516
 */
export const encryptedStore = (inner: Store, options: EncryptedStoreOptions): EncryptedStore => {
  if (typeof inner?.read !== 'function' || typeof inner.write !== 'function') throw noStore();
  // In JavaScript the options may be left out. Own members only: what somebody put on `Object.prototype` is not an option.
  const { keys, clock = systemClock }: Partial<EncryptedStoreOptions> = Object.assign(Object.create(null), options);
  const ring = createKeyRing(keys, clock);
  const nameOf = createNames();
  const envelope = createEnvelope(ring);
  const renewal = createRenewal(inner, envelope, clock);

  const find: RekeyParts['find'] = async (name) => {
    const entry = await inner.read(name);
    return entry && { name, entry, ...(await envelope.open(name, entry.value)) };
  };

  /** For a condition on the version that the entry had before it was re-encrypted, by this process, another, or an earlier one. */
  const writeOver = async (
    name: string,
    text: string | undefined,
    ifVersion: string,
    ttl: number | undefined,
  ): Promise<string | undefined> => {
    for (let left = TRIES; left > 0; left -= 1) {
      const found = await find(name);
      if (found === undefined || found.content.moved === null || versionOf(found) !== ifVersion) return undefined;
      const version = await inner.write(name, text, { ifVersion: found.entry.version, ttl });
      if (version !== undefined) return version;
    }
    return undefined;
  };

  const isInClear: RekeyParts['isInClear'] = async (key) => (await inner.read(key)) !== undefined;

  return {
    read: async (key) => {
      const found = await find(await nameOf(key));
      if (found === undefined) return undefined;
      // What was read is good, whether the re-encryption succeeds or not, and however long it takes.
      if (!found.isCurrent && renewal.isDue(found))
        await deadline(clock, RENEWAL_PATIENCE, () => renewal.renew(found), { ref: true, timeoutError }).catch(() => {});
      return { value: found.content.value, version: versionOf(found) };
    },
    write: async (key, value, { ifVersion, ttl } = {}) => {
      const name = await nameOf(key);
      const life = ttl === undefined ? null : { writtenAt: clock.now(), ttl };
      const text = value === undefined ? undefined : await envelope.seal(name, { value, life, moved: null });
      const version = await inner.write(name, text, { ifVersion, ttl });
      if (version !== undefined || typeof ifVersion !== 'string') return version;
      return writeOver(name, text, ifVersion, ttl);
    },
    rekey: (names, options = {}) => rekeyAll(names, { renewal, nameOf, find, isInClear }, options),
  };
};
