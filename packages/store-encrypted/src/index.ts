/**
 * Encrypts what any store of `@auth/core` keeps.
 * @module
 */
export type { EncryptedStore, EncryptedStoreOptions } from './encrypted-store.ts';
export { encryptedStore } from './encrypted-store.ts';
export type { EncryptionKey, KeyMaterial, OctetKey } from './keys.ts';
export type { RekeyOptions, RekeyProgress } from './rekey.ts';
