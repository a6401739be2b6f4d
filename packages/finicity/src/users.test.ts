import { createRegistry } from '@auth/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { DETAILS } from '../test/parameters.ts';
import { answer, errorOf, openVendor, START, type Vendor } from '../test/vendor.ts';
import { type FinicityProvider, type FinicityUser, finicityPlugin, type ListOptions } from './index.ts';

const reference = 'customer-17';
const TESTING = '/aggregation/v2/customers/testing';

let vendor: Vendor;
let provider: FinicityProvider;
beforeEach(() => {
  vendor = openVendor();
  provider = vendor.provider();
});

const enrol = async (count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push((await provider.users.create({ reference: `customer-${100 + index}` })).id);
  return ids;
};

describe('create', () => {
  it('resolves to the new customer, with the details that the vendor knows and nothing else', async () => {
    const user = await provider.users.create({ reference, ...DETAILS, ...{ note: 'mine', signal: {} } });
    expect(vendor.sent[0]?.body).toEqual({ username: reference, ...DETAILS });
    const id = expect.stringMatching(/^\d+$/);
    expect(user).toEqual({ id, createdAt: START, username: reference, type: 'testing', firstName: 'A', lastName: 'B' });
    expect(await provider.users.get(user.id)).toEqual(user);
    const bare = await provider.users.create({ reference: 'customer-18' });
    expect(bare).toMatchObject({ firstName: null, lastName: null });
    expect(await provider.users.get(bare.id)).toEqual(bare);
  });

  it.each([
    [{ FINICITY_CUSTOMERS: 'testing' }, 'testing'],
    [{ FINICITY_CUSTOMERS: 'active' }, 'active'],
    [{ FINICITY_CUSTOMERS: undefined }, 'active'],
  ])('enrols a customer of the type that the environment says, active by default: %j', async (env, type) => {
    const { sandbox } = openVendor({ plan: 'production' });
    const names = { AUTH_PROVIDER: 'finicity', ...sandbox.environment('https://api.finicity.com/'), ...env };
    const { users } = createRegistry([finicityPlugin]).fromEnv(names, { fetch: sandbox.fetch });
    const user = await users.create({ reference });
    expect(user.type).toBe(type);
    expect(sandbox.calls.at(-1)?.path).toBe(`/aggregation/v2/customers/${type}`);
    expect(await users.get(user.id)).toEqual(user);
  });

  it.each([
    ['active', 'notOnThisPlan', 401, 'no active customers (Test Drive has none). Set the option customers (FINICITY_CUSTOMERS) to testing'],
    ['testing', 'notOnThisPlan', 401, 'no testing customers. Set the option customers (FINICITY_CUSTOMERS) to active'],
    ['testing', 'productNotEnabled', 403, 'Ask Finicity to enable it'],
  ] as const)('of %s customers on a plan that answers %s is forbidden, and says what to do', async (customers, error, status, advice) => {
    vendor.sandbox.faults.add({ path: `/aggregation/v2/customers/${customers}`, reply: { kind: 'error', error } });
    const refusal = await errorOf(vendor.provider({ customers }).users.create({ reference }));
    expect(refusal).toMatchObject({ code: 'forbidden', operation: 'users.create', status, message: expect.stringContaining(advice) });
    expect(vendor.sent).toHaveLength(1);
  });

  it('is a conflict for a username that is taken, and says how to find it', async () => {
    await provider.users.create({ reference });
    const error = await errorOf(provider.users.create({ reference }));
    expect(error).toMatchObject({ code: 'conflict', operation: 'users.create', vendorCode: '110002', status: 409 });
    expect([error.message.includes('users.find'), error.message.includes(reference)]).toEqual([true, false]);
  });

  it.each([
    ['short', 'must have 6 to 255 characters.'],
    ['x'.repeat(256), 'must have 6 to 255 characters.'],
    ['with space', 'so it may contain only letters, digits and !@.#$%&*_-+.'],
    ['customér', 'so it may contain only'],
    ['customer\n', 'so it may contain only'],
    ['a/b', 'must have 6 to 255 characters and may contain only'],
    ['', 'must have 6 to 255 characters.'],
  ])('refuses the reference %j and names each broken rule, before anything is sent', async (broken, rule) => {
    const error = await errorOf(provider.users.create({ reference: broken }));
    expect(error).toMatchObject({ code: 'invalid_request', operation: 'users.create', message: expect.stringContaining(rule) });
    expect(vendor.sandbox.calls).toEqual([]);
  });

  it.each(['Aa0!@.#$%&*_-+', 'x'.repeat(6), 'x'.repeat(255)])('takes the reference %j', async (allowed) => {
    expect(await provider.users.create({ reference: allowed })).toMatchObject({ username: allowed });
  });

  it.each(['lost', 'invalidJson', 'truncated', 'huge'] as const)(
    'is outcome_unknown when the answer is %s, after one call, and says how to find the user, who is there',
    async (kind) => {
      vendor.sandbox.faults.add({ path: TESTING, reply: { kind } });
      const error = await errorOf(provider.users.create({ reference }));
      expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'users.create' });
      expect(error.message).toMatch(/^.{20,} Call users\.find to see whether the user exists\.$/);
      expect(vendor.sent).toHaveLength(1);
      expect(await provider.users.find(reference)).toMatchObject({ username: reference });
    },
  );

  it('leaves any other error as it is', async () => {
    vendor.sandbox.faults.add({ path: TESTING, reply: { kind: 'error', error: 'maintenance' } });
    const error = await errorOf(provider.users.create({ reference }));
    expect(error).toMatchObject({ code: 'unavailable', operation: 'users.create', message: expect.stringContaining('status 503') });
  });
});

describe('delete', () => {
  it('says whether there was a user, does it twice without harm, and leaves the others', async () => {
    const [id = '', other = ''] = await enrol(2);
    expect(await provider.users.delete(id)).toEqual({ existed: true });
    expect(await provider.users.delete(id)).toEqual({ existed: false });
    const gone = { code: 'not_found', operation: 'users.get', vendorCode: '14001' };
    expect(await errorOf(provider.users.get(id))).toMatchObject(gone);
    expect(await provider.users.get(other)).toMatchObject({ id: other });
  });

  it.each([
    ['does not take the 404 of a gateway for the vendor’s word', { kind: 'html', status: 404 }, 'not_found'],
    ['does not hide a failure', { kind: 'error', error: 'maintenance' }, 'unavailable'],
  ] as const)('%s', async (_, reply, code) => {
    const [id = ''] = await enrol(1);
    vendor.sandbox.faults.add({ method: 'DELETE', reply });
    expect(await errorOf(provider.users.delete(id))).toMatchObject({ code, operation: 'users.delete' });
  });
});

it.each(['', ' ', 'me', 'all', '..', '17/accounts', '17?x', '17\n', '-17', '１７', '%31'])(
  'users never take %j for a user, and send nothing',
  async (userId) => {
    for (const operation of ['get', 'delete'] as const) {
      const error = await errorOf(provider.users[operation](userId));
      expect(error).toMatchObject({ code: 'invalid_request', operation: `users.${operation}` });
    }
    expect(vendor.sandbox.calls).toEqual([]);
  },
);

describe('find', () => {
  it('finds exactly this username', async () => {
    const user = await provider.users.create({ reference });
    await provider.users.create({ reference: `${reference}0` });
    expect(await provider.users.find(reference)).toEqual(user);
    for (const other of ['customer-1', 'Customer-17']) expect(await provider.users.find(other)).toBeUndefined();
    expect(vendor.sent.at(-1)?.query).toEqual({ username: 'Customer-17', start: '1', limit: '100' });
  });

  it('finds it among others where the vendor answers similar ones', async () => {
    const others = [1, 2, 3].map((id) => ({ id, username: `${reference}${id}`, type: 'testing', createdDate: '1' }));
    const customers = [...others, { id: '9', username: reference, type: 'active', createdDate: 1 }];
    vendor.sandbox.faults.add({ method: 'GET', reply: answer({ displaying: 4, moreAvailable: false, customers }) });
    expect(await provider.users.find(reference)).toMatchObject({ id: '9', type: 'active', createdAt: 1000 });
  });

  it('refuses an empty username, which would find everybody, and names itself in the errors of its pages', async () => {
    expect(await errorOf(provider.users.find(''))).toMatchObject({ code: 'invalid_request', operation: 'users.find' });
    expect(vendor.sandbox.calls).toEqual([]);
    vendor.sandbox.faults.add({ method: 'GET', reply: { kind: 'error', error: 'maintenance' } });
    expect(await errorOf(provider.users.find(reference))).toMatchObject({ code: 'unavailable', operation: 'users.find' });
  });
});

describe('list', () => {
  const collect = async (users: AsyncIterable<FinicityUser>): Promise<readonly string[]> => {
    const ids: string[] = [];
    for await (const { id } of users) ids.push(id);
    return ids;
  };
  const starts = (): readonly (string | undefined)[] =>
    vendor.sent.filter(({ method }) => method === 'GET').map(({ query }) => query['start']);

  it.each([...[0, 1, 2, 7].map((count) => [count, 2] as const), ...[3, 6, 7, 8, 1000].map((pageSize) => [7, pageSize] as const)])(
    'gives each of %i once, in pages of %i, and asks for no page twice',
    async (count, pageSize) => {
      const ids = await enrol(count);
      expect(await collect(provider.users.list({ pageSize }))).toEqual(ids);
      expect(new Set(starts()).size).toBe(starts().length);
    },
  );

  it('asks for nothing before it is asked, and for no page that nobody looks at', async () => {
    await enrol(6);
    const users = provider.users.list({ pageSize: 3 });
    expect(starts()).toEqual([]);
    for await (const _ of users) break;
    expect(starts()).toEqual(['1']);
    expect(await collect(users)).toHaveLength(6);
  });

  it('searches, by type too', async () => {
    await enrol(3);
    expect(await collect(provider.users.list({ search: 'mer-101', type: 'testing' }))).toHaveLength(1);
    expect(await collect(provider.users.list({ type: 'active' }))).toEqual([]);
    const page = { start: '1', limit: '100' };
    expect(vendor.sent.slice(-2).map(({ query }) => query)).toEqual([
      { search: 'mer-101', type: 'testing', ...page },
      { type: 'active', ...page },
    ]);
  });

  it('ends where the vendor ends every page early, and where it repeats one for ever', async () => {
    const customer = (id: number): object => ({ id, username: `customer-${id}`, type: 'testing', createdDate: '1' });
    const page = (moreAvailable: boolean, ...ids: readonly number[]) => answer({ moreAvailable, customers: ids.map(customer) });
    for (const id of [1, 2]) vendor.sandbox.faults.add({ method: 'GET', reply: page(true, id) });
    vendor.sandbox.faults.add({ method: 'GET', times: 6, reply: page(false) });
    expect((await collect(provider.users.list())).length).toBeLessThanOrEqual(2);
    vendor.sandbox.faults.clear();
    vendor.sandbox.faults.add({ method: 'GET', times: 1000, reply: page(true, 1, 2) });
    vendor.sent.length = 0;
    expect(await errorOf(collect(provider.users.list()))).toMatchObject({ code: 'invalid_response', operation: 'users.list' });
    expect(vendor.sent.length).toBeLessThan(30);
  });

  it('stops with its signal, between two users of a page', async () => {
    await enrol(3);
    const stop = new AbortController();
    const seen: string[] = [];
    const error = await errorOf(async () => {
      for await (const { id } of provider.users.list({ signal: stop.signal })) {
        seen.push(id);
        stop.abort();
      }
    });
    expect(error).toMatchObject({ code: 'aborted', operation: 'users.list' });
    expect(seen).toHaveLength(1);
  });

  it.each<[ListOptions, string]>([
    [{ signal: AbortSignal.abort() }, 'aborted'],
    ...[0, 1, 1001, 2.5, Number.NaN].map((pageSize): [ListOptions, string] => [{ pageSize }, 'invalid_request']),
  ])('sends nothing with %o, which is %s', async (options, code) => {
    expect(await errorOf(collect(provider.users.list(options)))).toMatchObject({ code, operation: 'users.list' });
    expect(vendor.sandbox.calls).toEqual([]);
  });
});
