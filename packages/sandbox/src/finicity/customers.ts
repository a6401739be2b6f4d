import type { Context, Hono, MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import type { Customer, CustomerDetails, CustomerStore, Enrolled } from './customer-store.ts';
import { errors, invalidCustomerId, missingField, Refusal } from './errors.ts';
import { counted, pageSize } from './paging.ts';
import { json } from './representation.ts';
import { readJson } from './request-body.ts';

/** What the customer routes work with. */
export interface CustomerOptions {
  readonly customers: CustomerStore;
  readonly plan: 'test' | 'production';
  /** Refuses requests without a live app token. */
  readonly requireToken: MiddlewareHandler;
}

const USERNAME = /^[A-Za-z0-9!@.#$%&*_+-]{6,255}$/;

const field = v.nullish(v.string());
const schema = v.object({
  username: field,
  firstName: field,
  lastName: field,
  phone: field,
  email: field,
  applicationId: field,
});

/** Enrols, lists, shows and deletes customers. Bodies and answers are JSON. */
export const customerRoutes = (app: Hono, { customers, plan, requireToken }: CustomerOptions): void => {
  const enroll = async (request: Request, type: Customer['type']): Promise<Response> => {
    const enrolled = customers.enroll(type, await readDetails(request));
    if (enrolled === 'taken') throw new Refusal(errors.usernameTaken);
    // The limit is documented, the refusal is not.
    if (enrolled === 'full') throw new Refusal(errors.badRequest);
    const { id, username, createdDate } = enrolled;
    // The same date is a text where customers are shown.
    return json({ id, username, createdDate: Number(createdDate) }, 201);
  };

  const one = ({ req }: Context): Response => {
    const id = req.param('customerId') ?? '';
    if (!/^\d+$/.test(id)) throw new Refusal(errors.badRequest);
    const found = customers.find(id);
    if (found === undefined) throw new Refusal(errors.customerNotFound);
    return json(found.customer);
  };

  const remove = ({ req }: Context): Response => {
    const id = req.param('customerId') ?? '';
    if (!/^\d+$/.test(id)) throw new Refusal(invalidCustomerId(id));
    if (!customers.remove(id)) throw new Refusal(errors.customerNotFound);
    return new Response(null, { status: 204 });
  };

  app.post('/aggregation/v2/customers/testing', requireToken, ({ req }) => enroll(req.raw, 'testing'));
  app.post('/aggregation/v2/customers/active', requireToken, ({ req }) => {
    if (plan === 'test') throw new Refusal(errors.notOnThisPlan);
    return enroll(req.raw, 'active');
  });
  app.get('/aggregation/v1/customers', requireToken, ({ req }) => json(listed(customers, new URL(req.url).searchParams)));
  app.get('/aggregation/v1/customers/:customerId', requireToken, one);
  app.delete('/aggregation/v1/customers/:customerId', requireToken, remove);
};

const readDetails = async (request: Request): Promise<CustomerDetails> => {
  const parsed = v.safeParse(schema, await readJson(request));
  if (!parsed.success) throw new Refusal(errors.badRequest);
  const { username, ...others } = parsed.output;
  if (username == null || username.trim() === '') throw new Refusal(missingField('username'));
  if (!USERNAME.test(username)) throw new Refusal(errors.usernameAgainstPolicy);
  return { username, ...Object.fromEntries(Object.entries(others).filter(([, value]) => value != null)) };
};

/** `start` is the number of a record, not of a page as it is for institutions. */
const listed = (customers: CustomerStore, query: URLSearchParams): object => {
  const start = counted(query.get('start') ?? '1', 'invalidStart');
  const limit = pageSize(query.get('limit') ?? undefined, 'invalidLimit');
  const type = query.get('type') ?? '';
  if (!['', 'testing', 'active'].includes(type)) throw new Refusal(errors.invalidCustomerType);
  const username = query.get('username') ?? '';
  const found = candidates(customers, username).filter(matcher(type, query.get('search') ?? ''));
  const page = found.slice(start - 1, start - 1 + limit).map(({ customer }) => customer);
  return { found: found.length, displaying: page.length, moreAvailable: start - 1 + page.length < found.length, customers: page };
};

const candidates = (customers: CustomerStore, username: string): readonly Enrolled[] => {
  if (username === '') return [...customers.all()];
  const exact = customers.findUsername(username);
  return exact === undefined ? [] : [exact];
};

/** Searched are the username and the first and last name together. */
const matcher = (type: string, search: string): ((enrolled: Enrolled) => boolean) => {
  const wanted = search.toLowerCase();
  return ({ customer: { username, firstName = '', lastName = '', type: actual } }) =>
    (type === '' || type === actual) && [username, `${firstName} ${lastName}`].some((text) => text.toLowerCase().includes(wanted));
};
