// If this line fails, the installed `@auth/core` is another project's package of the same name. Name the registry of the scope in `.npmrc`,
// and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { BearerOptions, ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { AcmeProvider } from './acme.ts';
export { acme, acmePlugin } from './acme.ts';
export type { AcmeApi, ClientCredentials } from './api/operations.ts';
export type { AccessToken } from './api/schemas.ts';
export type { AcmeOptions } from './options.ts';
