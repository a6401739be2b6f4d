import type { ApiPromise, Authority, CallOptions, Token } from '@auth/core';
import type { Http, HttpRequest } from '@auth/core/kit';
import {
  type AccessToken,
  type AnonymousUser,
  type BudgeaUser,
  type ManageJwt,
  parseAccessToken,
  parseAnonymousUser,
  parseDeletedUser,
  parseManageJwt,
  parseNothing,
  parseUser,
  parseUserCode,
  parseUserJwt,
  type UserCode,
  type UserJwt,
} from './schemas.ts';
import { oneUserId, selectorRefusal } from './user-id.ts';

/** On whose behalf: an authority renews a refused token once, a token is sent as it is. */
export interface BearerOptions extends CallOptions {
  readonly as: Authority | Token;
}

/** What the client application proves itself with. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Digits, or `me` for the user of the token. `all` means every user, and is for administrators. */
export type UserSelector = 'me' | 'all' | (string & {});

/** The vendor's operations, one to one and with all parameters. They hold no state: tokens for calls come from `asUser`. */
export interface BudgeaApi {
  /** `POST /auth/init`. Creates a user; never repeated by itself. Without credentials user and token live for 30 minutes. */
  readonly createAnonymousUser: (parameters?: Partial<ClientCredentials>, options?: CallOptions) => ApiPromise<AnonymousUser>;
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
  /** `POST /auth/renew`. Another permanent token of this user. Those before stay valid unless `revokePrevious`, which ends all of them. */
  readonly renewToken: (
    parameters: ClientCredentials & { readonly idUser: string; readonly revokePrevious?: boolean | undefined },
    options?: CallOptions,
  ) => ApiPromise<AccessToken>;
  /** `POST /auth/token/access`. Spends the code; never repeated by itself. */
  readonly exchangeCode: (
    parameters: ClientCredentials & { readonly code: string; readonly redirectUri?: string | undefined },
    options?: CallOptions,
  ) => ApiPromise<AccessToken>;
  /** `GET /auth/token/code`. `singleAccess` is spent by the first call, whatever it is; `requestAccess` (default) lives for 30 minutes. */
  readonly createCode: (
    parameters: { readonly type?: 'requestAccess' | 'singleAccess' | undefined },
    options: BearerOptions,
  ) => ApiPromise<UserCode>;
  /** `DELETE /auth/token`. Ends the token that it is called with. */
  readonly revokeToken: (options: BearerOptions) => ApiPromise<void>;
  /** `GET /users/{id_user}`. */
  readonly getUser: (idUser: UserSelector, options: BearerOptions & { readonly expand?: string | undefined }) => ApiPromise<BudgeaUser>;
  /** `DELETE /users/{id_user}`, with all data. `all` deletes every user of the domain. */
  readonly deleteUser: (
    idUser: UserSelector,
    options: BearerOptions & { readonly expand?: string | undefined },
  ) => ApiPromise<BudgeaUser | null>;
}

/** The operations over one HTTP interface. */
export const createApi = (http: Http): BudgeaApi => ({
  createAnonymousUser: ({ clientId, clientSecret } = {}, { signal } = {}) =>
    http.request({
      operation: 'api.createAnonymousUser',
      method: 'POST',
      path: 'auth/init',
      json: () => ({ client_id: clientId, client_secret: clientSecret }),
      parse: parseAnonymousUser,
      once: true,
      signal,
    }),
  createUserJwt: ({ clientId, clientSecret, scope, idUser, expire }, { signal } = {}) =>
    http.request({
      operation: 'api.createUserJwt',
      method: 'POST',
      path: 'auth/jwt',
      json: () => ({
        client_id: clientId,
        client_secret: clientSecret,
        scope,
        id_user: idUser === undefined ? undefined : numberOf(idUser, 'api.createUserJwt'),
        expire,
      }),
      parse: parseUserJwt,
      once: idUser === undefined,
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
  renewToken: ({ clientId, clientSecret, idUser, revokePrevious }, { signal } = {}) =>
    http.request({
      operation: 'api.renewToken',
      method: 'POST',
      path: 'auth/renew',
      json: () => ({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        id_user: numberOf(idUser, 'api.renewToken'),
        revoke_previous: revokePrevious,
      }),
      parse: parseAccessToken,
      signal,
    }),
  exchangeCode: ({ clientId, clientSecret, code, redirectUri }, { signal } = {}) =>
    http.request({
      operation: 'api.exchangeCode',
      method: 'POST',
      path: 'auth/token/access',
      json: () => ({ grant_type: 'authorization_code', client_id: clientId, client_secret: clientSecret, code, redirect_uri: redirectUri }),
      parse: parseAccessToken,
      once: true,
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
  getUser: (idUser, { as, expand, signal }) =>
    http.request({ ...oneUser(idUser, 'api.getUser'), method: 'GET', query: { expand }, as, parse: parseUser, signal }),
  deleteUser: (idUser, { as, expand, signal }) =>
    http.request({ ...oneUser(idUser, 'api.deleteUser'), method: 'DELETE', query: { expand }, as, parse: parseDeletedUser, signal }),
});

/** A request about a user. It has no body: one that names no user is refused where bodies are made, before anything is sent. */
const oneUser = (idUser: string, operation: string): Pick<HttpRequest<unknown>, 'operation' | 'path' | 'json'> => {
  const refusal = selectorRefusal(idUser, operation);
  const refuse = (): never => {
    throw refusal;
  };
  return { operation, path: `users/${idUser}`, ...(refusal && { json: refuse }) };
};

/** Ids are text here, as everywhere in the contract, and numbers on the wire. A wrong one must not become none: that creates a user. */
const numberOf = (idUser: string, operation: string): number => Number(oneUserId(idUser, operation));
