import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { CustomerStore } from './customer-store.ts';
import { errors, Refusal } from './errors.ts';
import { json } from './representation.ts';

/** What the account routes work with. */
export interface AccountOptions {
  readonly customers: CustomerStore;
  /** Refuses requests without a live app token. */
  readonly requireToken: MiddlewareHandler;
}

/** Get Customer Accounts. A customer has accounts once he went through Connect. */
export const accountRoutes = (app: Hono, { customers, requireToken }: AccountOptions): void => {
  const list = ({ req }: Context): Response => {
    const id = req.param('customerId') ?? '';
    if (!/^\d+$/.test(id)) throw new Refusal(errors.badRequest);
    // The one type that the filter knows. Which accounts it leaves out is not described, so it leaves out none.
    if (!['', 'ava'].includes(req.query('account_type') ?? '')) throw new Refusal(errors.accountTypeNotSupported);
    const found = customers.find(id);
    if (found === undefined) throw new Refusal(errors.customerNotFound);
    const status = req.query('status') ?? '';
    return json({ accounts: found.accounts.filter((account) => status === '' || account.status === status) });
  };

  app.get('/aggregation/v1/customers/:customerId/accounts', requireToken, list);
};
