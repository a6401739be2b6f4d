import type { Http } from '@auth/core/kit';
import { type AuthenticationApi, createAuthenticationApi } from './authentication-api.ts';
import { type ConnectionsApi, createConnectionsApi } from './connections-api.ts';
import { createDomainApi, type DomainApi } from './domain-api.ts';
import { createUsersApi, type UsersApi } from './users-api.ts';

/**
 * The vendor's operations, one to one and with all parameters. They hold no state and are not guarded: tokens for calls come from
 * `asUser`, and a refused client secret is sent as often as it is passed.
 */
export interface BudgeaApi extends AuthenticationApi, UsersApi, ConnectionsApi, DomainApi {}

/** The operations over one HTTP interface. `baseUrl` ends in a slash. */
export const createApi = (http: Http, baseUrl: string): BudgeaApi => ({
  ...createAuthenticationApi(http),
  ...createUsersApi(http),
  ...createConnectionsApi(http, baseUrl),
  ...createDomainApi(http),
});
