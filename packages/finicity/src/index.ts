// If this line fails, the installed `@auth/core` is another project's package of the same name. Name the registry of the scope in `.npmrc`,
// and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { BearerOptions, ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { FinicityApi } from './api/operations.ts';
export type {
  AccountFilter,
  ConnectLinkParameters,
  ConnectPageParameters,
  ConnectParameters,
  ConnectReportParameters,
  CustomerDetails,
  CustomerFilter,
  FixConnectParameters,
  InstitutionFilter,
  LiteConnectParameters,
  NewCustomer,
  Paging,
  PartnerCredentials,
  PartnerCredentialsWithNewSecret,
} from './api/parameters.ts';
export type {
  AccessToken,
  Branding,
  ConnectUrl,
  CreatedCustomer,
  CustomerAccount,
  Customers,
  FinicityCustomer,
  Institution,
  Institutions,
  Page,
} from './api/schemas.ts';
export type { FinicityConnect, FinicityConnectRequest } from './connect.ts';
export type { FinicityProvider } from './finicity.ts';
export { finicity, finicityPlugin } from './finicity.ts';
export type { FinicityOptions } from './options.ts';
export type { FinicitySecret, RotateOptions } from './secret.ts';
export type { FinicityUser, FinicityUsers, ListOptions, NewFinicityUser } from './users.ts';
export type { FinicityWebhooks, WebhookHeaders } from './webhooks.ts';
