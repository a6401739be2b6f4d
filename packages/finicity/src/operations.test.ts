import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, errorOf, openVendor, START, type Vendor, WAYS } from '../test/vendor.ts';
import type { BearerOptions, FinicityApi, FinicityProvider } from './index.ts';

const ABOUT_ONE: ReadonlySet<string> = new Set(['getCustomer', 'deleteCustomer', 'getCustomerAccounts', 'getInstitution']);

describe.each(WAYS)('the operations that need a token, %s', (way) => {
  let vendor: Vendor;
  let provider: FinicityProvider;
  let api: FinicityApi;
  let bearer: BearerOptions;
  beforeEach(async () => {
    vendor = await openVendor(way, { plan: 'production' });
    provider = vendor.provider();
    api = provider.api;
    bearer = { as: provider.application };
  });
  afterEach(() => vendor.close());

  const details = { firstName: 'A', lastName: 'B', phone: '1-801-984-4200', email: 'a@example.com', applicationId: '00278431' };
  const add = async (username = 'customer-17'): Promise<string> => (await api.addTestingCustomer({ username }, bearer)).id;
  const connected = async (): Promise<string> => {
    const customerId = await add();
    const { link } = await api.generateConnectUrl({ partnerId: vendor.sandbox.credentials.partnerId, customerId }, bearer);
    await (await vendor.visit(`${link}&auto=approve`)).text();
    return customerId;
  };

  it.each([
    ['addTestingCustomer', 'testing'],
    ['addCustomer', 'active'],
  ] as const)('%s enrols a customer with all details', async (operation, type) => {
    const created = await api[operation]({ username: 'customer-17', ...details }, bearer);
    expect(created).toEqual({ id: expect.stringMatching(/^\d+$/), username: 'customer-17', createdDate: START });
    expect(vendor.sent).toMatchObject([
      { method: 'POST', path: `/aggregation/v2/customers/${type}`, query: {}, body: { username: 'customer-17', ...details } },
    ]);
    expect(await api.getCustomer(created.id, bearer)).toMatchObject({ ...created, ...details, type });
  });

  it.each(['addTestingCustomer', 'addCustomer'] as const)('%s is outcome_unknown when the answer is lost', async (operation) => {
    await provider.application.token();
    vendor.sandbox.faults.add({ method: 'POST', reply: { kind: 'lost' } });
    const error = await errorOf(api[operation]({ username: 'customer-17' }, bearer));
    expect(error).toMatchObject({ code: 'outcome_unknown', operation: `api.${operation}` });
    expect(vendor.sent).toHaveLength(1);
  });

  it('getCustomers sends all parameters', async () => {
    const id = await add();
    const filter = { username: 'customer-17', search: 'mer 17&', type: 'testing' } as const;
    await api.getCustomers({ ...filter, start: 2, limit: 7 }, bearer);
    expect(vendor.sent.at(-1)).toMatchObject({
      method: 'GET',
      path: '/aggregation/v1/customers',
      query: { ...filter, start: '2', limit: '7' },
    });
    await expect(api.getCustomers({}, bearer)).resolves.toEqual({
      found: 1,
      displaying: 1,
      moreAvailable: false,
      customers: [await api.getCustomer(id, bearer)],
    });
    expect(vendor.sent.at(-2)?.query).toEqual({});
  });

  it('getCustomer resolves to the customer, with null for what is absent', async () => {
    const id = await add();
    expect(await api.getCustomer(id, bearer)).toEqual({
      id,
      username: 'customer-17',
      type: 'testing',
      firstName: null,
      lastName: null,
      phone: null,
      email: null,
      applicationId: null,
      createdDate: START,
      lastModifiedDate: null,
    });
    expect(vendor.sent.at(-1)).toMatchObject({ method: 'GET', path: `/aggregation/v1/customers/${id}`, body: null });
  });

  it('deleteCustomer deletes, and tells of a customer that is gone', async () => {
    const id = await add();
    expect(await api.deleteCustomer(id, bearer)).toBeUndefined();
    expect(vendor.sent.at(-1)).toMatchObject({ method: 'DELETE', path: `/aggregation/v1/customers/${id}` });
    expect(await errorOf(api.deleteCustomer(id, bearer))).toMatchObject({ code: 'not_found', operation: 'api.deleteCustomer' });
  });

  it('getCustomerAccounts sends both filters and reads accounts', async () => {
    const customerId = await connected();
    const { accounts } = await api.getCustomerAccounts(customerId, { ...bearer, status: 'active', accountType: 'ava' });
    expect(vendor.sent.at(-1)).toMatchObject({
      method: 'GET',
      path: `/aggregation/v1/customers/${customerId}/accounts`,
      query: { status: 'active', account_type: 'ava' },
    });
    expect(accounts.length).toBeGreaterThan(0);
    for (const account of accounts)
      expect(account).toMatchObject({
        customerId,
        id: expect.stringMatching(/^\d+$/),
        institutionLoginId: expect.stringMatching(/^\d+$/),
        createdDate: START,
        balance: expect.any(Number),
        currency: 'USD',
        linkedAccountDate: null,
      });
  });

  it('getInstitutions sends all parameters', async () => {
    const filter = { search: 'FinBank Prof', type: 'voa', supportedCountries: 'us,ca' } as const;
    const found = await api.getInstitutions({ ...filter, start: 1, limit: 2 }, bearer);
    expect(vendor.sent.at(-1)).toMatchObject({
      method: 'GET',
      path: '/institution/v2/institutions',
      query: { ...filter, start: '1', limit: '2' },
    });
    expect(found).toMatchObject({ displaying: 2, moreAvailable: true, createdDate: START });
    expect(found.institutions[0]).toMatchObject({ id: '102105', name: 'FinBank Profiles - A', voa: true, aha: false, branding: null });
  });

  it('getInstitution resolves to one, or not_found', async () => {
    const { institution } = await api.getInstitution('102105', bearer);
    expect(institution).toMatchObject({ id: '102105', status: 'online', oauthEnabled: false });
    expect(vendor.sent.at(-1)).toMatchObject({ method: 'GET', path: '/institution/v2/institutions/102105' });
    expect(await errorOf(api.getInstitution('1', bearer))).toMatchObject({ code: 'not_found', vendorCode: '14006' });
  });

  it('the three links send all parameters', async () => {
    const customerId = await connected();
    const [account] = (await api.getCustomerAccounts(customerId, bearer)).accounts;
    const institutionLoginId = account?.institutionLoginId ?? '';
    const link = {
      partnerId: vendor.sandbox.credentials.partnerId,
      customerId,
      redirectUri: 'https://app.example/callback',
      experience: 'default',
      language: 'fr',
      singleUseUrl: true,
      webhook: 'https://app.example/events',
      webhookContentType: 'application/json',
      webhookData: { order: '17' },
      webhookHeaders: { 'x-order': '17' },
      isHostedInMobileApp: false,
      isWebView: true,
    } as const;
    const report = { consumerId: 'c', reportCustomFields: [{ label: 'a', value: 'b' }], institutionSettings: { '1': 'hidden' } };
    const links = [
      await api.generateConnectUrl({ ...link, ...report, fromDate: START, optionalConsumerInfo: { ssn: '999999999', dob: 0 } }, bearer),
      await api.generateLiteConnectUrl({ ...link, institutionId: '102105' }, bearer),
      await api.generateFixConnectUrl({ ...link, institutionLoginId }, bearer),
    ];
    for (const each of links) expect(each).toEqual({ link: expect.stringMatching(/^http.*signature=[0-9a-f]{64}/) });
    expect(vendor.sent.slice(-3).map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      {
        method: 'POST',
        path: '/connect/v2/generate',
        body: { ...link, ...report, fromDate: START / 1000, optionalConsumerInfo: { ssn: '999999999', dob: 0 } },
      },
      { method: 'POST', path: '/connect/v2/generate/lite', body: { ...link, institutionId: '102105' } },
      { method: 'POST', path: '/connect/v2/generate/fix', body: { ...link, institutionLoginId } },
    ]);
  });

  const calls: readonly [keyof FinicityApi, (options: BearerOptions, id?: string) => ReturnType<FinicityApi[keyof FinicityApi]>][] = [
    ['addTestingCustomer', (options) => api.addTestingCustomer({ username: 'customer-18' }, options)],
    ['addCustomer', (options) => api.addCustomer({ username: 'customer-18' }, options)],
    ['getCustomers', (options) => api.getCustomers({}, options)],
    ['getCustomer', (options, id = '17') => api.getCustomer(id, options)],
    ['deleteCustomer', (options, id = '17') => api.deleteCustomer(id, options)],
    ['getCustomerAccounts', (options, id = '17') => api.getCustomerAccounts(id, options)],
    ['getInstitutions', (options) => api.getInstitutions({}, options)],
    ['getInstitution', (options, id = '102105') => api.getInstitution(id, options)],
    ['generateConnectUrl', (options) => api.generateConnectUrl({ partnerId: '1', customerId: '2' }, options)],
    ['generateLiteConnectUrl', (options) => api.generateLiteConnectUrl({ partnerId: '1', customerId: '2', institutionId: '3' }, options)],
    [
      'generateFixConnectUrl',
      (options) => api.generateFixConnectUrl({ partnerId: '1', customerId: '2', institutionLoginId: '3' }, options),
    ],
  ];

  it.each(calls)('%s sends the token and the app key, and accepts JSON', async (_, call) => {
    const token = await provider.application.token();
    await call({ as: token }).catch(() => {});
    expect(vendor.sent).toHaveLength(1);
    const headers = vendor.sent[0]?.headers;
    expect(headers?.get('finicity-app-token')).toBe(token.value);
    expect(headers?.get('finicity-app-key')).toBe(vendor.sandbox.credentials.appKey);
    expect(headers?.get('accept')).toBe('application/json');
  });

  it.each(calls)('%s renews a refused token once for an authority, and leaves a bare token alone', async (operation, call) => {
    const token = await provider.application.token();
    vendor.sandbox.expireTokens();
    expect(await errorOf(call({ as: token }))).toMatchObject({ code: 'invalid_token', operation: `api.${operation}` });
    expect(vendor.sent).toHaveLength(1);
    await call(bearer).catch(() => {});
    expect(vendor.sent).toHaveLength(3);
    expect(vendor.sent[2]?.headers.get('finicity-app-token')).toBe(provider.application.peek()?.value);
  });

  it.each(calls)('%s sends nothing for a signal that has aborted', async (operation, call) => {
    const error = await errorOf(call({ ...bearer, signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', operation: `api.${operation}` });
    expect(vendor.sandbox.calls).toEqual([]);
  });

  it.each(calls)('%s tells status and headers', async (_, call) => {
    const status = await call(bearer)
      .withResponse()
      .then(
        ({ status, headers }) => (headers.has('date') ? status : 'no headers'),
        (error) => error.status,
      );
    expect(status).toBe(vendor.sandbox.calls.at(-1)?.status);
  });

  it.each(['', '.', '..', '1/../2', '17?limit=1', '%31', 'me', '17\n'])('takes no path from the id %j', async (id) => {
    for (const [operation, call] of calls.filter(([name]) => ABOUT_ONE.has(name)))
      expect(await errorOf(call(bearer, id))).toMatchObject({ code: 'invalid_request', operation: `api.${operation}` });
    expect(vendor.sandbox.calls).toEqual([]);
  });

  describe('answers', () => {
    const reply = (body: unknown): void => vendor.sandbox.faults.add({ method: 'GET', reply: answer(body) });

    it.each([
      ['1607450357', 1_607_450_357_000],
      [1_607_450_357, 1_607_450_357_000],
      [null, null],
      ['yesterday', null],
      ['', null],
      [{}, null],
      [undefined, null],
    ])('may have the date %j', async (createdDate, expected) => {
      reply({ id: 5, username: 'customer-17', type: 'active', createdDate });
      expect(await api.getCustomer('5', bearer)).toMatchObject({ id: '5', createdDate: expected });
    });

    it('may have members of other shapes where nothing depends on them', async () => {
      reply({
        accounts: [{ id: 5, customerId: 17, institutionId: 4222, name: 7, balance: 'much', institutionLoginId: {}, detail: { a: 1 } }],
      });
      const { accounts } = await api.getCustomerAccounts('17', bearer);
      expect(accounts).toMatchObject([
        { id: '5', customerId: '17', institutionId: '4222', name: null, balance: null, institutionLoginId: null },
      ]);
      expect(accounts[0]).not.toHaveProperty('detail');
      reply({ institution: { id: '5', voa: 'yes', branding: { logo: 'https://bank.example/logo.svg', icon: 1 }, newInstitutionId: 6 } });
      const { institution } = await api.getInstitution('5', bearer);
      expect(institution).toMatchObject({ id: '5', voa: false, newInstitutionId: '6', oauthInstitutionId: null });
      expect(institution.branding).toMatchObject({ logo: 'https://bank.example/logo.svg', icon: null });
    });

    it.each([{ id: 'five' }, { id: 5.5 }, { id: 2 ** 53 }, { id: '' }, { id: null }, {}])(
      'are invalid_response with %j for an id',
      async (id) => {
        reply({ username: 'customer-17', type: 'active', createdDate: '1', ...id });
        expect(await errorOf(api.getCustomer('5', bearer))).toMatchObject({ code: 'invalid_response' });
      },
    );
  });
});
