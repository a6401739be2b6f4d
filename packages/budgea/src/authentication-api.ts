import type { ApiPromise, CallOptions } from '@auth/core';
import type { Http } from '@auth/core/kit';
import type { BearerOptions } from './call-options.ts';
import {
  type AccessToken,
  type AnonymousUser,
  type ManageJwt,
  parseAccessToken,
  parseAnonymousUser,
  parseManageJwt,
  parseNothing,
  parseServiceToken,
  parseUserCode,
  parseUserJwt,
  type ServiceToken,
  type UserCode,
  type UserJwt,
} from './schemas.ts';
import { oneUserId } from './user-id.ts';

/** What the client application proves itself with. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a service token may be for. `payments` is the old name of `payments:admin`. */
export type ServiceScope =
  | 'payments:admin'
  | 'payments:read-only'
  | 'payments:allow-sensitive'
  | 'payments:validate'
  | 'payments:cancel'
  | 'payments'
  | 'payment-links:admin';

/** Where users, tokens and codes come from, and where tokens end. */
export interface AuthenticationApi {
  /**
   * `POST /auth/init`. Creates a user; never repeated by itself. With credentials, or `as` the manage token, for ever; without, user and
   * token live for 30 minutes.
   */
  readonly createAnonymousUser: (parameters?: Partial<ClientCredentials>, options?: Partial<BearerOptions>) => ApiPromise<AnonymousUser>;
  /** `POST /auth/jwt`. `expire` (default `true`) as configured for the domain. Without `idUser` it creates a user, so it is never repeated by itself. */
  readonly createUserJwt: (
    parameters: ClientCredentials & {
      readonly scope?: string | undefined;
      readonly idUser?: string | undefined;
      readonly expire?: boolean | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<UserJwt>;
  /**
   * `POST /admin/jwt`, as the manage token. `scope` (default `config`); `duration` in minutes (default 1), 0 for one that ends with the
   * client application only.
   */
  readonly createManageJwt: (
    parameters: { readonly scope?: string | undefined; readonly duration?: number | undefined },
    options: BearerOptions,
  ) => ApiPromise<ManageJwt>;
  /**
   * `POST /auth/renew`. Another permanent token of this user. Those before stay valid unless `revokePrevious`, which ends all of them,
   * wherever they are in use. Makes a temporary user permanent. `grantType` default `client_credentials`, the only one known.
   */
  readonly renewToken: (
    parameters: ClientCredentials & {
      readonly idUser: string;
      readonly revokePrevious?: boolean | undefined;
      readonly grantType?: string | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<AccessToken>;
  /** `POST /auth/token/access`. Spends the code; never repeated by itself. `grantType` default `authorization_code`, the only one known. */
  readonly exchangeCode: (
    parameters: ClientCredentials & {
      readonly code: string;
      readonly redirectUri?: string | undefined;
      readonly grantType?: string | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<AccessToken>;
  /** `GET /auth/token/code`. `singleAccess` is spent by the first call, whatever it is; `requestAccess` (default) lives for 30 minutes. */
  readonly createCode: (
    parameters: { readonly type?: 'requestAccess' | 'singleAccess' | undefined },
    options: BearerOptions,
  ) => ApiPromise<UserCode>;
  /** `DELETE /auth/token`. Ends the token that it is called with. */
  readonly revokeToken: (options: BearerOptions) => ApiPromise<void>;
  /** `POST /auth/token`. A token of the product, not of a user, for half an hour. `grantType` default `client_credentials`. */
  readonly createServiceToken: (
    parameters: ClientCredentials & {
      readonly scope: ServiceScope | readonly ServiceScope[];
      readonly grantType?: string | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<ServiceToken>;
}

/** The operations over one HTTP interface. */
export const createAuthenticationApi = (http: Http): AuthenticationApi => ({
  createAnonymousUser: (credentials = {}, { as, signal } = {}) =>
    http.request({
      operation: 'api.createAnonymousUser',
      method: 'POST',
      path: 'auth/init',
      json: () => clientOf(credentials),
      as,
      parse: parseAnonymousUser,
      idempotent: false,
      signal,
    }),
  createUserJwt: ({ scope, idUser, expire, ...credentials }, { signal } = {}) =>
    http.request({
      operation: 'api.createUserJwt',
      method: 'POST',
      path: 'auth/jwt',
      json: () => ({
        ...clientOf(credentials),
        scope,
        id_user: idUser === undefined ? undefined : numberOf(idUser, 'api.createUserJwt'),
        expire,
      }),
      parse: parseUserJwt,
      idempotent: idUser !== undefined,
      signal,
    }),
  createManageJwt: ({ scope, duration }, { as, signal }) =>
    http.request({
      operation: 'api.createManageJwt',
      method: 'POST',
      path: 'admin/jwt',
      json: () => ({ scope, duration }),
      as,
      parse: parseManageJwt,
      signal,
    }),
  renewToken: ({ idUser, revokePrevious, grantType = 'client_credentials', ...credentials }, { signal } = {}) =>
    http.request({
      operation: 'api.renewToken',
      method: 'POST',
      path: 'auth/renew',
      json: () => ({
        grant_type: grantType,
        ...clientOf(credentials),
        id_user: numberOf(idUser, 'api.renewToken'),
        revoke_previous: revokePrevious,
      }),
      parse: parseAccessToken,
      signal,
    }),
  exchangeCode: ({ code, redirectUri, grantType = 'authorization_code', ...credentials }, { signal } = {}) =>
    http.request({
      operation: 'api.exchangeCode',
      method: 'POST',
      path: 'auth/token/access',
      json: () => ({ grant_type: grantType, ...clientOf(credentials), code, redirect_uri: redirectUri }),
      parse: parseAccessToken,
      idempotent: false,
      signal,
    }),
  createCode: ({ type }, { as, signal }) =>
    http.request({
      operation: 'api.createCode',
      method: 'GET',
      path: 'auth/token/code',
      query: { type },
      as,
      parse: parseUserCode,
      signal,
    }),
  revokeToken: ({ as, signal }) =>
    http.request({ operation: 'api.revokeToken', method: 'DELETE', path: 'auth/token', as, parse: parseNothing, signal }),
  createServiceToken: ({ scope, grantType = 'client_credentials', ...credentials }, { signal } = {}) =>
    http.request({
      operation: 'api.createServiceToken',
      method: 'POST',
      path: 'auth/token',
      json: () => ({ grant_type: grantType, ...clientOf(credentials), scope }),
      parse: parseServiceToken,
      signal,
    }),
});

const clientOf = ({ clientId, clientSecret }: Partial<ClientCredentials>): Readonly<Record<string, string | undefined>> => ({
  client_id: clientId,
  client_secret: clientSecret,
});

/** Ids are text here, as everywhere in the contract, and numbers on the wire. A wrong one must not become none: that creates a user. */
const numberOf = (idUser: string, operation: string): number => Number(oneUserId(idUser, operation));
