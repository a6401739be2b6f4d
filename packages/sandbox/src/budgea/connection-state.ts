import type { Clock } from '@auth/core';
import { digits, type Random } from '../random.ts';

/** Why a connection does not work. Without an error the vendor says `null`. */
export type ConnectionError =
  | 'SCARequired'
  | 'webauthRequired'
  | 'additionalInformationNeeded'
  | 'decoupled'
  | 'validating'
  | 'actionNeeded'
  | 'passwordExpired'
  | 'wrongpass'
  | 'rateLimiting'
  | 'websiteUnavailable'
  | 'bug'
  | 'notSupported';

/** A bank account. */
export interface BudgeaAccount {
  readonly id: number;
  readonly type: 'checking' | 'savings';
  readonly name: string;
  readonly number: string;
  readonly iban: string;
  /** Euro. */
  readonly balance: number;
  readonly usage: 'PRIV';
  /** Epoch milliseconds: since when its owner keeps it from the application; `null` while it is enabled. */
  readonly disabledAt: number | null;
}

/** A user's access to a bank. */
export interface BudgeaConnection {
  readonly id: number;
  readonly userId: number;
  readonly connectorId: number;
  /** The way in: `openapi`, `directaccess`. */
  readonly source: string;
  readonly error: ConnectionError | null;
  readonly errorMessage: string | null;
  readonly active: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds of the last success. */
  readonly updatedAt: number | null;
  readonly accounts: readonly BudgeaAccount[];
}

/** What a connection is made of. */
export interface NewConnection extends Pick<BudgeaConnection, 'connectorId'> {
  /** Default `directaccess`. */
  readonly source?: string | undefined;
  /** Default `null`. */
  readonly error?: ConnectionError | null | undefined;
  /** Which accounts the application gets to see at once. Default: as the state was told. */
  readonly enables?: ((account: BudgeaAccount) => boolean) | undefined;
}

/** What can change. */
export type ConnectionChanges = Partial<Pick<BudgeaConnection, 'error' | 'errorMessage' | 'active' | 'accounts'>>;

/** Users' connections. */
export interface ConnectionState {
  readonly list: (userId: number) => readonly BudgeaConnection[];
  /** `undefined` for what is not this user's. */
  readonly get: (userId: number, id: number) => BudgeaConnection | undefined;
  readonly create: (userId: number, connection: NewConnection) => BudgeaConnection;
  /** `error: null` counts as a successful synchronization. */
  readonly update: (connection: BudgeaConnection, changes: ConnectionChanges) => BudgeaConnection;
  readonly delete: (userId: number, id: number) => void;
  readonly deleteAll: (userId: number) => void;
  readonly count: () => number;
  readonly reset: () => void;
}

/** What the state works with. */
export interface ConnectionStateOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Whether applications see all accounts of a new connection at once. */
  readonly enablesAccounts: boolean;
}

/** Connections in memory. */
export const connectionState = ({ clock, random, enablesAccounts }: ConnectionStateOptions): ConnectionState => {
  const byUser = new Map<number, Map<number, BudgeaConnection>>();
  let lastId = 0;
  let lastAccountId = 0;

  const put = (connection: BudgeaConnection): BudgeaConnection => {
    const own = byUser.get(connection.userId) ?? new Map<number, BudgeaConnection>();
    byUser.set(connection.userId, own.set(connection.id, connection));
    return connection;
  };

  const account = (type: BudgeaAccount['type'], name: string, now: number, enables: (account: BudgeaAccount) => boolean): BudgeaAccount => {
    lastAccountId += 1;
    const number = digits(random, 11);
    const balance = 100_000 + Math.floor(random() * 900_000);
    const made = {
      id: lastAccountId,
      type,
      name,
      number,
      iban: iban(number),
      balance: balance / 100,
      usage: 'PRIV',
      disabledAt: null,
    } as const;
    return enables(made) ? made : { ...made, disabledAt: now };
  };

  return {
    list: (userId) => [...(byUser.get(userId)?.values() ?? [])],
    get: (userId, id) => byUser.get(userId)?.get(id),
    create: (userId, { connectorId, source = 'directaccess', error = null, enables = () => enablesAccounts }) => {
      lastId += 1;
      const now = clock.now();
      const accounts = [account('checking', 'Current account', now, enables)];
      // Every other connection has two, so that both cases are met.
      if (lastId % 2 === 1) accounts.push(account('savings', 'Savings account', now, enables));
      return put({
        id: lastId,
        userId,
        connectorId,
        source,
        error,
        errorMessage: null,
        active: true,
        createdAt: now,
        updatedAt: error === null ? now : null,
        accounts,
      });
    },
    update: (connection, changes) => {
      const success = changes.error === null && { updatedAt: clock.now(), errorMessage: null };
      return put({ ...connection, ...changes, ...success });
    },
    delete: (userId, id) => {
      byUser.get(userId)?.delete(id);
    },
    deleteAll: (userId) => {
      byUser.delete(userId);
    },
    count: () => [...byUser.values()].reduce((sum, own) => sum + own.size, 0),
    reset: () => {
      byUser.clear();
      lastId = 0;
      lastAccountId = 0;
    },
  };
};

/** An IBAN of no bank, with check digits that are right. */
const iban = (number: string): string => {
  const rest = `9999900001${number}00`;
  // The country is moved behind, as digits: F is 15, R is 27.
  const check = 98n - (BigInt(`${rest}152700`) % 97n);
  return `FR${String(check).padStart(2, '0')}${rest}`;
};
