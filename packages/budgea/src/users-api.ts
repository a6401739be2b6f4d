import type { ApiPromise } from '@auth/core';
import type { Http } from '@auth/core/kit';
import type { BearerOptions, ExpandOptions, ListOptions } from './call-options.ts';
import { withExpanded } from './expand.ts';
import { targetOf, userPart } from './path.ts';
import {
  type BudgeaUser,
  type BudgeaUserList,
  parseDeletedUser,
  parseUser,
  parseUserList,
  parseUserToken,
  type UserToken,
} from './schemas.ts';

/** Digits, or `me` for the user of the token. `all` means every user, and is for administrators. */
export type UserSelector = 'me' | 'all' | (string & {});

/** Operations on users. */
export interface UsersApi {
  /** `GET /users`, with the users token from the console. `search` exists in older generations. */
  readonly getUsers: (options: BearerOptions & ListOptions & { readonly search?: string | undefined }) => ApiPromise<BudgeaUserList>;
  /** `GET /users/{id_user}`. With `all`, every user of the domain. */
  readonly getUser: {
    (idUser: 'all', options: BearerOptions & ExpandOptions): ApiPromise<BudgeaUserList>;
    (idUser: 'me' | (string & {}), options: BearerOptions & ExpandOptions): ApiPromise<BudgeaUser>;
  };
  /** `DELETE /users/{id_user}`: deletes the user with all data. `all` deletes every user of the domain, and resolves to `null`. */
  readonly deleteUser: (idUser: UserSelector, options: BearerOptions & ExpandOptions) => ApiPromise<BudgeaUser | null>;
  /**
   * `POST /users/{id_user}/token`, as that user. Makes another permanent token; earlier ones stay valid. `application` is a name such as
   * `sharedAccess`. Missing from the vendor's newer documentation, which has `renewToken` instead.
   */
  readonly createUserToken: (
    idUser: UserSelector,
    parameters: { readonly application: string },
    options: BearerOptions,
  ) => ApiPromise<UserToken>;
}

/** The operations over one HTTP interface. */
export const createUsersApi = (http: Http): UsersApi => ({
  getUsers: ({ as, signal, search, expand, limit, offset }) =>
    http.request({
      operation: 'api.getUsers',
      method: 'GET',
      path: 'users',
      query: { search, expand, limit, offset },
      as,
      parse: parseUserList({ expand }),
      signal,
    }),
  getUser: ((idUser, { as, expand, signal }) =>
    http.request<BudgeaUser | BudgeaUserList>({
      ...oneUser(idUser, 'api.getUser'),
      method: 'GET',
      query: { expand },
      as,
      parse: idUser === 'all' ? parseUserList({ expand }) : withExpanded(parseUser, { expand }),
      signal,
    })) as UsersApi['getUser'], // which of the two it is follows from `idUser`, as the overloads say
  deleteUser: (idUser, { as, expand, signal }) =>
    http.request({
      ...oneUser(idUser, 'api.deleteUser'),
      method: 'DELETE',
      query: { expand },
      as,
      // The answer for all of them is not documented, and a deletion must not fail because of it.
      parse: idUser === 'all' ? () => null : withExpanded(parseDeletedUser, { expand }),
      signal,
    }),
  createUserToken: (idUser, { application }, { as, signal }) =>
    http.request({
      ...targetOf('api.createUserToken', ['users', userPart(idUser, 'api.createUserToken'), 'token'], () => ({ application })),
      method: 'POST',
      as,
      parse: parseUserToken,
      signal,
    }),
});

const oneUser = (idUser: string, operation: string): ReturnType<typeof targetOf> =>
  targetOf(operation, ['users', userPart(idUser, operation)]);
