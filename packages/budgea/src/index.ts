// If this line fails, the package installed as `@auth/core` is another project's with the same name. Say in `.npmrc` where the scope comes
// from, and install again: see "Install" in README.md.
import '@auth/core/not-Auth.js';

export type { BearerOptions, ManagedAuthority, SecretSource } from '@auth/core/kit';
export type { AuthenticationApi, ClientCredentials, ServiceScope } from './api/authentication.ts';
export type { ConnectionsApi, WebauthParameters } from './api/connections.ts';
export type { DomainApi } from './api/domain.ts';
export type { Expandable } from './api/expand.ts';
export type { BudgeaApi } from './api/operations.ts';
export type { ExpandOptions, ListOptions } from './api/parameters.ts';
export type {
  BudgeaCertificate,
  BudgeaClient,
  BudgeaConnection,
  BudgeaConnectionList,
  BudgeaConnector,
  BudgeaConnectorList,
  BudgeaPublicKey,
  ConnectionState,
} from './api/resource-schemas.ts';
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
} from './api/schemas.ts';
export type { UserSelector, UsersApi } from './api/users.ts';
export type { BudgeaProvider, BudgeaProviderWithApplication } from './budgea.ts';
export { budgea, budgeaPlugin } from './budgea.ts';
export type { BudgeaCodes } from './codes.ts';
export type { BudgeaConnect, WebauthRequest, WebviewRequest } from './connect.ts';
export type { Connections } from './connections.ts';
export type { UserTokenGrant } from './grants.ts';
export type { BudgeaOptions } from './options.ts';
export type { ServiceTokens } from './service-tokens.ts';
export type { BudgeaUserTokens, JwtGrant, RenewGrant, TokenGrant } from './user-tokens.ts';
export type { BudgeaUsers } from './users.ts';
export type { BearerWebhook, SignedWebhook, WebhookHeaders, Webhooks } from './webhooks.ts';
export type { WebviewFlow, WebviewLanguage, WebviewParameters } from './webview.ts';
