import { beforeEach, describe, expect, it } from 'vitest';
import { APP, browser, parametersOf } from '../../test/browser.ts';
import { type Answer, type Caller, finicityCaller, HOUR, ORIGIN, refusal, START } from '../../test/finicity-caller.ts';
import type { FinicitySandboxOptions } from './sandbox.ts';

const CUSTOMERS = '/aggregation/v1/customers';
const TESTING = '/aggregation/v2/customers/testing';
const ACTIVE = '/aggregation/v2/customers/active';
const GENERATE = '/connect/v2/generate';
const BACK = `${APP}?step=2`;
const NOT_FOUND = refusal(404, 14001, 'Customer not found.');
const SECONDS = START / 1000;
/** What a bank's checking and savings account can be told by. */
type Account = Readonly<Record<'type' | 'institutionId' | 'customerId' | 'createdDate' | 'institutionLoginId', unknown>>;

let caller: Caller;
let token: string;
const create = async (options: FinicitySandboxOptions = {}): Promise<void> => {
  caller = finicityCaller(options);
  token = await caller.token();
};
beforeEach(() => create());

const send = (method: string, path: string, sent?: object | string): Promise<Answer> =>
  caller.send(method, path, sent, { 'finicity-app-token': token });
const enroll = async (username: string, more: object = {}, path = TESTING): Promise<string> => {
  const { status, body } = await send('POST', path, { username, ...more });
  expect(status).toBe(201);
  return String(body['id']);
};
const accountsOf = async (id: string, query = ''): Promise<readonly Account[]> =>
  (await send('GET', `${CUSTOMERS}/${id}/accounts${query}`)).body['accounts'] as readonly Account[]; // JSON from our own sandbox
const generate = (customerId: unknown, more: object = {}, path = GENERATE): Promise<Answer> =>
  send('POST', path, { partnerId: caller.sandbox.credentials.partnerId, customerId, ...more });
const linkFor = async (customerId: string, more?: object, path?: string): Promise<string> =>
  String((await generate(customerId, more, path)).body['link']);
const { open, submit } = browser((url, init) => caller.sandbox.fetch(url, init));
const approve = (link: string, institutionId = '102105'): Promise<Response> => submit(link, { decision: 'approve', institutionId });

describe('a customer', () => {
  it('is enrolled with a date that is a number, and shown with one that is a text', async () => {
    const { status, body } = await send('POST', TESTING, { username: 'customer1', firstName: 'Ada', phone: null });
    const { id, ...rest } = body;
    expect([status, rest]).toEqual([201, { username: 'customer1', createdDate: SECONDS }]);
    const shown = { id, username: 'customer1', firstName: 'Ada', type: 'testing', createdDate: String(SECONDS) };
    expect((await send('GET', `${CUSTOMERS}/${id}`)).body).toEqual(shown);
  });

  it.each<[object | string, number, number | string, string]>([
    [{ username: 'customer1' }, 409, '110002', 'Username is not available.'],
    [{}, 400, 10005, 'Missing parameter (username)'],
    [{ username: ' ' }, 400, 10005, 'Missing parameter (username)'],
    [{ username: 'short' }, 400, 110039, 'Username is not as per the policy.'],
    [{ username: 'with space' }, 400, 110039, 'Username is not as per the policy.'],
    [{ username: 'x'.repeat(256) }, 400, 110039, 'Username is not as per the policy.'],
    [{ username: 42 }, 400, 14020, 'Bad request.'],
    [{ username: 'customer2', email: {} }, 400, 14020, 'Bad request.'],
    ['<customer><username>customer2</username></customer>', 400, 14020, 'Bad request.'],
  ])('is not enrolled with %j', async (sent, status, code, message) => {
    await enroll('customer1');
    expect(await send('POST', TESTING, sent)).toMatchObject(refusal(status, code, message));
  });

  it('cannot be an active one on the test plan, whatever is sent, and can be of both types on the other', async () => {
    expect(await send('POST', ACTIVE, 'no JSON')).toMatchObject({ status: 401, text: '' });
    await create({ plan: 'production' });
    const id = await enroll('customer1', {}, ACTIVE);
    await enroll('customer2');
    expect((await send('GET', `${CUSTOMERS}/${id}`)).body['type']).toBe('active');
  });

  it('is one of at most 500 for tests', async () => {
    for (let count = 0; count < 500; count += 1) await enroll(`customer${count}`);
    expect((await send('POST', TESTING, { username: 'customer500' })).status).toBe(400);
    await send('DELETE', `${CUSTOMERS}/5000000001`);
    await enroll('customer500');
  });

  it('is gone when deleted, with his accounts, and frees his username', async () => {
    const id = await enroll('customer1');
    await open(`${await linkFor(id)}&auto=approve`);
    expect(await accountsOf(id)).toHaveLength(2);
    expect(await send('DELETE', `${CUSTOMERS}/${id}`)).toMatchObject({ status: 204, text: '' });
    for (const [method, suffix] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/accounts'],
    ] as const)
      expect(await send(method, `${CUSTOMERS}/${id}${suffix}`)).toMatchObject(NOT_FOUND);
    expect(await accountsOf(await enroll('customer1'))).toEqual([]);
  });

  it('is not deleted by what cannot be an id', async () => {
    expect(await send('DELETE', `${CUSTOMERS}/x1`)).toMatchObject(refusal(400, 14023, 'Invalid customer id. customerId = x1'));
  });

  it('is forgotten by reset, and ids come again', async () => {
    const id = await enroll('customer1');
    caller.sandbox.reset();
    token = await caller.token();
    expect(await send('GET', `${CUSTOMERS}/${id}`)).toMatchObject(NOT_FOUND);
    expect(await enroll('customer1')).toBe(id);
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
    expect(await caller.send(method, path)).toMatchObject(refusal(401, 10024, 'Missing parameter (Finicity-App-Token)'));
  });
});

describe('the list of customers', () => {
  beforeEach(async () => {
    await create({ plan: 'production' });
    await enroll('first.one', { firstName: 'Ada', lastName: 'Example' });
    await enroll('second.one', {}, ACTIVE);
    await enroll('third.one', { firstName: 'Bob' });
  });

  it.each<[string, number, readonly string[], boolean]>([
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
    const { body } = await send('GET', CUSTOMERS + query);
    const customers = usernames.map((username) => expect.objectContaining({ username }));
    expect(body).toEqual({ found, displaying: usernames.length, moreAvailable, customers });
  });

  it.each([
    ['?type=sleeping', 14016, 'Invalid customer type.'],
    ['?start=0', 41003, 'Start index cannot be less than one.'],
    ['?limit=0', 41004, 'Limit cannot be less than one.'],
    ['?limit=1001', 14020, 'Bad request.'],
    ['?start=x', 14020, 'Bad request.'],
  ])('is refused for %s', async (query, code, message) => {
    expect(await send('GET', CUSTOMERS + query)).toMatchObject(refusal(400, code, message));
  });
});

describe('a Connect link', () => {
  let customer: string;
  beforeEach(async () => {
    customer = await enroll('customer1');
  });

  it('is at the host it was asked of, signed and good for two hours, in whole milliseconds', async () => {
    caller.sandbox.advance(0.5);
    const { origin, pathname, searchParams } = new URL(await linkFor(customer, { redirectUri: BACK, singleUseUrl: true, isWebView: true }));
    expect([origin, pathname]).toEqual([ORIGIN, '/connect']);
    expect(Object.fromEntries(searchParams)).toEqual({
      ...{ customerId: customer, origin: 'url', partnerId: caller.sandbox.credentials.partnerId, redirectUri: BACK, singleUseUrl: 'true' },
      ...{ signature: expect.stringMatching(/^[0-9a-f]{64}$/), timestamp: String(START), ttl: String(START + 2 * HOUR) },
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
    const { status, body } = await generate(customer, changes);
    const user_message = 'One or more of the fields could not be validated. Please ensure you have entered the correct data.';
    expect([status, body]).toEqual([400, { code: '10010', status: '400', message, user_message, tags: '' }]);
  });

  it.each([
    [undefined, '"institutionId" is required'],
    ['x', '"institutionId" must be a number'],
  ])('is not made for the bank %j', async (institutionId, message) => {
    expect((await generate(customer, { institutionId }, `${GENERATE}/lite`)).body).toMatchObject({ code: '10010', message });
    expect((await generate(customer, { institutionId: 1 }, `${GENERATE}/lite`)).body).toMatchObject({ code: '10010' });
  });

  it.each([
    ['testing', ['FinBank Profiles - A'], ['Billable', 'Offline', 'Decertified']],
    ['active', ['FinBank Billable'], ['Profiles']],
  ] as const)('shows the banks of a customer who is %s, without an app key', async (type, shown, hidden) => {
    await create({ plan: 'production' });
    const response = await open(await linkFor(await enroll('customer2', {}, type === 'active' ? ACTIVE : TESTING)));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const text = await response.text();
    for (const name of shown) expect(text).toContain(name);
    for (const name of hidden) expect(text).not.toContain(name);
  });

  it('brings accounts when approved, and the customer back', async () => {
    const back = parametersOf(await approve(await linkFor(customer, { redirectUri: BACK })));
    expect(back).toEqual({ step: '2', success: 'true', code: '200', reason: 'complete', customerId: customer });
    const accounts = await accountsOf(customer);
    const account = { institutionId: '102105', customerId: customer, createdDate: SECONDS };
    expect(accounts).toMatchObject([
      { type: 'checking', ...account },
      { type: 'savings', ...account },
    ]);
    expect(new Set(accounts.map(({ institutionLoginId }) => institutionLoginId)).size).toBe(1);
  });

  it('brings accounts that are filtered by their status, and by the one known type', async () => {
    await open(`${await linkFor(customer)}&auto=approve`);
    expect(await accountsOf(customer, '?status=pending')).toEqual([]);
    expect(await accountsOf(customer, '?status=active&account_type=ava')).toHaveLength(2);
    const refused = await send('GET', `${CUSTOMERS}/${customer}/accounts?account_type=x`);
    expect(refused).toMatchObject(refusal(400, 14020, 'Bad request. (Account type not supported).'));
  });

  it('brings the same bank once only', async () => {
    const link = await linkFor(customer);
    for (const institutionId of ['102105', '102105', '101732']) await approve(link, institutionId);
    expect(await accountsOf(customer)).toHaveLength(4);
  });

  it('brings nothing when cancelled, and the customer back', async () => {
    const back = parametersOf(
      await submit(await linkFor(customer, { redirectUri: BACK }), { decision: 'cancel', institutionId: '102105' }),
    );
    expect(back).toEqual({ step: '2', success: 'false', code: '100', reason: 'exit', customerId: customer });
    expect(await accountsOf(customer)).toEqual([]);
  });

  it('ends on a page where there is nowhere to go back to', async () => {
    const response = await approve(await linkFor(customer));
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Your accounts are connected')]);
  });

  it('is decided by its address with auto, but not by a HEAD request', async () => {
    const link = await linkFor(customer, { redirectUri: BACK });
    expect((await open(`${link}&auto=approve`, { method: 'HEAD' })).status).toBe(200);
    expect(parametersOf(await open(`${link}&auto=cancel`))).toMatchObject({ reason: 'exit' });
    expect(await accountsOf(customer)).toEqual([]);
    expect(parametersOf(await open(`${link}&auto=approve`))).toMatchObject({ reason: 'complete' });
    expect(await accountsOf(customer)).toHaveLength(2);
  });

  it.each([
    {},
    { decision: 'approve' },
    { decision: 'approve', institutionId: '171011' },
    { decision: 'perhaps', institutionId: '102105' },
  ])('is not decided by %j', async (form) => {
    expect((await submit(await linkFor(customer), form)).status).toBe(400);
    expect(await accountsOf(customer)).toEqual([]);
  });

  it('works once when it is for single use, but a cancelled session does not count', async () => {
    const link = await linkFor(customer, { singleUseUrl: true, redirectUri: BACK });
    expect((await submit(link, { decision: 'cancel' })).status).toBe(302);
    expect((await approve(link)).status).toBe(302);
    const again = await open(link);
    expect([again.status, await again.text()]).toEqual([410, expect.stringContaining('This link was used')]);
    // Another link that says the same, made in the same millisecond.
    expect((await open(await linkFor(customer, { singleUseUrl: true, redirectUri: BACK }))).status).toBe(200);
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
      return open(link, { method: 'POST', body, duplex: 'half' } as RequestInit); // `duplex` is missing in the type
    });
    expect((await Promise.all(visits)).map(({ status }) => status).sort()).toEqual([302, 410]);
    expect(await accountsOf(customer)).toHaveLength(2);
  });

  it('expires after two hours, used or not', async () => {
    const link = await linkFor(customer, { singleUseUrl: true });
    caller.clock.advance(2 * HOUR - 1);
    await approve(link);
    expect(await (await open(link)).text()).toContain('This link was used');
    caller.clock.advance(1);
    const response = await open(link);
    expect([response.status, await response.text()]).toEqual([410, expect.stringContaining('This link has expired')]);
  });

  it.each(['redirectUri', 'customerId', 'ttl', 'signature', 'institutionId'])('is worthless with another %s', async (name) => {
    const link = new URL(await linkFor(customer, { redirectUri: BACK }));
    link.searchParams.set(name, 'https://thief.example/');
    const response = await approve(link.href);
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('not genuine')]);
  });

  it('is worthless without a customer', async () => {
    const link = await linkFor(customer);
    await send('DELETE', `${CUSTOMERS}/${customer}`);
    expect((await open(link)).status).toBe(404);
  });

  it('can name one bank', async () => {
    const link = await linkFor(customer, { institutionId: 102168 }, `${GENERATE}/lite`);
    expect(Object.fromEntries(new URL(link).searchParams)).toMatchObject({ institutionId: '102168', type: 'lite' });
    expect((await (await open(link)).text()).match(/type="radio"/g)).toHaveLength(1);
    await open(`${link}&auto=approve`);
    expect(await accountsOf(customer)).toMatchObject([{ institutionId: '102168' }, { institutionId: '102168' }]);
  });

  it('can fix a login of the customer, and of nobody else', async () => {
    await open(`${await linkFor(customer)}&auto=approve`);
    const [account] = await accountsOf(customer);
    const fix = { institutionLoginId: account?.institutionLoginId };
    const link = await linkFor(customer, fix, `${GENERATE}/fix`);
    expect(await (await open(link)).text()).toContain('Reconnect your bank');
    expect((await open(`${link}&auto=approve`)).status).toBe(200);
    expect(await accountsOf(customer)).toHaveLength(2);
    expect((await generate(await enroll('customer2'), fix, `${GENERATE}/fix`)).status).toBe(400);
  });
});
