// When this line fails, the installed `@auth/core` is not the one that this package is made for but Auth.js, which has the same name on the
// public npm registry. Say in `.npmrc` where the scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { AcmeProvider } from './acme.ts';
export { acme, acmePlugin } from './acme.ts';
export type { AcmeApi, ClientCredentials } from './api.ts';
export type { AcmeOptions } from './options.ts';
export type { AccessToken } from './schemas.ts';
