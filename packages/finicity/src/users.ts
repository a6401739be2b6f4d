import type { AuthErrorCode, Authority, CallOptions, NewUser, User, Users } from '@auth/core';
import { AuthError } from '@auth/core';
import { asOperation, objectArgument } from '@auth/core/kit';
import { oneCustomerId } from './api/ids.ts';
import type { FinicityApi } from './api/operations.ts';
import type { CustomerDetails, CustomerFilter } from './api/parameters.ts';
import type { FinicityCustomer } from './api/schemas.ts';
import { walkCustomers } from './customer-pages.ts';
import { fail } from './errors.ts';

/** A customer. */
export interface FinicityUser extends User {
  /** The `reference` that the user was created with. */
  readonly username: string;
  /** Testing customers connect the vendor's test banks only; active ones are billed. */
  readonly type: 'active' | 'testing';
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** A customer to enrol. */
export interface NewFinicityUser extends NewUser, CustomerDetails {
  /**
   * The username: 6 to 255 letters, digits and `!@.#$%&*_-+`. It must be unique at Finicity, and a username from Test Drive can never be
   * used again. The vendor advises against e-mail addresses.
   */
  readonly reference: string;
}

/** Which users to list. */
export interface ListOptions extends Pick<CustomerFilter, 'search' | 'type'>, CallOptions {
  /** Users per request: 2 to 1000, by default 100. */
  readonly pageSize?: number | undefined;
}

/** Customers of Finicity. */
export interface FinicityUsers extends Users {
  /**
   * Enrols an active or a testing customer, as the option `customers` says. Rejects with `invalid_request` if the reference cannot be a
   * username, `conflict` if it is taken, `forbidden` if the plan has no such customers, and `outcome_unknown` if the answer was lost: then
   * `users.find` tells whether the customer exists.
   *
   * @example
   * ```ts
   * const { id } = await provider.users.create({ reference: 'customer-17' });
   * ```
   */
  readonly create: (user: NewFinicityUser, options?: CallOptions) => Promise<FinicityUser>;
  /** Rejects with `not_found` if there is no such customer. */
  readonly get: (userId: string, options?: CallOptions) => Promise<FinicityUser>;
  /**
   * Deletes the customer with **every connection and account**, at once and for good. The vendor keeps the data that it has already
   * collected, by its own rules. Idempotent.
   */
  readonly delete: (userId: string, options?: CallOptions) => Promise<{ readonly existed: boolean }>;
  /** The user with exactly this username. */
  readonly find: (username: string, options?: CallOptions) => Promise<FinicityUser | undefined>;
  /**
   * Every user that matches, each once; all users without a filter. A page is fetched when you get there. You may delete users on the way;
   * users who are created meanwhile may be missed.
   *
   * @example
   * ```ts
   * for await (const user of provider.users.list({ type: 'testing' })) await provider.users.delete(user.id);
   * ```
   */
  readonly list: (options?: ListOptions) => AsyncIterable<FinicityUser>;
}

/** What the capability works with. */
export interface UsersOptions {
  readonly api: FinicityApi;
  /** The partner. */
  readonly as: Authority;
  readonly customers: 'active' | 'testing';
}

/** The capability, over the vendor's customers. */
export const createUsers = ({ api, as, customers: type }: UsersOptions): FinicityUsers => ({
  create: async (user, { signal } = {}) => {
    const { reference: username, ...details } = objectArgument(user, 'users.create({ reference })', fail);
    const broken = brokenRules(username);
    if (broken.length > 0)
      throw fail('invalid_request', 'users.create', `The reference becomes the username, so it ${broken.join(' and ')}. Nothing was sent.`);
    const add = type === 'active' ? api.addCustomer : api.addTestingCustomer;
    try {
      const { id, createdDate } = await asOperation('users.create', () => add({ ...details, username }, { as, signal }));
      const { firstName = null, lastName = null } = details;
      return { id, createdAt: createdDate, username, type, firstName, lastName };
    } catch (error) {
      throw AuthError.is(error) ? advised(error, type) : error;
    }
  },
  get: async (userId, { signal } = {}) => {
    const id = oneCustomerId(userId, 'users.get');
    return userOf(await asOperation('users.get', () => api.getCustomer(id, { as, signal })));
  },
  delete: async (userId, { signal } = {}) => {
    const id = oneCustomerId(userId, 'users.delete');
    try {
      await asOperation('users.delete', () => api.deleteCustomer(id, { as, signal }));
      return { existed: true };
    } catch (error) {
      if (AuthError.is(error, 'not_found') && error.vendorCode === CUSTOMER_NOT_FOUND) return { existed: false };
      throw error;
    }
  },
  find: async (username, { signal } = {}) => {
    if (typeof username !== 'string' || username === '')
      throw fail(
        'invalid_request',
        'users.find',
        'The username is empty or not a string, which would match every customer. Nothing was sent.',
      );
    const walk = walkCustomers(api, as, { operation: 'users.find', username, pageSize: PAGE_SIZE, signal });
    for await (const customer of walk) if (customer.username === username) return userOf(customer);
    return undefined;
  },
  list: ({ search, type: wanted, pageSize = PAGE_SIZE, signal } = {}) => ({
    [Symbol.asyncIterator]: async function* () {
      if (!(Number.isInteger(pageSize) && pageSize >= 2 && pageSize <= 1000))
        throw fail('invalid_request', 'users.list', 'The pageSize must be a whole number from 2 to 1000. Nothing was sent.');
      for await (const customer of walkCustomers(api, as, { operation: 'users.list', search, type: wanted, pageSize, signal }))
        yield userOf(customer);
    },
  }),
});

const PAGE_SIZE = 100;
/** The vendor's code for a customer that does not exist. A 404 without it comes from a proxy, and says nothing about customers. */
const CUSTOMER_NOT_FOUND = '14001';

/** The documented rules that the username breaks; empty if it keeps them all. */
const brokenRules = (username: string): readonly string[] =>
  [
    { kept: typeof username === 'string', rule: 'must be a string' },
    { kept: username?.length >= 6 && username.length <= 255, rule: 'must have 6 to 255 characters' },
    { kept: /^[A-Za-z0-9!@.#$%&*_+-]*$/.test(username), rule: 'may contain only letters, digits and !@.#$%&*_-+' },
  ].flatMap(({ kept, rule }) => (kept ? [] : [rule]));

const userOf = ({ id, username, type, firstName, lastName, createdDate }: FinicityCustomer): FinicityUser => ({
  id,
  createdAt: createdDate,
  username,
  type: type === 'testing' ? 'testing' : 'active',
  firstName,
  lastName,
});

/** The same error, saying what to do next where only this operation knows. */
const advised = (error: AuthError, type: 'active' | 'testing'): AuthError => {
  const other = type === 'active' ? 'testing' : 'active';
  const advice: Readonly<Partial<Record<AuthErrorCode, string>>> = {
    conflict: 'This username is taken at Finicity. Find its customer with users.find; for a different person choose another reference.',
    outcome_unknown: `${error.message} Call users.find to see whether the user exists.`,
    // A 403 is not about the plan.
    ...(error.status === 401 && {
      forbidden: `Your Finicity plan has no ${type} customers${type === 'active' ? ' (Test Drive has none)' : ''}. Set the option customers (FINICITY_CUSTOMERS) to ${other}, or change the plan.`,
    }),
  };
  const message = advice[error.code];
  return message === undefined ? error : new AuthError(message, error);
};
