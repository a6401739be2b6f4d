import type { ApiPromise, CallOptions } from '@auth/core';
import type { BearerOptions, OperationTable } from '@auth/core/kit';
import { oneUserId } from './ids.ts';
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

/** The credentials of the client application. */
export interface ClientCredentials {
  /** Default: the provider's. */
  readonly clientId?: string | undefined;
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

/** The request of each of these operations. */
export const AUTHENTICATION: OperationTable<AuthenticationApi> = {
  createAnonymousUser: {
    method: 'POST',
    path: 'auth/init',
    token: 'optional',
    // Without a secret the client is not named: the user is temporary then.
    json: ({ clientId, clientSecret }) => (clientSecret === undefined ? {} : clientOf({ clientId, clientSecret })),
    answer: parseAnonymousUser,
    idempotent: false,
  },
  createUserJwt: {
    method: 'POST',
    path: 'auth/jwt',
    token: 'none',
    json: ({ scope, idUser, expire, ...client }, operation) => ({
      ...clientOf(client),
      scope,
      id_user: idUser === undefined ? undefined : numberOf(idUser, operation),
      expire,
    }),
    answer: parseUserJwt,
    idempotent: ({ idUser }) => idUser !== undefined,
  },
  createManageJwt: { method: 'POST', path: 'admin/jwt', json: ['scope', 'duration'], answer: parseManageJwt },
  renewToken: {
    method: 'POST',
    path: 'auth/renew',
    token: 'none',
    json: ({ idUser, revokePrevious, grantType = 'client_credentials', ...client }, operation) => ({
      grant_type: grantType,
      ...clientOf(client),
      id_user: numberOf(idUser, operation),
      revoke_previous: revokePrevious,
    }),
    answer: parseAccessToken,
  },
  exchangeCode: {
    method: 'POST',
    path: 'auth/token/access',
    token: 'none',
    json: ({ code, redirectUri, grantType = 'authorization_code', ...client }) => ({
      grant_type: grantType,
      ...clientOf(client),
      code,
      redirect_uri: redirectUri,
    }),
    answer: parseAccessToken,
    idempotent: false,
  },
  createCode: { method: 'GET', path: 'auth/token/code', query: ['type'], answer: parseUserCode },
  revokeToken: { method: 'DELETE', path: 'auth/token', answer: parseNothing },
  createServiceToken: {
    method: 'POST',
    path: 'auth/token',
    token: 'none',
    json: ({ scope, grantType = 'client_credentials', ...client }) => ({ grant_type: grantType, ...clientOf(client), scope }),
    answer: parseServiceToken,
  },
};

const clientOf = ({ clientId, clientSecret }: ClientCredentials): Readonly<Record<string, string | undefined>> => ({
  client_id: clientId,
  client_secret: clientSecret,
});

/** Ids are text here, as everywhere in the contract, and numbers on the wire. A wrong id must throw: without an id, a user is created. */
const numberOf = (idUser: string, operation: string): number => Number(oneUserId(idUser, operation));
