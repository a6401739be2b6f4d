import { describe, expect, it } from 'vitest';
import type { CallOptions, Fetch, Token } from '../authority.ts';
import type { ApiPromise } from '../provider.ts';
import { errorsOf } from './errors-of.ts';
import { type BearerOptions, type OperationTable, operations } from './operations.ts';
import { createVendor } from './vendor.ts';

interface AcmeApi {
  readonly createToken: (
    credentials: { readonly clientId?: string | undefined; readonly secret: string },
    options?: CallOptions,
  ) => ApiPromise<unknown>;
  readonly getUser: (userId: string, options: BearerOptions & { readonly expand?: string }) => ApiPromise<unknown>;
  readonly getAccount: (userId: string, accountId: string, options: BearerOptions) => ApiPromise<unknown>;
  readonly addUser: (user: { readonly name: string; readonly unique?: boolean }, options?: Partial<BearerOptions>) => ApiPromise<unknown>;
}

const echo = (body: unknown): unknown => body;
const TABLE: OperationTable<AcmeApi> = {
  createToken: { method: 'POST', path: 'token', token: 'none', form: [['client_id', 'clientId'], 'secret'], answer: echo },
  getUser: { method: 'GET', path: 'users/{userId}', query: ['expand'], answer: (_, { expand }, { userId }) => ({ expand, userId }) },
  getAccount: { method: 'GET', path: 'users/{userId}/accounts/{accountId}', answer: echo },
  addUser: {
    method: 'POST',
    path: 'users',
    token: 'optional',
    json: ({ name }, operation) => ({ name: name === 'x' ? refuse(operation) : name.toUpperCase() }),
    idempotent: ({ unique }) => unique === true,
    answer: echo,
  },
};
const fail = errorsOf('acme');
const refuse = (operation: string): never => {
  throw fail('invalid_request', operation, 'Not x.');
};
const oneUserId = (id: string, operation: string): string => (/^\d+$/.test(id) ? id : refuse(operation));

const open = (answer: Fetch = async () => Response.json({})) => {
  const sent: Request[] = [];
  const vendor = createVendor({
    id: 'acme',
    baseUrl: 'https://api.acme.example/v1',
    headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
    explain: () => ({ code: 'unavailable', message: 'Down.' }),
    fetch: async (input, init) => {
      sent.push(new Request(input, init));
      return answer(input, init);
    },
  });
  return { sent, vendor, api: operations<AcmeApi>(vendor, TABLE, { ids: { userId: oneUserId }, known: { clientId: 'known' } }) };
};
const as: Token = { value: 'the-token', issuedAt: 0, expiresAt: null };
const codeOf = (work: Promise<unknown>): Promise<unknown> => work.then(echo, ({ code, operation }) => `${code} ${operation}`);

describe('an operation', () => {
  it('puts ids into the path, and the named parameters into query, form or JSON, by their names on the wire', async () => {
    const { sent, api } = open();
    const more = { other: 'not named' };
    await api.createToken({ secret: 's&', ...more });
    await api.getUser('17', { as, expand: 'a b', ...more });
    await api.getAccount('17', 'a/../b?c', { as });
    await api.addUser({ name: 'ann', ...more }, { as });
    const requests = sent.map(async (request) => [request.method, request.url, request.headers.get('authorization'), await request.text()]);
    expect(await Promise.all(requests)).toEqual([
      ['POST', 'https://api.acme.example/v1/token', null, 'client_id=known&secret=s%26'],
      ['GET', 'https://api.acme.example/v1/users/17?expand=a+b', 'Bearer the-token', ''],
      ['GET', 'https://api.acme.example/v1/users/17/accounts/a%2F..%2Fb%3Fc', 'Bearer the-token', ''],
      ['POST', 'https://api.acme.example/v1/users', 'Bearer the-token', '{"name":"ANN"}'],
    ]);
  });

  it('takes what the provider knows where it was left out or is undefined, and the given value where there is one', async () => {
    const { sent, api } = open();
    await api.createToken({ secret: 's', clientId: 'given' });
    await api.createToken({ secret: 's', clientId: undefined });
    expect(await Promise.all(sent.map((request) => request.text()))).toEqual(['client_id=given&secret=s', 'client_id=known&secret=s']);
  });

  it('reads the answer with what was passed and the ids', async () => {
    expect(await open().api.getUser('17', { as, expand: 'a' })).toEqual({ expand: 'a', userId: '17' });
    expect(await open().api.getUser('17', { as }).withResponse()).toMatchObject({ status: 200, data: { userId: '17' } });
  });

  it.each([
    ['an id that its check refuses', () => open().api.getUser('me', { as }), 'invalid_request api.getUser'],
    ['an empty id without a check', () => open().api.getAccount('17', '', { as }), 'invalid_request api.getAccount'],
    ['half a character for an id', () => open().api.getAccount('17', '\ud800', { as }), 'invalid_request api.getAccount'],
    ['dots for an id', () => open().api.getAccount('17', '..', { as }), 'invalid_request api.getAccount'],
    ['a body that cannot be made', () => open().api.addUser({ name: 'x' }), 'invalid_request api.addUser'],
    ['a signal that has aborted', () => open().api.getUser('me', { as, signal: AbortSignal.abort() }), 'aborted api.getUser'],
    // From JavaScript: TypeScript refuses them.
    ['no token where one is needed', () => Reflect.apply(open().api.getUser, null, ['17']), 'invalid_request api.getUser'],
    ['no id at all', () => Reflect.apply(open().api.getAccount, null, ['17', undefined, { as }]), 'invalid_request api.getAccount'],
    ['null for an id', () => Reflect.apply(open().api.getAccount, null, ['17', null, { as }]), 'invalid_request api.getAccount'],
    [
      'an object for an id',
      () => Reflect.apply(open().api.getAccount, null, ['17', Object.create(null), { as }]),
      'invalid_request api.getAccount',
    ],
    ['an array for an id', () => Reflect.apply(open().api.getUser, null, [['17'], { as }]), 'invalid_request api.getUser'],
    ['null for a token', () => Reflect.apply(open().api.getUser, null, ['17', { as: null }]), 'invalid_request api.getUser'],
  ])('rejects with its own name and sends nothing for %s', async (_, call, expected) => {
    expect(await codeOf(call())).toBe(expected);
  });

  it('sends nothing when it rejects so', async () => {
    const { sent, api } = open();
    await codeOf(api.getUser('..', { as }));
    await codeOf(api.addUser({ name: 'x' }));
    expect(sent).toEqual([]);
  });

  it('never carries a token that its row does not know', async () => {
    const { sent, api } = open();
    await Reflect.apply(api.createToken, null, [{ secret: 's' }, { as }]);
    expect(sent[0]?.headers.has('authorization')).toBe(false);
  });

  it('names the id that was left out, not the token that stands in its place', async () => {
    await expect(Reflect.apply(open().api.getAccount, null, ['17', { as }])).rejects.toThrow('accountId is missing');
  });

  it('takes token and signal from its options only, because parameters may come from somebody else', async () => {
    const { sent, api } = open();
    await Reflect.apply(api.addUser, null, [{ name: 'ann', as, signal: {} }, {}]);
    await Reflect.apply(api.addUser, null, [
      { name: 'ann', as, signal: {} },
      { as: undefined, signal: undefined },
    ]);
    expect(sent.map(({ headers }) => headers.has('authorization'))).toEqual([false, false]);
  });

  it('is of unknown outcome after a lost answer, unless its row says that it can be repeated', async () => {
    const lost: Fetch = () => Promise.reject(new TypeError('terminated'));
    const { api } = open(lost);
    expect(await codeOf(api.addUser({ name: 'ann' }))).toBe('outcome_unknown api.addUser');
    expect(await codeOf(api.addUser({ name: 'ann', unique: true }))).toBe('unavailable api.addUser');
    expect(await codeOf(api.getUser('17', { as }))).toBe('unavailable api.getUser');
  });

  it('refuses to be called without the parameters that carry credentials, which would cost an attempt', async () => {
    const { sent, api } = open();
    expect(await codeOf(Reflect.apply(api.createToken, null, []))).toBe('invalid_request api.createToken');
    expect(sent).toEqual([]);
  });

  it('lets no option take the place of a parameter', async () => {
    const { sent, api } = open();
    await api.addUser({ name: 'ann' }, Object.assign({ as }, { name: 'bob' }));
    expect(await sent[0]?.text()).toBe('{"name":"ANN"}');
  });

  it('is not made where the check of an id has another name than in every path', () => {
    const { vendor } = open();
    expect(() => operations<AcmeApi>(vendor, TABLE, { ids: { userID: oneUserId } })).toThrow('No path has the id {userID}');
  });
});

describe('the stack of a failed operation', () => {
  const failing = (): AcmeApi => open(async () => Response.json({}, { status: 500 })).api;
  const stackOf = (work: Promise<unknown>): Promise<unknown> => work.then(echo, ({ stack }) => stack);

  it('leads to who waits for the data', async () => {
    const api = failing();
    const askHere = async (): Promise<unknown> => await api.getUser('17', { as });
    expect(await stackOf(askHere())).toContain('askHere');
  });

  it('leads to who waits for the response', async () => {
    const api = failing();
    const askHere = async (): Promise<unknown> => await api.getUser('17', { as }).withResponse();
    expect(await stackOf(askHere())).toContain('askHere');
  });

  it('is not the end of the process where nobody waits', async () => {
    const api = failing();
    const forgotten = api.getUser('17', { as });
    void forgotten.withResponse();
    // An unhandled rejection would end this test run.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await codeOf(forgotten)).toBe('unavailable api.getUser');
  });
});
