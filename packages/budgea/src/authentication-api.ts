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

/** The credentials of the client application. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a service token may be used for. `payments` is the old name of `payments:admin`. */
export type ServiceScope =
  | 'payments:admin'
  | 'payments:read-only'
  | 'payments:allow-sensitive'
  | 'payments:validate'
  | 'payments:cancel'
  | 'payments'
  | 'payment-links:admin';

/** Operations that make users, tokens and codes, and the one that revokes a token. */
export interface AuthenticationApi {
  /**
   * `POST /auth/init`. Creates a user; never retried automatically. With credentials, or `as` the manage token, the user is permanent;
   * without them, the user and the token live for 30 minutes.
   */
  readonly createAnonymousUser: (parameters?: Partial<ClientCredentials>, options?: Partial<BearerOptions>) => ApiPromise<AnonymousUser>;
  /**
   * `POST /auth/jwt`. With `expire` (default `true`) the JWT expires as configured for the domain. Without `idUser` it creates a user,
   * so it is never retried automatically.
   */
  readonly createUserJwt: (
    parameters: ClientCredentials & {
      readonly scope?: string | undefined;
      readonly idUser?: string | undefined;
      readonly expire?: boolean | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<UserJwt>;
  /**
   * `POST /admin/jwt`, as the manage token. `scope` defaults to `config`. `duration` is in minutes (default 1); with 0 the JWT ends only
   * with the client application.
   */
  readonly createManageJwt: (
    parameters: { readonly scope?: string | undefined; readonly duration?: number | undefined },
    options: BearerOptions,
  ) => ApiPromise<ManageJwt>;
  /**
   * `POST /auth/renew`. Makes another permanent token for this user. Earlier tokens stay valid unless `revokePrevious` is set, which ends
   * all of them, wherever they are in use. Makes a temporary user permanent. `grantType` defaults to `client_credentials`, the only value
   * known.
   */
  readonly renewToken: (
    parameters: ClientCredentials & {
      readonly idUser: string;
      readonly revokePrevious?: boolean | undefined;
      readonly grantType?: string | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<AccessToken>;
  /**
   * `POST /auth/token/access`. Spends the code; never retried automatically. `grantType` defaults to `authorization_code`, the only value
   * known.
   */
  readonly exchangeCode: (
    parameters: ClientCredentials & {
      readonly code: string;
      readonly redirectUri?: string | undefined;
      readonly grantType?: string | undefined;
    },
    options?: CallOptions,
  ) => ApiPromise<AccessToken>;
  /**
   * `GET /auth/token/code`. A `singleAccess` code is spent by the first call, whatever that is; a `requestAccess` code (the default) lives
   * for 30 minutes.
   */
  readonly createCode: (
    parameters: { readonly type?: 'requestAccess' | 'singleAccess' | undefined },
    options: BearerOptions,
  ) => ApiPromise<UserCode>;
  /** `DELETE /auth/token`. Revokes the token that the call is made with. */
  readonly revokeToken: (options: BearerOptions) => ApiPromise<void>;
  /** `POST /auth/token`. A token of the product, not of a user, valid for half an hour. `grantType` defaults to `client_credentials`. */
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

/** Ids are text here, as everywhere in the contract, and numbers on the wire. A wrong id must throw: without an id, a user is created. */
const numberOf = (idUser: string, operation: string): number => Number(oneUserId(idUser, operation));
