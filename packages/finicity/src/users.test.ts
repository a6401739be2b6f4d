import { createRegistry } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, errorOf, openVendor, START, type Vendor, WAYS } from '../test/vendor.ts';
import { type FinicityProvider, type FinicityUser, finicityPlugin } from './index.ts';

const reference = 'customer-17';

describe.each(WAYS)('users, %s', (way) => {
  let vendor: Vendor;
  let provider: FinicityProvider;
  beforeEach(async () => {
    vendor = await openVendor(way);
    provider = vendor.provider();
  });
  afterEach(() => vendor.close());

  const enrol = async (count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push((await provider.users.create({ reference: `customer-${100 + index}` })).id);
    return ids;
  };

  describe('create', () => {
    it('resolves to the new customer, whose username is the reference', async () => {
      const user = await provider.users.create({ reference });
      expect(user).toEqual({
        id: expect.stringMatching(/^\d+$/),
        createdAt: START,
        username: reference,
        type: 'testing',
        firstName: null,
        lastName: null,
      });
      expect(await provider.users.get(user.id)).toEqual(user);
    });

    it('enrols an active customer unless the option says otherwise', async () => {
      const production = await openVendor(way, { plan: 'production' });
      const user = await production.provider({ customers: undefined }).users.create({ reference });
      expect(user.type).toBe('active');
      expect((await production.provider().users.create({ reference: 'customer-18' })).type).toBe('testing');
      expect(production.sent.map(({ path }) => path)).toEqual(['/aggregation/v2/customers/active', '/aggregation/v2/customers/testing']);
      await production.close();
    });

    it.each([
      [{ FINICITY_CUSTOMERS: 'testing' }, 'testing'],
      [{ FINICITY_CUSTOMERS: 'active' }, 'active'],
      [{}, 'active'],
    ])('enrols as the environment says: %j', async (env, type) => {
      const production = await openVendor('in process', { plan: 'production' });
      const server = await production.sandbox.listen();
      const fromEnv = createRegistry([finicityPlugin]).fromEnv({
        AUTH_PROVIDER: 'finicity',
        ...production.sandbox.environment(server.url),
        FINICITY_CUSTOMERS: undefined,
        ...env,
      });
      expect(await fromEnv.users.create({ reference })).toMatchObject({ type });
      expect(production.sandbox.calls.at(-1)?.path).toBe(`/aggregation/v2/customers/${type}`);
      await server.close();
    });

    it('enrols in Australia too', async () => {
      const australia = await openVendor(way, { region: 'au' });
      const { users, connect } = australia.provider({ region: 'au' });
      const { id } = await users.create({ reference });
      expect(await users.find(reference)).toMatchObject({ id });
      expect(await connect.start({ userId: id, redirectUri: 'https://app.example/callback' })).toMatchObject({ userId: id });
      await australia.close();
    });

    it('sends the details that the vendor knows, and nothing else', async () => {
      const details = { firstName: 'A', lastName: 'B', phone: '1-801-984-4200', email: 'a@example.com', applicationId: '00278431' };
      const user = await provider.users.create({ reference, ...details, ...{ note: 'mine' } });
      expect(vendor.sent[0]?.body).toEqual({ username: reference, ...details });
      expect(user).toMatchObject({ firstName: 'A', lastName: 'B' });
      expect(await provider.users.get(user.id)).toEqual(user);
    });

    it('explains the option where the plan has no active customers', async () => {
      const error = await errorOf(vendor.provider({ customers: 'active' }).users.create({ reference }));
      expect(error).toMatchObject({ code: 'forbidden', operation: 'users.create', status: 401 });
      expect(error.message).toContain('Set the option customers (FINICITY_CUSTOMERS) to testing');
      expect(vendor.sent).toHaveLength(1);
    });

    it('says nothing of the option where a 403 is about something else', async () => {
      vendor.sandbox.faults.add({ path: '/aggregation/v2/customers/testing', reply: { kind: 'error', error: 'productNotEnabled' } });
      const error = await errorOf(provider.users.create({ reference }));
      expect(error).toMatchObject({ code: 'forbidden', status: 403 });
      expect(error.message).not.toContain('FINICITY_CUSTOMERS');
    });

    it('is a conflict for a username that is taken, and says how to find it', async () => {
      await provider.users.create({ reference });
      const error = await errorOf(provider.users.create({ reference }));
      expect(error).toMatchObject({ code: 'conflict', operation: 'users.create', vendorCode: '110002', status: 409 });
      expect(error.message).toContain('users.find');
      expect(error.message).not.toContain(reference);
    });

    it.each([
      ['short', 'must have 6 to 255 characters'],
      ['x'.repeat(256), 'must have 6 to 255 characters'],
      ['with space', 'may contain only letters, digits and !@.#$%&*_-+'],
      ['customér', 'may contain only'],
      ['customer\n', 'may contain only'],
      ['a/b', 'must have 6 to 255 characters and may contain only'],
      ['', 'must have 6 to 255 characters'],
    ])('refuses the reference %j and names each broken rule, before anything is sent', async (broken, rule) => {
      const error = await errorOf(provider.users.create({ reference: broken }));
      expect(error).toMatchObject({ code: 'invalid_request', operation: 'users.create' });
      expect(error.message).toContain(rule);
      expect(vendor.sandbox.calls).toEqual([]);
    });

    it.each(['Aa0!@.#$%&*_-+', 'x'.repeat(6), 'x'.repeat(255)])('takes the reference %j', async (allowed) => {
      expect(await provider.users.create({ reference: allowed })).toMatchObject({ username: allowed });
    });

    it('is outcome_unknown when the answer is lost, after one call, and says how to find out', async () => {
      vendor.sandbox.faults.add({ path: '/aggregation/v2/customers/testing', reply: { kind: 'lost' } });
      const error = await errorOf(provider.users.create({ reference }));
      expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'users.create' });
      expect(error.message).toContain('users.find');
      expect(vendor.sent).toHaveLength(1);
      expect(await provider.users.find(reference)).toMatchObject({ username: reference });
    });

    it.each(['invalidJson', 'truncated', 'huge'] as const)(
      'is outcome_unknown when the answer is %s, as the user is there',
      async (kind) => {
        vendor.sandbox.faults.add({ path: '/aggregation/v2/customers/testing', reply: { kind } });
        const error = await errorOf(provider.users.create({ reference }));
        expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'users.create' });
        expect(error.message).toContain('users.find');
        expect(await provider.users.find(reference)).toMatchObject({ username: reference });
      },
    );

    it('is sent again, once, when the token was refused, as nobody was created then', async () => {
      await provider.application.token();
      vendor.sandbox.expireTokens();
      expect(await provider.users.create({ reference })).toMatchObject({ username: reference });
      expect(vendor.sent.map(({ path }) => path)).toEqual(['/aggregation/v2/customers/testing', '/aggregation/v2/customers/testing']);
    });

    it('reads the date as a text too, and an id that is a number', async () => {
      vendor.sandbox.faults.add({
        path: '/aggregation/v2/customers/testing',
        reply: answer({ id: 17, username: reference, createdDate: '1607450357' }, 201),
      });
      expect(await provider.users.create({ reference })).toMatchObject({ id: '17', createdAt: 1_607_450_357_000 });
    });
  });

  describe('get', () => {
    it('rejects with not_found for an unknown id', async () => {
      expect(await errorOf(provider.users.get('4711'))).toMatchObject({ code: 'not_found', operation: 'users.get', vendorCode: '14001' });
    });
  });

  describe('delete', () => {
    it('says whether there was a user, and does it twice without harm', async () => {
      const [id = '', other = ''] = await enrol(2);
      expect(await provider.users.delete(id)).toEqual({ existed: true });
      expect(await provider.users.delete(id)).toEqual({ existed: false });
      expect(await errorOf(provider.users.get(id))).toMatchObject({ code: 'not_found' });
      expect(await provider.users.get(other)).toMatchObject({ id: other });
    });

    it('does not take the 404 of a gateway for the vendor’s word', async () => {
      const [id = ''] = await enrol(1);
      vendor.sandbox.faults.add({ method: 'DELETE', reply: { kind: 'html', status: 404 } });
      expect(await errorOf(provider.users.delete(id))).toMatchObject({ operation: 'users.delete', status: 404 });
    });

    it('does not hide a failure', async () => {
      const [id = ''] = await enrol(1);
      vendor.sandbox.faults.add({ method: 'DELETE', reply: { kind: 'error', error: 'maintenance' } });
      expect(await errorOf(provider.users.delete(id))).toMatchObject({ code: 'unavailable', operation: 'users.delete' });
    });
  });

  it.each(['', ' ', 'me', 'all', '..', '17/accounts', '17?x', '17\n', '-17', '１７', '%31'])(
    'never take %j for a user, and send nothing',
    async (userId) => {
      for (const operation of ['get', 'delete'] as const)
        expect(await errorOf(provider.users[operation](userId))).toMatchObject({
          code: 'invalid_request',
          operation: `users.${operation}`,
        });
      expect(vendor.sandbox.calls).toEqual([]);
    },
  );

  describe('find', () => {
    it('finds exactly this username', async () => {
      const user = await provider.users.create({ reference });
      await provider.users.create({ reference: `${reference}0` });
      expect(await provider.users.find(reference)).toEqual(user);
      expect(await provider.users.find('customer-1')).toBeUndefined();
      expect(await provider.users.find('Customer-17')).toBeUndefined();
      expect(vendor.sent.at(-1)?.query).toEqual({ username: 'Customer-17', start: '1', limit: '100' });
    });

    it('finds it among others where the vendor answers similar ones', async () => {
      const others = Array.from({ length: 3 }, (_, index) => ({
        id: index + 1,
        username: `${reference}${index}`,
        type: 'testing',
        createdDate: '1',
      }));
      const customers = [...others, { id: '9', username: reference, type: 'active', createdDate: 1 }];
      vendor.sandbox.faults.add({ method: 'GET', reply: answer({ displaying: 4, moreAvailable: false, customers }) });
      expect(await provider.users.find(reference)).toMatchObject({ id: '9', type: 'active', createdAt: 1000 });
    });

    it('refuses an empty username, which would find everybody', async () => {
      expect(await errorOf(provider.users.find(''))).toMatchObject({ code: 'invalid_request', operation: 'users.find' });
      expect(vendor.sandbox.calls).toEqual([]);
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

    it.each([
      [0, 2],
      [1, 2],
      [2, 2],
      [7, 2],
      [7, 3],
      [7, 6],
      [7, 7],
      [7, 8],
      [7, 1000],
    ])('gives each of %i once, in pages of %i', async (count, pageSize) => {
      const ids = await enrol(count);
      expect(await collect(provider.users.list({ pageSize }))).toEqual(ids);
      expect(new Set(starts()).size).toBe(starts().length);
    });

    it('is empty without customers, after one call', async () => {
      expect(await collect(provider.users.list())).toEqual([]);
      expect(vendor.sent[0]?.query).toEqual({ start: '1', limit: '100' });
      expect(vendor.sent).toHaveLength(1);
    });

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
      const found = provider.users.list({ search: 'mer-101', type: 'testing' });
      expect(await collect(found)).toHaveLength(1);
      expect(await collect(provider.users.list({ type: 'active' }))).toEqual([]);
      expect(vendor.sent.slice(-2).map(({ query }) => query)).toEqual([
        { search: 'mer-101', type: 'testing', start: '1', limit: '100' },
        { type: 'active', start: '1', limit: '100' },
      ]);
    });

    it.each([2, 3, 4, 100])('gives everybody although each is deleted on the way, in pages of %i', async (pageSize) => {
      const ids = await enrol(11);
      const deleted: string[] = [];
      for await (const { id } of provider.users.list({ pageSize })) {
        deleted.push(id);
        await provider.users.delete(id);
      }
      expect(deleted).toEqual(ids);
    });

    it.each([2, 3, 4])('gives everybody who stays although others are deleted on the way, in pages of %i', async (pageSize) => {
      const ids = await enrol(12);
      const seen: string[] = [];
      for await (const { id } of provider.users.list({ pageSize })) {
        seen.push(id);
        if (seen.length === 5) for (const gone of ids.slice(0, 4)) await provider.users.delete(gone);
      }
      expect(seen).toEqual(ids);
    });

    it('ends where the vendor ends every page early, and where it repeats one for ever', async () => {
      const customer = (id: number): object => ({ id, username: `customer-${id}`, type: 'testing', createdDate: '1' });
      for (const start of [1, 2, 3, 4, 5, 6, 7, 8])
        vendor.sandbox.faults.add({
          method: 'GET',
          reply: answer({ moreAvailable: start < 3, customers: start < 3 ? [customer(start)] : [] }),
        });
      expect((await collect(provider.users.list())).length).toBeLessThanOrEqual(2);
      vendor.sandbox.faults.clear();
      vendor.sandbox.faults.add({
        method: 'GET',
        times: 1000,
        reply: answer({ moreAvailable: true, customers: [customer(1), customer(2)] }),
      });
      expect(await errorOf(collect(provider.users.list()))).toMatchObject({ code: 'invalid_response', operation: 'users.list' });
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

    it('sends nothing for a signal that has aborted, and for a size that no page has', async () => {
      expect(await errorOf(collect(provider.users.list({ signal: AbortSignal.abort() })))).toMatchObject({ code: 'aborted' });
      for (const pageSize of [0, 1, 1001, 2.5, Number.NaN])
        expect(await errorOf(collect(provider.users.list({ pageSize })))).toMatchObject({
          code: 'invalid_request',
          operation: 'users.list',
        });
      expect(vendor.sandbox.calls).toEqual([]);
    });
  });
});
