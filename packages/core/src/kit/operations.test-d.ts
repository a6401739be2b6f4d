import { describe, expectTypeOf, it } from 'vitest';
import type { CallOptions } from '../authority.ts';
import type { ApiPromise } from '../provider.ts';
import { type BearerOptions, type OperationTable, operations } from './operations.ts';
import type { Vendor } from './vendor.ts';

interface Api {
  readonly createToken: (credentials: { readonly secret: string }, options?: CallOptions) => ApiPromise<{ readonly token: string }>;
  readonly getUser: (userId: string, options: BearerOptions & { readonly expand?: string | undefined }) => ApiPromise<number>;
  readonly getBanks: (options?: Partial<BearerOptions>) => ApiPromise<string>;
}
declare const vendor: Vendor;
const createToken = { method: 'POST', path: 'token', token: 'none', json: ['secret'], answer: () => ({ token: '' }) } as const;
const getUser = { method: 'GET', path: 'users/{userId}', query: ['expand'], answer: () => 1 } as const;
const getBanks = { method: 'GET', path: 'banks', token: 'optional', answer: () => '' } as const;

describe('a table of operations', () => {
  it('becomes the interface', () => {
    expectTypeOf(operations<Api>(vendor, { createToken, getUser, getBanks })).toEqualTypeOf<Api>();
  });

  it('does not compile with a missing row, a misspelt parameter, or another answer', () => {
    // @ts-expect-error: getBanks is missing.
    ({ createToken, getUser }) satisfies OperationTable<Api>;
    // @ts-expect-error: getUsers is no operation.
    ({ createToken, getUser, getBanks, getUsers: getUser }) satisfies OperationTable<Api>;
    // @ts-expect-error: there is no parameter of this name.
    ({ createToken: { ...createToken, json: ['secrets'] }, getUser, getBanks }) satisfies OperationTable<Api>;
    // @ts-expect-error: nor behind a name on the wire.
    ({ createToken, getUser: { ...getUser, query: [['expand', 'expanded']] }, getBanks }) satisfies OperationTable<Api>;
    // @ts-expect-error: the answer is a number.
    ({ createToken, getUser: { ...getUser, answer: () => 'one' }, getBanks }) satisfies OperationTable<Api>;
  });

  it('does not compile where a row says something else of the token than the interface', () => {
    // @ts-expect-error: createToken takes no token.
    ({ createToken: { ...createToken, token: undefined }, getUser, getBanks }) satisfies OperationTable<Api>;
    // @ts-expect-error: getUser needs one.
    ({ createToken, getUser: { ...getUser, token: 'none' }, getBanks }) satisfies OperationTable<Api>;
    // @ts-expect-error: getBanks may have one.
    ({ createToken, getUser, getBanks: { ...getBanks, token: undefined } }) satisfies OperationTable<Api>;
  });

  it('does not compile with fewer ids in the path than the function takes', () => {
    // @ts-expect-error: without the id, all users would be meant.
    ({ createToken, getUser: { ...getUser, path: 'users' }, getBanks }) satisfies OperationTable<Api>;
    type Account = { readonly getAccount: (userId: string, accountId: string, options: BearerOptions) => ApiPromise<number> };
    const getAccount = { method: 'GET', path: 'users/{userId}/accounts/{accountId}', answer: () => 1 } as const;
    ({ getAccount }) satisfies OperationTable<Account>;
    // @ts-expect-error: without the second id, all accounts would be meant.
    ({ getAccount: { ...getAccount, path: 'users/{userId}/accounts' } }) satisfies OperationTable<Account>;
  });

  it('gives functions of a row the parameters, typed', () => {
    const table: OperationTable<Api> = {
      createToken: { ...createToken, json: ({ secret }) => ({ secret: secret.toUpperCase() }) },
      getUser: { ...getUser, idempotent: ({ expand = '' }) => expand.length > 0 },
      getBanks,
    };
    expectTypeOf(table.getUser.answer).returns.toBeNumber();
  });
});
