// If this line fails, the package installed as `@auth/core` is another project's with the same name. Say in `.npmrc` where the scope comes
// from, and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { BudgeaApi } from './api.ts';
export type { AuthenticationApi, ClientCredentials, ServiceScope } from './authentication-api.ts';
export type { BudgeaProvider, BudgeaProviderWithApplication } from './budgea.ts';
export { budgea, budgeaPlugin } from './budgea.ts';
export type { BearerOptions, ExpandOptions, ListOptions } from './call-options.ts';
export type { Certificates } from './certificates.ts';
export type { BudgeaCodes } from './codes.ts';
export type { BudgeaConnect, WebauthRequest, WebviewRequest } from './connect.ts';
export type { Connections } from './connections.ts';
export type { ConnectionsApi, WebauthParameters } from './connections-api.ts';
export type { DomainApi } from './domain-api.ts';
export type { Expandable } from './expand.ts';
export type { UserTokenGrant } from './grants.ts';
export type { BudgeaOptions } from './options.ts';
export type {
  BudgeaCertificate,
  BudgeaClient,
  BudgeaConnection,
  BudgeaConnectionList,
  BudgeaConnector,
  BudgeaConnectorList,
  BudgeaPublicKey,
  ConnectionState,
} from './resource-schemas.ts';
export type {
  AccessToken,
  AnonymousUser,
  BudgeaUser,
  BudgeaUserList,
  ManageJwt,
  ServiceToken,
  UserCode,
  UserJwt,
  UserToken,
} from './schemas.ts';
export type { ServiceTokens } from './service-tokens.ts';
export type { BudgeaUserTokens, JwtGrant, RenewGrant, TokenGrant } from './user-tokens.ts';
export type { BudgeaUsers } from './users.ts';
export type { UserSelector, UsersApi } from './users-api.ts';
export type { BearerWebhook, SignedWebhook, WebhookHeaders, Webhooks } from './webhooks.ts';
export type { WebviewFlow, WebviewLanguage, WebviewParameters } from './webview.ts';
