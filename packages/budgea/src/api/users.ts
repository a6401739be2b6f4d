import type { ApiPromise } from '@auth/core';
import type { BearerOptions, OperationTable } from '@auth/core/kit';
import type { ExpandOptions, ListOptions } from './parameters.ts';
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

/** The request of each of these operations. */
export const USERS: OperationTable<UsersApi> = {
  getUsers: { method: 'GET', path: 'users', query: ['search', 'expand', 'limit', 'offset'], answer: parseUserList },
  getUser: {
    method: 'GET',
    path: 'users/{idUser}',
    query: ['expand'],
    // The table knows one of the two overloads.
    answer: (body, options, { idUser }) => (idUser === 'all' ? (parseUserList(body, options) as never) : parseUser(body, options)),
  },
  deleteUser: {
    method: 'DELETE',
    path: 'users/{idUser}',
    query: ['expand'],
    // The answer for all of them is not documented, and a deletion must not fail because of it.
    answer: (body, options, { idUser }) => (idUser === 'all' ? null : parseDeletedUser(body, options)),
  },
  createUserToken: { method: 'POST', path: 'users/{idUser}/token', json: ['application'], answer: parseUserToken },
};
