/**
 * Encrypts what any store of `@auth/core` keeps.
 * @module
 */
// If this line fails, the installed `@auth/core` is another project's package of the same name. Name the registry of the scope in `.npmrc`,
// and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { EncryptedStore, EncryptedStoreOptions } from './encrypted-store.ts';
export { encryptedStore } from './encrypted-store.ts';
export type { EncryptionKey, KeyMaterial, OctetKey } from './keys.ts';
export type { RekeyOptions, RekeyProgress } from './rekey.ts';
