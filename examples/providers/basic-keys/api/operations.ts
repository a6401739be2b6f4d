import type { ApiPromise, NewUser, User } from '@auth/core';
import { type BearerOptions, type OperationTable, operations, parser, type Vendor } from '@auth/core/kit';
import * as v from 'valibot';
import { oneUserId } from './ids.ts';

/** The vendor's operations on users. */
export interface BasicKeysApi {
  readonly createUser: (user: NewUser, options: BearerOptions) => ApiPromise<User>;
  readonly getUser: (userId: string, options: BearerOptions) => ApiPromise<User>;
  readonly deleteUser: (userId: string, options: BearerOptions) => ApiPromise<void>;
}

const parseUser: (body: unknown) => User = parser(
  v.pipe(
    v.object({ user: v.object({ guid: v.pipe(v.string(), v.regex(/^USR-[\w-]+$/)) }) }),
    v.transform(({ user }) => ({ id: user.guid, createdAt: null })),
  ),
);

const TABLE: OperationTable<BasicKeysApi> = {
  createUser: {
    method: 'POST',
    path: 'users',
    json: ({ reference }) => ({ user: { id: reference } }),
    answer: parseUser,
    idempotent: false,
  },
  getUser: { method: 'GET', path: 'users/{userId}', answer: parseUser },
  deleteUser: { method: 'DELETE', path: 'users/{userId}', answer: () => {} },
};

export const createApi = (vendor: Vendor): BasicKeysApi => operations<BasicKeysApi>(vendor, TABLE, { ids: { userId: oneUserId } });
