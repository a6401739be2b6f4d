// When this line fails, what is installed as `@auth/core` is a package of another project that has the same name. Say in `.npmrc` where the
// scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { AcmeProvider } from './acme.ts';
export { acme, acmePlugin } from './acme.ts';
export type { AcmeApi, ClientCredentials } from './api.ts';
export type { AcmeOptions } from './options.ts';
export type { AccessToken } from './schemas.ts';
