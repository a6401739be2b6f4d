import { type FakeClock, fakeClock } from '@auth/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox } from './sandbox.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1000;
const CUSTOMERS = '/aggregation/v1/customers';
const TESTING = '/aggregation/v2/customers/testing';
const ACTIVE = '/aggregation/v2/customers/active';
const GENERATE = '/connect/v2/generate';
const BACK = 'https://product.example/back?step=2';
const BODY_FIELDS = 'One or more of the fields could not be validated. Please ensure you have entered the correct data.';

let clock: FakeClock;
let sandbox: FinicitySandbox;
let token: string;

const send = (method: string, path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Response> =>
  sandbox.fetch(`https://api.finicity.com${path}`, {
    method,
    headers: {
      'finicity-app-key': sandbox.credentials.appKey,
      'finicity-app-token': token,
      accept: 'application/json',
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const create = async (options: FinicitySandboxOptions = {}): Promise<void> => {
  clock = fakeClock({ now: NOW });
  sandbox = finicitySandbox({ clock, ...options });
  token = '';
  const { partnerId, partnerSecret } = sandbox.credentials;
  ({ token } = await (await send('POST', '/aggregation/v2/partners/authentication', { partnerId, partnerSecret })).json());
};
beforeEach(() => create());

const answer = async (response: Response): Promise<unknown[]> => [response.status, await response.text()];
const error = (status: number, code: number | string, message: string): unknown[] => [status, JSON.stringify({ code, message })];
const enroll = async (username: string, more: object = {}, path = TESTING): Promise<string> => {
  const response = await send('POST', path, { username, ...more });
  expect(response.status).toBe(201);
  return (await response.json()).id;
};
const accountsOf = async (id: string, query = ''): Promise<Record<string, unknown>[]> => {
  const response = await send('GET', `${CUSTOMERS}/${id}/accounts${query}`);
  expect(response.status).toBe(200);
  return (await response.json()).accounts;
};

describe('a customer', () => {
  it('is enrolled with a date that is a number, and shown with one that is a text', async () => {
    const response = await send('POST', TESTING, { username: 'customer1', firstName: 'Ada', phone: null });
    expect(response.status).toBe(201);
    const { id, ...rest } = await response.json();
    expect(rest).toEqual({ username: 'customer1', createdDate: SECONDS });
    expect(await (await send('GET', `${CUSTOMERS}/${id}`)).json()).toEqual({
      id,
      username: 'customer1',
      firstName: 'Ada',
      type: 'testing',
      createdDate: String(SECONDS),
    });
  });

  it('needs a username of his own', async () => {
    await enroll('customer1');
    expect(await answer(await send('POST', TESTING, { username: 'customer1' }))).toEqual(
      error(409, '110002', 'Username is not available.'),
    );
  });

  it.each([
    [{}, 10005, 'Missing parameter (username)'],
    [{ username: ' ' }, 10005, 'Missing parameter (username)'],
    [{ username: 'short' }, 110039, 'Username is not as per the policy.'],
    [{ username: 'with space' }, 110039, 'Username is not as per the policy.'],
    [{ username: 'x'.repeat(256) }, 110039, 'Username is not as per the policy.'],
    [{ username: 42 }, 14020, 'Bad request.'],
    [{ username: 'customer1', email: {} }, 14020, 'Bad request.'],
    ['<customer><username>customer1</username></customer>', 14020, 'Bad request.'],
  ])('is not enrolled with %j', async (body, code, message) => {
    expect(await answer(await send('POST', TESTING, body))).toEqual(error(400, code, message));
  });

  it('cannot be an active one on the test plan, whatever is sent', async () => {
    expect(await answer(await send('POST', ACTIVE, 'no JSON'))).toEqual([401, '']);
  });

  it('can be of both types on the production plan', async () => {
    await create({ plan: 'production' });
    const id = await enroll('customer1', {}, ACTIVE);
    await enroll('customer2');
    expect(await (await send('GET', `${CUSTOMERS}/${id}`)).json()).toMatchObject({ type: 'active' });
  });

  it('is one of at most 500 for tests', async () => {
    for (let count = 0; count < 500; count += 1) await enroll(`customer${count}`);
    expect((await send('POST', TESTING, { username: 'customer500' })).status).toBe(400);
    await send('DELETE', `${CUSTOMERS}/5000000001`);
    await enroll('customer500');
  });

  it('is gone when deleted, with his accounts, and frees his username', async () => {
    const id = await enroll('customer1');
    await sandbox.fetch(`${await linkFor(id)}&auto=approve`);
    expect(await accountsOf(id)).toHaveLength(2);
    expect(await answer(await send('DELETE', `${CUSTOMERS}/${id}`))).toEqual([204, '']);
    for (const [method, path] of [
      ['GET', `${CUSTOMERS}/${id}`],
      ['DELETE', `${CUSTOMERS}/${id}`],
      ['GET', `${CUSTOMERS}/${id}/accounts`],
    ] as const) {
      expect(await answer(await send(method, path))).toEqual(error(404, 14001, 'Customer not found.'));
    }
    expect(await accountsOf(await enroll('customer1'))).toEqual([]);
  });

  it('is not deleted by what cannot be an id', async () => {
    expect(await answer(await send('DELETE', `${CUSTOMERS}/x1`))).toEqual(error(400, 14023, 'Invalid customer id. customerId = x1'));
  });

  it('is forgotten by reset', async () => {
    const id = await enroll('customer1');
    sandbox.reset();
    ({ token } = await (await send('POST', '/aggregation/v2/partners/authentication', sandbox.credentials)).json());
    expect((await send('GET', `${CUSTOMERS}/${id}`)).status).toBe(404);
    await enroll('customer1');
  });

  it.each([
    ['POST', TESTING],
    ['POST', ACTIVE],
    ['GET', CUSTOMERS],
    ['GET', `${CUSTOMERS}/1`],
    ['DELETE', `${CUSTOMERS}/1`],
    ['GET', `${CUSTOMERS}/1/accounts`],
    ['POST', GENERATE],
    ['POST', `${GENERATE}/lite`],
    ['POST', `${GENERATE}/fix`],
  ])('is nobody’s without a token: %s %s', async (method, path) => {
    expect(await answer(await send(method, path, undefined, { 'finicity-app-token': '' }))).toEqual(
      error(401, 10024, 'Missing parameter (Finicity-App-Token)'),
    );
  });
});

describe('the list of customers', () => {
  beforeEach(async () => {
    await create({ plan: 'production' });
    await enroll('first.one', { firstName: 'Ada', lastName: 'Example' });
    await enroll('second.one', {}, ACTIVE);
    await enroll('third.one', { firstName: 'Bob' });
  });
  const list = async (query: string): Promise<Record<string, unknown>> => {
    const { customers, ...counts } = await (await send('GET', CUSTOMERS + query)).json();
    return { ...counts, usernames: customers.map(({ username }: { username: string }) => username) };
  };

  it.each([
    ['', 3, ['first.one', 'second.one', 'third.one'], false],
    ['?limit=2', 3, ['first.one', 'second.one'], true],
    ['?limit=2&start=2', 3, ['second.one', 'third.one'], false],
    ['?limit=1&start=2', 3, ['second.one'], true],
    ['?start=9', 3, [], false],
    ['?search=ONE', 3, ['first.one', 'second.one', 'third.one'], false],
    ['?search=ada%20ex', 1, ['first.one'], false],
    ['?search=nobody', 0, [], false],
    ['?username=third.one', 1, ['third.one'], false],
    ['?username=third', 0, [], false],
    ['?type=active', 1, ['second.one'], false],
    ['?type=testing&username=second.one', 0, [], false],
  ])('is searched and paged, %j', async (query, found, usernames, moreAvailable) => {
    expect(await list(query)).toEqual({ found, displaying: usernames.length, moreAvailable, usernames });
  });

  it.each([
    ['?type=sleeping', 14016, 'Invalid customer type.'],
    ['?start=0', 41003, 'Start index cannot be less than one.'],
    ['?limit=0', 41004, 'Limit cannot be less than one.'],
    ['?limit=1001', 14020, 'Bad request.'],
    ['?start=x', 14020, 'Bad request.'],
  ])('is refused for %s', async (query, code, message) => {
    expect(await answer(await send('GET', CUSTOMERS + query))).toEqual(error(400, code, message));
  });
});

const linkFor = async (customerId: string, more: object = {}, path = GENERATE): Promise<string> => {
  const response = await send('POST', path, { partnerId: sandbox.credentials.partnerId, customerId, ...more });
  expect(response.status).toBe(200);
  return (await response.json()).link;
};
const press = (link: string, form: Record<string, string>): Promise<Response> =>
  sandbox.fetch(link, { method: 'POST', body: new URLSearchParams(form) });
const landing = (response: Response): [number, string, Record<string, string>] => {
  const location = new URL(response.headers.get('location') ?? 'nowhere:');
  return [response.status, location.origin + location.pathname, Object.fromEntries(location.searchParams)];
};

describe('a Connect link', () => {
  let customer: string;
  beforeEach(async () => {
    customer = await enroll('customer1');
  });

  it('is at the host it was asked of, signed and good for two hours', async () => {
    const { origin, pathname, searchParams } = new URL(await linkFor(customer, { redirectUri: BACK, singleUseUrl: true }));
    expect([origin, pathname]).toEqual(['https://api.finicity.com', '/connect']);
    expect(Object.fromEntries(searchParams)).toEqual({
      customerId: customer,
      origin: 'url',
      partnerId: sandbox.credentials.partnerId,
      redirectUri: BACK,
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      singleUseUrl: 'true',
      timestamp: String(NOW),
      ttl: String(NOW + 2 * HOUR),
    });
  });

  it.each([
    [{ partnerId: '1' }, 'Invalid "partnerId" in request body'],
    [{ partnerId: undefined }, '"partnerId" is required'],
    [{ customerId: undefined }, '"customerId" is required'],
    [{ customerId: 5 }, '"customerId" must be a string'],
    [{ customerId: '1234' }, 'Request failed with status code 404 GET /aggregation/v1/customers/1234'],
    [{ redirectUri: 'product' }, '"redirectUri" must be a valid uri'],
    [{ redirectUri: 'javascript:alert(1)' }, '"redirectUri" must be a valid uri'],
    [{ redirectUri: 'http:product.example/back' }, '"redirectUri" must be a valid uri'],
    [{ redirectUri: 'https://product.example/back\n' }, '"redirectUri" must be a valid uri'],
    [{ isWebView: true }, '"redirectUri" is required'],
    [{ experience: 'mine' }, '"experience" must be a valid GUID'],
    [{ singleUseUrl: 'yes' }, '"singleUseUrl" must be a boolean'],
  ])('is not made for %j', async (changes, message) => {
    const body = { partnerId: sandbox.credentials.partnerId, customerId: customer, ...changes };
    const response = await send('POST', GENERATE, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: '10010', status: '400', message, user_message: BODY_FIELDS, tags: '' });
  });

  it('shows the banks of a testing customer, without an app key', async () => {
    const response = await sandbox.fetch(await linkFor(customer));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const text = await response.text();
    expect(text).toContain('FinBank Profiles - A');
    for (const other of ['Billable', 'Offline', 'Decertified']) expect(text).not.toContain(other);
  });

  it('shows the billable banks to an active customer', async () => {
    await create({ plan: 'production' });
    const text = await (await sandbox.fetch(await linkFor(await enroll('customer2', {}, ACTIVE)))).text();
    expect(text).toContain('FinBank Billable');
    expect(text).not.toContain('Profiles');
  });

  it('brings accounts when approved, and the customer back', async () => {
    const response = await press(await linkFor(customer, { redirectUri: BACK }), { decision: 'approve', institutionId: '102105' });
    expect(landing(response)).toEqual([
      302,
      'https://product.example/back',
      { step: '2', success: 'true', code: '200', reason: 'complete', customerId: customer },
    ]);
    const accounts = await accountsOf(customer);
    expect(accounts.map(({ type, institutionId, customerId, createdDate }) => [type, institutionId, customerId, createdDate])).toEqual([
      ['checking', '102105', customer, SECONDS],
      ['savings', '102105', customer, SECONDS],
    ]);
    expect(new Set(accounts.map(({ institutionLoginId }) => institutionLoginId)).size).toBe(1);
  });

  it('filters accounts by their status, and knows one account type', async () => {
    await sandbox.fetch(`${await linkFor(customer)}&auto=approve`);
    expect(await accountsOf(customer, '?status=pending')).toEqual([]);
    expect(await accountsOf(customer, '?status=active&account_type=ava')).toHaveLength(2);
    expect(await answer(await send('GET', `${CUSTOMERS}/${customer}/accounts?account_type=x`))).toEqual(
      error(400, 14020, 'Bad request. (Account type not supported).'),
    );
  });

  it('brings the same bank once only', async () => {
    const link = await linkFor(customer);
    await press(link, { decision: 'approve', institutionId: '102105' });
    await press(link, { decision: 'approve', institutionId: '102105' });
    await press(link, { decision: 'approve', institutionId: '101732' });
    expect(await accountsOf(customer)).toHaveLength(4);
  });

  it('brings nothing when cancelled, and the customer back', async () => {
    const response = await press(await linkFor(customer, { redirectUri: BACK }), { decision: 'cancel', institutionId: '102105' });
    expect(landing(response)).toEqual([
      302,
      'https://product.example/back',
      { step: '2', success: 'false', code: '100', reason: 'exit', customerId: customer },
    ]);
    expect(await accountsOf(customer)).toEqual([]);
  });

  it('ends on a page where there is nowhere to go back to', async () => {
    const response = await press(await linkFor(customer), { decision: 'approve', institutionId: '102105' });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Your accounts are connected');
  });

  it.each([
    ['approve', 'complete', 2],
    ['cancel', 'exit', 0],
  ])('is decided by its address with auto=%s', async (auto, reason, accounts) => {
    const response = await sandbox.fetch(`${await linkFor(customer, { redirectUri: BACK })}&auto=${auto}`, { redirect: 'manual' });
    expect(landing(response)[2]).toMatchObject({ reason });
    expect(await accountsOf(customer)).toHaveLength(accounts);
  });

  it('is not decided by a HEAD request', async () => {
    expect((await sandbox.fetch(`${await linkFor(customer)}&auto=approve`, { method: 'HEAD' })).status).toBe(200);
    expect(await accountsOf(customer)).toEqual([]);
  });

  it.each([
    {},
    { decision: 'approve' },
    { decision: 'approve', institutionId: '171011' },
    { decision: 'perhaps', institutionId: '102105' },
  ])('is not decided by %j', async (form) => {
    // The undefined members of the union are absent at runtime.
    expect((await press(await linkFor(customer), form as Record<string, string>)).status).toBe(400);
    expect(await accountsOf(customer)).toEqual([]);
  });

  it('works once when it is for single use, but a cancelled session does not count', async () => {
    const link = await linkFor(customer, { singleUseUrl: true, redirectUri: BACK });
    expect((await press(link, { decision: 'cancel' })).status).toBe(302);
    expect((await press(link, { decision: 'approve', institutionId: '102105' })).status).toBe(302);
    const again = await sandbox.fetch(link);
    expect(again.status).toBe(410);
    expect(await again.text()).toContain('This link was used');
    expect((await sandbox.fetch(await linkFor(customer, { singleUseUrl: true, redirectUri: BACK }))).status).toBe(200);
  });

  it('works once for single use, even in two visits at once', async () => {
    const link = await linkFor(customer, { singleUseUrl: true, redirectUri: BACK });
    const read: Promise<void>[] = [];
    const visits = ['102105', '102168'].map((institutionId) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      read.push(promise);
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
        resolve();
        await Promise.all(read);
        controller.enqueue(new TextEncoder().encode(`decision=approve&institutionId=${institutionId}`));
        controller.close();
      };
      const body = new ReadableStream({ pull }, { highWaterMark: 0 });
      return sandbox.fetch(link, { method: 'POST', body, duplex: 'half' } as RequestInit); // `duplex` is missing in the type
    });
    expect((await Promise.all(visits)).map(({ status }) => status).sort()).toEqual([302, 410]);
    expect(await accountsOf(customer)).toHaveLength(2);
  });

  it('tells whole milliseconds, however the clock was moved', async () => {
    sandbox.advance(0.5);
    expect(new URL(await linkFor(customer)).searchParams.get('timestamp')).toBe(String(NOW));
  });

  it('expires after two hours', async () => {
    const link = await linkFor(customer);
    clock.advance(2 * HOUR - 1);
    expect((await sandbox.fetch(link)).status).toBe(200);
    clock.advance(1);
    const response = await sandbox.fetch(link);
    expect([response.status, await response.text()]).toEqual([410, expect.stringContaining('This link has expired')]);
  });

  it.each(['redirectUri', 'customerId', 'ttl', 'signature', 'institutionId'])('is worthless with another %s', async (name) => {
    const link = new URL(await linkFor(customer, { redirectUri: BACK }));
    link.searchParams.set(name, 'https://thief.example/');
    const response = await press(link.href, { decision: 'approve', institutionId: '102105' });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('not genuine')]);
  });

  it('is worthless without a customer', async () => {
    const link = await linkFor(customer);
    await send('DELETE', `${CUSTOMERS}/${customer}`);
    expect((await sandbox.fetch(link)).status).toBe(404);
  });

  it('can name one bank', async () => {
    const link = await linkFor(customer, { institutionId: 102168 }, `${GENERATE}/lite`);
    expect(Object.fromEntries(new URL(link).searchParams)).toMatchObject({ institutionId: '102168', type: 'lite' });
    expect((await (await sandbox.fetch(link)).text()).match(/type="radio"/g)).toHaveLength(1);
    await sandbox.fetch(`${link}&auto=approve`);
    expect((await accountsOf(customer)).map(({ institutionId }) => institutionId)).toEqual(['102168', '102168']);
  });

  it('can mend a login of the customer, and of nobody else', async () => {
    await sandbox.fetch(`${await linkFor(customer)}&auto=approve`);
    const [account] = await accountsOf(customer);
    const mend = { institutionLoginId: account?.['institutionLoginId'] };
    const response = await sandbox.fetch(`${await linkFor(customer, mend, `${GENERATE}/fix`)}&auto=approve`);
    expect(response.status).toBe(200);
    expect(await accountsOf(customer)).toHaveLength(2);
    const { partnerId } = sandbox.credentials;
    const other = await enroll('customer2');
    expect((await send('POST', `${GENERATE}/fix`, { partnerId, customerId: other, ...mend })).status).toBe(400);
  });

  it.each([undefined, 'x', 1])('is not made for the bank %j', async (institutionId) => {
    const body = { partnerId: sandbox.credentials.partnerId, customerId: customer, institutionId };
    expect(await (await send('POST', `${GENERATE}/lite`, body)).json()).toMatchObject({ code: '10010' });
  });
});
