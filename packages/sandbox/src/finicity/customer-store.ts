import type { Clock } from '@auth/core';
import type { Institution } from './test-institutions.ts';

/** What a partner may tell of a customer. */
export interface CustomerDetails {
  readonly username: string;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
  readonly applicationId?: string | undefined;
}

/** A customer on the wire. `createdDate` is epoch seconds, as a text. */
export interface Customer extends CustomerDetails {
  readonly id: string;
  readonly type: 'testing' | 'active';
  readonly createdDate: string;
}

/** An account on the wire, with the members that the specification requires and some more. Dates are epoch seconds. */
export interface Account {
  readonly id: string;
  readonly number: string;
  readonly accountNumberDisplay: string;
  readonly name: string;
  readonly accountNickname: string;
  readonly balance: number;
  readonly type: string;
  readonly aggregationStatusCode: number;
  readonly status: string;
  readonly customerId: string;
  readonly institutionId: string;
  readonly balanceDate: number;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  readonly currency: string;
  readonly institutionLoginId: number;
  readonly displayPosition: number;
}

/** A customer and what he connected. */
export interface Enrolled {
  readonly customer: Customer;
  readonly accounts: readonly Account[];
}

/** The partner's customers and their accounts. */
export interface CustomerStore {
  /** `'taken'` for a username that is in use, `'full'` when there are as many testing customers as there can be. */
  readonly enroll: (type: Customer['type'], details: CustomerDetails) => Customer | 'taken' | 'full';
  readonly find: (id: string) => Enrolled | undefined;
  readonly findUsername: (username: string) => Enrolled | undefined;
  /** In the order of their enrolment. */
  readonly all: () => IterableIterator<Enrolled>;
  readonly count: () => number;
  readonly countAccounts: () => number;
  /** Takes the accounts along. Whether there was such a customer. */
  readonly remove: (id: string) => boolean;
  /** Adds accounts at a bank where the customer has none. */
  readonly connect: (id: string, institution: Institution) => void;
  readonly reset: () => void;
}

/** Ids count up from here. No source tells how the vendor makes them; the length is that of the examples. */
const FIRST_CUSTOMER = 5_000_000_001;
const FIRST_ACCOUNT = 6_000_000_001;
const FIRST_LOGIN = 1_007_000_001;

/** Customers, found by id and by username. */
export const customerStore = ({ clock, testingLimit }: { readonly clock: Clock; readonly testingLimit: number }): CustomerStore => {
  const enrolled = new Map<string, Enrolled>();
  const idsByUsername = new Map<string, string>();
  const counts = { testing: 0, active: 0 };
  let [nextCustomer, nextAccount, nextLogin] = [FIRST_CUSTOMER, FIRST_ACCOUNT, FIRST_LOGIN];
  const seconds = (): number => Math.floor(clock.now() / 1000);

  return {
    enroll: (type, details) => {
      if (idsByUsername.has(details.username)) return 'taken';
      if (type === 'testing' && counts.testing >= testingLimit) return 'full';
      const customer: Customer = { id: String(nextCustomer++), ...details, type, createdDate: String(seconds()) };
      enrolled.set(customer.id, { customer, accounts: [] });
      idsByUsername.set(customer.username, customer.id);
      counts[type] += 1;
      return customer;
    },
    find: (id) => enrolled.get(id),
    findUsername: (username) => enrolled.get(idsByUsername.get(username) ?? ''),
    all: () => enrolled.values(),
    count: () => enrolled.size,
    countAccounts: () => [...enrolled.values()].reduce((sum, { accounts }) => sum + accounts.length, 0),
    remove: (id) => {
      const found = enrolled.get(id);
      if (found === undefined) return false;
      idsByUsername.delete(found.customer.username);
      counts[found.customer.type] -= 1;
      return enrolled.delete(id);
    },
    connect: (id, institution) => {
      const found = enrolled.get(id);
      const institutionId = String(institution.id);
      if (found === undefined || found.accounts.some((account) => account.institutionId === institutionId)) return;
      const at = { customerId: id, institutionId, institutionLoginId: nextLogin++, now: seconds() };
      const opened = KINDS.map((kind) => openAccount(nextAccount++, kind, at));
      enrolled.set(id, { ...found, accounts: [...found.accounts, ...opened] });
    },
    reset: () => {
      enrolled.clear();
      idsByUsername.clear();
      counts.testing = 0;
      counts.active = 0;
      [nextCustomer, nextAccount, nextLogin] = [FIRST_CUSTOMER, FIRST_ACCOUNT, FIRST_LOGIN];
    },
  };
};

/** What everybody has at every bank. */
const KINDS = [
  { type: 'checking', name: 'Checking', balance: 401.26, displayPosition: 1 },
  { type: 'savings', name: 'Savings', balance: 1250, displayPosition: 2 },
] as const;

const openAccount = (
  id: number,
  { type, name, balance, displayPosition }: (typeof KINDS)[number],
  { now, ...owner }: { customerId: string; institutionId: string; institutionLoginId: number; now: number },
): Account => {
  const number = String(id);
  return {
    id: number,
    number,
    accountNumberDisplay: number.slice(-4),
    name,
    accountNickname: name,
    balance,
    type,
    aggregationStatusCode: 0,
    status: 'active',
    ...owner,
    balanceDate: now,
    createdDate: now,
    lastUpdatedDate: now,
    currency: 'USD',
    displayPosition,
  };
};
