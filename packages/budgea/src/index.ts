export type { ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { BearerOptions, BudgeaApi, ClientCredentials, UserSelector } from './api.ts';
export type { BudgeaProvider, BudgeaProviderWithApplication } from './budgea.ts';
export { budgea, budgeaPlugin } from './budgea.ts';
export type { BudgeaCodes } from './codes.ts';
export type { BudgeaOptions } from './options.ts';
export type { AccessToken, AnonymousUser, BudgeaUser, ManageJwt, UserCode, UserJwt } from './schemas.ts';
