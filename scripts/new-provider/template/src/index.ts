export type { ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { AcmeProvider } from './acme.ts';
export { acme, acmePlugin } from './acme.ts';
export type { AcmeApi, ClientCredentials } from './api.ts';
export type { AcmeOptions } from './options.ts';
export type { AccessToken } from './schemas.ts';
