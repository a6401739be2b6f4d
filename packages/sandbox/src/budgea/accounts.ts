import type { Clock } from '@auth/core';
import type { Context } from 'hono';
import type { BudgeaAccount, BudgeaConnection, ConnectionState } from './connection-state.ts';
import { accountView } from './connection-view.ts';
import { readFields } from './fields.ts';
import { ownershipOf } from './ownership.ts';
import { flagOf, pageOf } from './query.ts';
import type { Authentication } from './request.ts';
import type { Routes } from './routes.ts';

/** What the routes of accounts work with. */
export interface AccountRouteOptions extends Authentication {
  readonly connections: ConnectionState;
  readonly clock: Clock;
}

interface OwnAccount {
  readonly connection: BudgeaConnection;
  readonly account: BudgeaAccount;
}

/** The accounts of a user's connections. Those that he has not let the application see appear with `?all` only. */
export const accountRoutes = (routes: Routes, options: AccountRouteOptions): void => {
  const { refuse, connections, clock } = options;
  const own = ownershipOf(options);

  const listed = ({ req }: Context, from: readonly BudgeaConnection[]): readonly OwnAccount[] => {
    const all = flagOf(req.raw, 'all', refuse);
    return from.flatMap((connection) =>
      connection.accounts.filter(({ disabledAt }) => all || disabledAt === null).map((account) => ({ connection, account })),
    );
  };
  const answer = (c: Context, from: readonly BudgeaConnection[]): Response => {
    const list = listed(c, from);
    const shown = pageOf(c.req.raw, list, refuse).map(({ account, connection }) => accountView(account, connection));
    return c.json({ accounts: shown, balances: sum(list), coming_balances: {}, total: list.length });
  };
  const ownAccount = async (c: Context): Promise<OwnAccount> => {
    const { id } = await own.user(c);
    const wanted = own.id(c, 'id_account');
    const found = listed(c, connections.list(id)).find(({ account }) => account.id === wanted);
    if (found === undefined) throw refuse.notFound();
    return found;
  };

  routes('/users/:id/accounts', { GET: async (c) => answer(c, connections.list((await own.user(c)).id)) });
  routes('/users/:id/connections/:id_connection/accounts', { GET: async (c) => answer(c, [await own.connection(c)]) });
  routes('/users/:id/accounts/:id_account', {
    GET: async (c) => {
      const { account, connection } = await ownAccount(c);
      return c.json(accountView(account, connection));
    },
    POST: async (c) => {
      const { account, connection } = await ownAccount(c);
      const disabled = (await readFields(c.req.raw, refuse)).flag('disabled');
      const disabledAt = disabled ? (account.disabledAt ?? clock.now()) : null;
      const changed = disabled === undefined ? account : { ...account, disabledAt };
      connections.update(connection, { accounts: connection.accounts.map((each) => (each === account ? changed : each)) });
      return c.json(accountView(changed, connection));
    },
  });
};

const sum = (list: readonly OwnAccount[]): object => {
  const cents = list.reduce((total, { account }) => total + Math.round(account.balance * 100), 0);
  return list.length === 0 ? {} : { EUR: cents / 100 };
};
