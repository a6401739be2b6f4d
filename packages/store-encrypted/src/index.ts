/**
 * Encrypts what any store of `@auth/core` keeps.
 * @module
 */
// When this line fails, what is installed as `@auth/core` is a package of another project that has the same name. Say in `.npmrc` where the
// scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { EncryptedStore, EncryptedStoreOptions } from './encrypted-store.ts';
export { encryptedStore } from './encrypted-store.ts';
export type { EncryptionKey, KeyMaterial, OctetKey } from './keys.ts';
export type { RekeyOptions, RekeyProgress } from './rekey.ts';
