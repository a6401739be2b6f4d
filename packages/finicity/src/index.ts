export type { ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { FinicityApi, PartnerCredentials, PartnerCredentialsWithNewSecret } from './api.ts';
export type { FinicityProvider } from './finicity.ts';
export { finicity, finicityPlugin } from './finicity.ts';
export type { FinicityOptions } from './options.ts';
export type { AccessToken } from './schemas.ts';
export type { FinicitySecret, RotateOptions } from './secret.ts';
