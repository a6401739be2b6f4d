import type { Http } from '@auth/core/kit';
import { type AuthenticationApi, createAuthenticationApi } from './authentication-api.ts';
import { type ConnectionsApi, createConnectionsApi } from './connections-api.ts';
import { createDomainApi, type DomainApi } from './domain-api.ts';
import { createUsersApi, type UsersApi } from './users-api.ts';

/**
 * The vendor's operations, one to one and with all parameters. They hold no state and no guard protects them: a refused client secret is
 * sent again each time it is passed. Tokens for calls come from `asUser`.
 */
export interface BudgeaApi extends AuthenticationApi, UsersApi, ConnectionsApi, DomainApi {}

/** The operations over one HTTP interface. `baseUrl` ends in a slash. */
export const createApi = (http: Http, baseUrl: string): BudgeaApi => ({
  ...createAuthenticationApi(http),
  ...createUsersApi(http),
  ...createConnectionsApi(http, baseUrl),
  ...createDomainApi(http),
});
