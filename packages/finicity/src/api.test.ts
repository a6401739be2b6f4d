import { beforeEach, describe, expect, it } from 'vitest';
import { DETAILS, PAGE, REPORT } from '../test/parameters.ts';
import { answer, errorOf, NEXT, openVendor, START, TOKENS, type Vendor } from '../test/vendor.ts';
import { TABLE } from './api/operations.ts';
import type { BearerOptions, FinicityApi, FinicityProvider } from './index.ts';

let vendor: Vendor;
let provider: FinicityProvider;
let api: FinicityApi;
let bearer: BearerOptions;
beforeEach(() => {
  vendor = openVendor({ plan: 'production' });
  provider = vendor.provider();
  ({ api } = provider);
  bearer = { as: provider.application };
});

/** Members that no operation knows. */
const MORE = { note: 'mine' };
const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

const credentials = (): { partnerId: string; partnerSecret: string } => {
  const { partnerId, partnerSecret } = vendor.sandbox.credentials;
  return { partnerId, partnerSecret };
};
const keyHeaders = (): object => {
  const { appKey } = vendor.sandbox.credentials;
  return { 'finicity-app-key': appKey, 'app-key': appKey };
};

describe('createToken', () => {
  it('posts the credentials of the call and nothing else, without a token, and resolves to the token alone', async () => {
    await provider.application.token();
    expect(await api.createToken({ ...credentials(), ...MORE })).toEqual({ token: expect.stringMatching(/^\w{20}$/) });
    const headers = { ...JSON_HEADERS, ...keyHeaders() };
    expect(vendor.tokensSent[1]).toEqual({ method: 'POST', path: TOKENS, query: {}, headers, body: credentials() });
    expect(await errorOf(api.createToken({ ...credentials(), partnerId: '1234567890123' }))).toMatchObject({ vendorCode: '12401' });
  });

  it.each<[string, string, string]>([
    ['no token', '{}', 'token should be'],
    ['a token that is no text', '{"token":{"value":"hunter2hunter2"}}', 'token should be string'],
    ['an empty token', '{"token":""}', 'token should be'],
    ['a list', '["hunter2hunter2"]', 'should be'],
    ['XML', '<access><token>hunter2hunter2</token></access>', 'the body should be'],
    ['nothing', '', 'the body should be'],
    ...['hunter2\nx', 'hunter2 x', ' hunter2', 'hunter2é'].map((token): [string, string, string] => [
      'no header',
      JSON.stringify({ token }),
      'token',
    ]),
  ])('rejects %s with invalid_response, naming the path and not the value: %j', async (_, body, path) => {
    vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });
    const error = await errorOf(api.createToken(credentials()));
    expect(error).toMatchObject({ code: 'invalid_response', status: 200, message: expect.stringContaining(path) });
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('modifyPartnerSecret', () => {
  it.each([{}, { immediate: true }, { immediate: false }])('puts the credentials and the new secret, with %j', async (options) => {
    const call = api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT, ...options, ...MORE });
    expect(await call.withResponse()).toMatchObject({ data: undefined, status: 204 });
    const headers = { ...JSON_HEADERS, ...keyHeaders() };
    const body = { ...credentials(), newPartnerSecret: NEXT, ...options };
    expect(vendor.sent).toEqual([{ method: 'PUT', path: TOKENS, query: {}, headers, body }]);
  });

  it('does not take the page of another server for a success', async () => {
    vendor.sandbox.faults.add({ reply: answer({}) });
    const error = await errorOf(api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT }));
    expect(error).toMatchObject({ code: 'outcome_unknown', operation: 'api.modifyPartnerSecret' });
  });
});

describe('an operation that needs a token', () => {
  const CUSTOMER = { username: 'customer-17', ...DETAILS };
  const CUSTOMERS = { username: 'customer-17', search: 'mer 17&', type: 'testing', start: 2, limit: 7 } as const;
  const BANKS = { search: 'FinBank Prof', type: 'voa', supportedCountries: 'us,ca', start: 2, limit: 7 } as const;
  const ACCOUNTS = { status: 'active', account_type: 'ava' };
  const LINK = { partnerId: '1', customerId: '2', redirectUri: 'https://app.example/callback', ...PAGE } as const;
  const LITE = { ...LINK, institutionId: '3' };
  const FIX = { ...LINK, institutionLoginId: '3' };
  const REPORT_LINK = { ...LINK, ...REPORT, fromDate: START + 999, optionalConsumerInfo: { ssn: '999999999', dob: -86_400_000 } };
  const REPORT_SENT = { ...LINK, ...REPORT, fromDate: START / 1000, optionalConsumerInfo: { ssn: '999999999', dob: -86_400 } };

  type Call = (options: BearerOptions, id?: string) => ReturnType<FinicityApi[keyof FinicityApi]>;
  /** What is called, and what the vendor gets of it: the method, the path, and the query or the body. */
  const CALLS: readonly (readonly [name: keyof FinicityApi, call: Call, method: string, path: string, content: object])[] = [
    [
      'addTestingCustomer',
      (as) => api.addTestingCustomer({ ...CUSTOMER, ...MORE }, as),
      'POST',
      'aggregation/v2/customers/testing',
      CUSTOMER,
    ],
    ['addCustomer', (as) => api.addCustomer({ ...CUSTOMER, ...MORE }, as), 'POST', 'aggregation/v2/customers/active', CUSTOMER],
    ['getCustomers', (as) => api.getCustomers({ ...CUSTOMERS, ...MORE }, as), 'GET', 'aggregation/v1/customers', CUSTOMERS],
    ['getCustomer', (as, id = '17') => api.getCustomer(id, as), 'GET', 'aggregation/v1/customers/17', {}],
    ['deleteCustomer', (as, id = '17') => api.deleteCustomer(id, as), 'DELETE', 'aggregation/v1/customers/17', {}],
    [
      'getCustomerAccounts',
      (as, id = '17') => api.getCustomerAccounts(id, { ...as, status: 'active', accountType: 'ava' }),
      'GET',
      'aggregation/v1/customers/17/accounts',
      ACCOUNTS,
    ],
    ['getInstitutions', (as) => api.getInstitutions({ ...BANKS, ...MORE }, as), 'GET', 'institution/v2/institutions', BANKS],
    ['getInstitution', (as, id = '102105') => api.getInstitution(id, as), 'GET', 'institution/v2/institutions/102105', {}],
    ['generateConnectUrl', (as) => api.generateConnectUrl({ ...REPORT_LINK, ...MORE }, as), 'POST', 'connect/v2/generate', REPORT_SENT],
    ['generateLiteConnectUrl', (as) => api.generateLiteConnectUrl({ ...LITE, ...REPORT }, as), 'POST', 'connect/v2/generate/lite', LITE],
    ['generateFixConnectUrl', (as) => api.generateFixConnectUrl({ ...FIX, ...REPORT }, as), 'POST', 'connect/v2/generate/fix', FIX],
  ];

  it('has a row here, unless it takes the partner secret', () => {
    const names = CALLS.map(([name]) => name);
    expect([...names, 'createToken', 'modifyPartnerSecret'].sort()).toEqual(Object.keys(TABLE).sort());
  });

  it('names the partner of the provider where none is passed', async () => {
    const { partnerSecret, partnerId } = vendor.sandbox.credentials;
    await api.createToken({ partnerSecret });
    await api.generateConnectUrl({ customerId: '2' }, bearer).catch(() => {});
    await api.modifyPartnerSecret({ partnerSecret, newPartnerSecret: NEXT });
    const named = expect.objectContaining({ partnerId });
    expect([...vendor.tokensSent.slice(0, 1), ...vendor.sent].map(({ body }) => body)).toEqual([named, named, named]);
  });

  it.each(CALLS)('%s sends what the vendor documents, and nothing else', async (_, call, method, path, content) => {
    const token = await provider.application.token();
    await call({ as: token }).catch(() => {});
    const tokenHeaders = { 'finicity-app-token': token.value, 'app-token': token.value };
    const headers = { ...(method === 'POST' ? JSON_HEADERS : { accept: 'application/json' }), ...keyHeaders(), ...tokenHeaders };
    const query = Object.fromEntries(Object.entries(content).map(([name, value]) => [name, String(value)]));
    const [inQuery, body] = method === 'POST' ? [{}, content] : [query, null];
    expect(vendor.sent).toEqual([{ method, path: `/${path}`, query: inQuery, headers, body }]);
  });

  it.each(CALLS)('%s renews a refused token once for an authority, and leaves a bare token alone', async (name, call) => {
    const token = await provider.application.token();
    vendor.sandbox.expireTokens();
    expect(await errorOf(call({ as: token }))).toMatchObject({ code: 'invalid_token', operation: `api.${name}` });
    expect(vendor.sent).toHaveLength(1);
    await call(bearer).catch(() => {});
    expect(vendor.sent).toHaveLength(3);
    expect(vendor.sent[2]?.headers['finicity-app-token']).toBe(provider.application.peek()?.value);
  });

  it.each(CALLS)('%s sends nothing for a signal that has aborted, and knows whether a lost answer matters', async (name, call) => {
    const operation = `api.${name}`;
    expect(await errorOf(call({ ...bearer, signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted', operation });
    expect(vendor.sandbox.calls).toEqual([]);
    await provider.application.token();
    vendor.sandbox.faults.add({ times: 9, reply: { kind: 'lost' } });
    const code = name.startsWith('add') ? 'outcome_unknown' : 'unavailable';
    expect(await errorOf(call(bearer))).toMatchObject({ code, operation });
    expect(vendor.sent).toHaveLength(1);
  });

  it.each(['', '.', '..', '1/../2', '17?limit=1', '%31', 'me', '17\n'])('takes no path from the id %j', async (id) => {
    for (const [name, call] of CALLS.filter(([, , , path]) => /\d$|accounts$/.test(path)))
      expect(await errorOf(call(bearer, id))).toMatchObject({ code: 'invalid_request', operation: `api.${name}` });
    expect(vendor.sandbox.calls).toEqual([]);
  });
});

describe('an answer', () => {
  const reply = (body: unknown): void => vendor.sandbox.faults.add({ method: 'GET', reply: answer(body) });
  /** An object that has these names, each with a value made of it. */
  const each = <T>(names: string, make: (name: string) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(names.split(' ').map((name) => [name, make(name)]));
  const LIST = { found: 9, displaying: 1, moreAvailable: true };

  it.each([
    ['addTestingCustomer', 'testing'],
    ['addCustomer', 'active'],
  ] as const)('to %s is the new customer, whom getCustomer shows with null for what is absent, and deleteCustomer ends', async (...row) => {
    const [operation, type] = row;
    const created = await api[operation]({ username: 'customer-17', firstName: 'A' }, bearer);
    expect(created).toEqual({ id: expect.stringMatching(/^\d+$/), username: 'customer-17', createdDate: START });
    const absent = each('lastName phone email applicationId lastModifiedDate', () => null);
    const customer = { ...created, ...absent, type, firstName: 'A' };
    expect(await api.getCustomer(created.id, bearer)).toEqual(customer);
    const page = { found: 1, displaying: 1, moreAvailable: false };
    expect(await api.getCustomers({}, bearer)).toEqual({ ...page, customers: [customer] });
    expect(await api.deleteCustomer(created.id, bearer)).toBeUndefined();
    expect(await errorOf(api.deleteCustomer(created.id, bearer))).toMatchObject({ code: 'not_found', operation: 'api.deleteCustomer' });
  });

  it('to the three requests for a link is the link', async () => {
    const { id: customerId } = await api.addTestingCustomer({ username: 'customer-17' }, bearer);
    const link = { partnerId: vendor.sandbox.credentials.partnerId, customerId };
    const { link: url } = await api.generateConnectUrl(link, bearer);
    await vendor.visit(`${url}&auto=approve`);
    const [account] = (await api.getCustomerAccounts(customerId, bearer)).accounts;
    expect(account).toMatchObject({
      customerId,
      createdDate: START,
      balance: expect.any(Number),
      currency: 'USD',
      linkedAccountDate: null,
    });
    const lite = await api.generateLiteConnectUrl({ ...link, institutionId: '102105' }, bearer);
    const fix = await api.generateFixConnectUrl({ ...link, institutionLoginId: account?.institutionLoginId ?? '' }, bearer);
    for (const one of [url, lite.link, fix.link]) expect(one).toMatch(/^http.*signature=[0-9a-f]{64}/);
  });

  it.each<[unknown, number | null]>([
    ['1607450357', 1_607_450_357_000],
    [1_607_450_357, 1_607_450_357_000],
    ...[null, 'yesterday', '', {}, undefined, '1234567890123'].map((date): [unknown, null] => [date, null]),
  ])('may have the date %j', async (createdDate, expected) => {
    reply({ id: 5, username: 'customer-17', type: 'active', createdDate });
    expect(await api.getCustomer('5', bearer)).toMatchObject({ id: '5', createdDate: expected });
  });

  it.each([{ id: 'five' }, { id: 5.5 }, { id: 2 ** 53 }, { id: '' }, { id: null }, {}])('is refused with %j for an id', async (id) => {
    reply({ username: 'customer-17', type: 'active', createdDate: '1', ...id });
    expect(await errorOf(api.getCustomer('5', bearer))).toMatchObject({ code: 'invalid_response', operation: 'api.getCustomer' });
  });

  it.each([
    ['getCustomers', { ...LIST, moreAvailable: undefined, customers: [] }],
    ['getCustomers', { ...LIST, customers: [{ id: '5' }] }],
    ['getInstitutions', { ...LIST, moreAvailable: 'yes', institutions: [] }],
  ] as const)('to %s is refused with %j, because pages depend on it', async (operation, body) => {
    reply(body);
    expect(await errorOf(api[operation]({}, bearer))).toMatchObject({ code: 'invalid_response' });
  });

  it('about accounts has every documented member, and null for one of another shape', async () => {
    const TEXTS = 'name accountNickname number accountNumberDisplay realAccountNumberLast4 type status marketSegment currency';
    const NUMBERS = 'balance aggregationStatusCode displayPosition';
    const DATES = 'balanceDate aggregationAttemptDate aggregationSuccessDate createdDate lastUpdatedDate linkedAccountDate';
    const IDS = 'id customerId institutionId';
    const OTHER_IDS = 'institutionLoginId parentAccount';
    const optional = each(TEXTS, (name) => name);
    const whole = { ...optional, ...each(NUMBERS, () => 7), ...each(DATES, () => 8), ...each(`${IDS} ${OTHER_IDS}`, () => 9) };
    const broken = { ...each(`${TEXTS} ${NUMBERS} ${DATES} ${OTHER_IDS}`, () => ({})), ...each(IDS, () => '9') };
    reply({ accounts: [{ ...whole, detail: { a: 1 } }, broken] });
    expect((await api.getCustomerAccounts('17', bearer)).accounts).toEqual([
      { ...whole, ...each(DATES, () => 8_000), ...each(`${IDS} ${OTHER_IDS}`, () => '9') },
      { ...each(`${TEXTS} ${NUMBERS} ${DATES} ${OTHER_IDS}`, () => null), ...each(IDS, () => '9') },
    ]);
  });

  it('about banks has every documented member, and null or false for one of another shape', async () => {
    const TEXTS = 'name displayName status currency accountTypeDescription class phone email urlHomeApp urlLogonApp specialText timeZone';
    const FLAGS = 'oauthEnabled transAgg ach stateAgg voi voa aha availBalance accountOwner';
    const OTHER_IDS = 'newInstitutionId oauthInstitutionId';
    const branding = each('logo alternateLogo icon primaryColor tile', (name) => name);
    const whole = { ...each(TEXTS, (name) => name), ...each(FLAGS, () => true), branding, ...each(`id ${OTHER_IDS}`, () => 9) };
    const expected = { ...whole, ...each(`id ${OTHER_IDS}`, () => '9') };
    reply({ institution: { ...whole, detail: 1 } });
    expect(await api.getInstitution('9', bearer)).toEqual({ institution: expected });
    const broken = { id: '9', ...each(`${TEXTS} ${FLAGS} ${OTHER_IDS} branding`, () => -1.5) };
    reply({
      ...LIST,
      found: 'many',
      displaying: {},
      createdDate: 8,
      institutions: [{ ...whole, branding: { ...branding, icon: 1 } }, broken],
    });
    expect(await api.getInstitutions({}, bearer)).toEqual({
      ...{ found: null, displaying: null, moreAvailable: true, createdDate: 8_000 },
      institutions: [
        { ...expected, branding: { ...branding, icon: null } },
        { id: '9', ...each(`${TEXTS} ${OTHER_IDS} branding`, () => null), ...each(FLAGS, () => false) },
      ],
    });
  });

  it('is not_found for a bank that nobody knows', async () => {
    expect(await errorOf(api.getInstitution('1', bearer))).toMatchObject({ code: 'not_found', vendorCode: '14006' });
  });
});
