import type { ApiPromise, NewUser, User } from '@auth/core';
import { type BearerOptions, type OperationTable, operations, parser, type Vendor } from '@auth/core/kit';
import * as v from 'valibot';
import { oneCustomerId } from './ids.ts';

/** The vendor's operations on customers. */
export interface SignedRequestsApi {
  readonly createCustomer: (user: NewUser, options: BearerOptions) => ApiPromise<User>;
  readonly getCustomer: (customerId: string, options: BearerOptions) => ApiPromise<User>;
  readonly deleteCustomer: (customerId: string, options: BearerOptions) => ApiPromise<void>;
}

const parseUser: (body: unknown) => User = parser(
  v.pipe(
    v.object({ data: v.object({ id: v.pipe(v.string(), v.regex(/^\d+$/)) }) }),
    v.transform(({ data }) => ({ id: data.id, createdAt: null })),
  ),
);

const TABLE: OperationTable<SignedRequestsApi> = {
  createCustomer: {
    method: 'POST',
    path: 'customers',
    json: ({ reference }) => ({ data: { identifier: reference } }),
    answer: parseUser,
    idempotent: false,
  },
  getCustomer: { method: 'GET', path: 'customers/{customerId}', answer: parseUser },
  deleteCustomer: { method: 'DELETE', path: 'customers/{customerId}', answer: () => {} },
};

export const createApi = (vendor: Vendor): SignedRequestsApi =>
  operations<SignedRequestsApi>(vendor, TABLE, { ids: { customerId: oneCustomerId } });
