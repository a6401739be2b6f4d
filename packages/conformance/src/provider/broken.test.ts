import { AuthError } from '@auth/core';
import { describe, expect, it, vi } from 'vitest';
import { type AcmeProvider, acme, BASE_URL } from '../../test/acme.ts';
import { type AcmeFixture, fixtureOf, type Make } from '../../test/acme-fixture.ts';
import { type CheckedRuntime, ContractViolation, providerContract } from '../index.ts';

type Change<T> = (good: T, runtime: CheckedRuntime, secret: string) => Partial<T>;
type Application = AcmeProvider['application'];

/** The good provider with other members. */
const provider =
  (change: Change<AcmeProvider>): Make =>
  (_, runtime, secret) => {
    const good = acme(runtime, secret);
    return { ...good, ...change(good, runtime, secret) };
  };

/** One capability of it with other members. */
const capability = <Name extends 'users' | 'userTokens' | 'codes' | 'revocation' | 'connect' | 'secret'>(
  name: Name,
  change: Change<AcmeProvider[Name]>,
): Make => provider((good, runtime, secret) => ({ [name]: { ...good[name], ...change(good[name], runtime, secret) } }));

/** Its authorities with other members. */
const authority = (change: Change<Application>): Make =>
  provider((good, runtime, secret) => {
    const changed = (one: Application): Application => ({ ...one, ...change(one, runtime, secret) });
    return { application: changed(good.application), asUser: (userId) => changed(good.asUser(userId)) };
  });

/** It with another runtime. */
const runtime =
  (change: (given: CheckedRuntime, secret: string) => Partial<CheckedRuntime>): Make =>
  (_, given, secret) =>
    acme({ ...given, ...change(given, secret) }, secret);

/** Asks the vendor as somebody would who has never seen it fail. */
const careless = capability('users', (users, { fetch }) => ({
  get: async (userId) => {
    if (!/^\d+$/.test(userId)) return users.get(userId);
    const response = await fetch(`${BASE_URL}users/${userId}`);
    if (response.status === 401) return users.get(userId);
    return response.json();
  },
}));

/** What comes of it there, for each answer that is none. */
const CARELESS = [
  ['the page of a gateway', 'rejected with a SyntaxError'],
  ['a page that passes for a success', 'rejected with a SyntaxError'],
  ['half of a JSON text', 'rejected with a SyntaxError'],
  ['JSON of another shape', 'resolved'],
  ['a body that breaks off', 'rejected with a TypeError'],
  ['a body without end', 'rejected with a SyntaxError'],
  ['a connection that breaks', 'rejected with a TypeError'],
] as const;

/** Says yes where another error has this code. */
const unless = <T>(work: Promise<T>, code: AuthError['code'], otherwise: T): Promise<T> =>
  work.catch((error: unknown) => {
    if (AuthError.is(error, code)) return otherwise;
    throw error;
  });

const again = <T>(call: () => Promise<T>): Promise<T> => call().catch(call);

/** For each check a provider that breaks its rule. */
const BROKEN: Readonly<Record<string, Make>> = {
  'has the capabilities that are declared, whole, and no others': provider(
    ({ revocation: _ }) => ({ revocation: undefined }) as unknown as Partial<AcmeProvider>,
  ), // what types forbid
  'is of contract version 1, with an id, a base URL that ends in a slash, and reset': provider(
    () => ({ contract: 2 }) as unknown as Partial<AcmeProvider>,
  ), // what types forbid
  'authorizes requests so that the vendor accepts them': authority(() => ({
    authorize: async () => Object.freeze({ headers: Object.freeze({}), bodyFields: null, token: null }),
    shouldRetry: async () => null,
  })),
  'reads requests without changing them': authority(({ authorize }) => ({
    authorize: async (request, options) => {
      if (request instanceof Request) await request.text();
      return authorize(request, options);
    },
  })),
  'sends credentials to its own origin only': authority(({ authorize }) => ({
    authorize: ({ method, clone }, options) => authorize({ method, clone, url: BASE_URL }, options),
  })),
  'carries requests by the fetch that it was given, without credentials': authority((_, { fetch }) => ({
    transport: (input, init) => fetch(input, { ...init, headers: { authorization: 'Bearer token' } }),
  })),
  'calls the fetch that it was given with a URL and options': runtime(({ fetch }) => ({
    fetch: (input, init) => fetch(new Request(input, init)),
  })),
  'leaves a refusal alone that is not about its credentials': authority(({ invalidate }) => ({
    shouldRetry: async ({ status }, { token }) => {
      if (status !== 401 || token === null) return null;
      await invalidate(token);
      return 'token';
    },
  })),
  'says what a refusal means, by an error that it never throws': authority(({ errorOf }) => ({
    errorOf: async (response) => {
      await response.text();
      return errorOf(response);
    },
  })),
  'tells its status without sending anything': authority(({ status }, { fetch }) => ({
    status: async () => {
      await fetch(`${BASE_URL}status`);
      return status();
    },
  })),
  'asks for one token for many callers': (_, given, secret) => {
    const good = acme(given, secret);
    const lonely = (of: (other: AcmeProvider) => Application): Application => ({
      ...of(good),
      token: async (options) => of(good).peek() ?? of(acme({ ...given, store: undefinedStore }, secret)).token(options),
    });
    return { ...good, application: lonely(({ application }) => application), asUser: (id) => lonely(({ asUser }) => asUser(id)) };
  },
  'asks for one token for all processes that share a store': runtime(() => ({ store: undefinedStore })),
  'renews once for many refusals, and every request succeeds': authority(() => ({ shouldRetry: async () => null })),
  'asks for few tokens while new ones are refused too, and goes on afterwards': authority(({ invalidate }) => ({
    shouldRetry: async (response, { token }) => {
      if (token === null || !(await response.clone().text()).includes('dead_token')) return null;
      await invalidate(token);
      return 'token';
    },
  })),
  'keeps its token when an older one is rejected late': authority(({ peek, invalidate }) => ({
    invalidate: async (rejected) => invalidate(peek() ?? rejected),
  })),
  'ends only the wait of a caller who aborts': authority(({ token, peek }) => {
    let flight: ReturnType<typeof token> | undefined;
    return {
      token: async (options) => {
        if (options?.signal?.aborted) return token(options);
        flight ??= token(options).finally(() => {
          flight = undefined;
        });
        return peek() ?? flight;
      },
    };
  }),
  'tells waitUntil of each request for a token': runtime(() => ({ waitUntil: undefined })),
  'sends nothing, and rejects, after it was disposed of': provider(() => ({ [Symbol.asyncDispose]: async () => {} })),
  'tries a refused secret once, in all processes that share a store': authority(({ token, reset }) => ({
    token: (options) =>
      token(options).catch(async (error: unknown) => {
        await reset();
        throw error;
      }),
  })),
  'tries no more after three different refused secrets': runtime(({ store: { read, write } }, secret) => ({
    store: {
      read: (key) => read(secret.length + secret.charCodeAt(0) + key),
      write: (key, ...rest) => write(secret.length + secret.charCodeAt(0) + key, ...rest),
    },
  })),
  'shares nothing between tenants in one store, and everything within one': runtime(() => ({ tenant: undefined })),
  'tries a refused secret again after reset, whichever of its accounts refused it': provider(() => ({ reset: async () => {} })),
  'dates a token from before the request for it': authority(({ token }, { clock }) => ({
    token: async (options) => ({ ...(await token(options)), issuedAt: clock.now() }),
  })),
  'neither drops a good token nor serves a dead one when the wall clock steps': runtime(({ clock }) => ({
    clock: { ...clock, monotonic: clock.now },
  })),
  ...Object.fromEntries(CARELESS.map(([answer]) => [`rejects with an error of its own for ${answer}`, careless])),
  'explains a wrong secret as invalid_credentials': authority(({ token }) => ({
    token: (options) => token(options).catch(renamed),
  })),
  'explains an unknown user as not_found': capability('users', ({ get }) => ({
    get: (userId) => get(userId).catch(renamed),
  })),
  'never repeats users.create when its answer is lost': capability('users', ({ create }) => ({
    create: (user) => again(() => create(user)),
  })),
  'never repeats codes.exchange when its answer is lost': capability('codes', ({ exchange }) => ({
    exchange: (code, options) => again(() => exchange(code, options)),
  })),
  'never repeats secret.rotate when its answer is lost': capability('secret', ({ rotate }) => ({
    rotate: (options) => again(() => rotate(options)),
  })),
  'creates a user, whom it finds again and can act for': capability('users', ({ get }) => ({
    get: async (userId) => ({ ...(await get(userId)), id: 'somebody else' }),
  })),
  'deletes a user once, and says so when asked again': capability('users', (users) => ({
    delete: async (userId) => ({ ...(await users.delete(userId)), existed: true }),
  })),
  'finds nobody under an id of nobody': capability('users', ({ get }) => ({
    get: (userId) => unless(get(userId), 'not_found', { id: userId, createdAt: null }),
  })),
  'refuses ids that are not one user’s, and sends nothing for them': capability('users', ({ get }, { fetch }) => ({
    get: async (userId) => {
      if (!/^\d+$/.test(userId)) await fetch(`${BASE_URL}users/${encodeURIComponent(userId)}`);
      return get(userId);
    },
  })),
  'hands on a token without keeping it, and takes one over': capability('userTokens', ({ issue, adopt }) => ({
    issue: async (userId) => {
      const token = await issue(userId);
      await adopt(userId, token);
      return token;
    },
  })),
  'issues codes that end': capability('codes', ({ issue }) => ({
    issue: async (userId) => ({ ...(await issue(userId)), expiresAt: 1800 }),
  })),
  'exchanges a code once, and keeps the token': capability('codes', ({ exchange }) => {
    let first: ReturnType<typeof exchange> | undefined;
    return {
      exchange: (...given) => {
        first ??= exchange(...given);
        return first;
      },
    };
  }),
  'ends a user’s token once, and says so when asked again': capability('revocation', () => ({ revoke: async () => ({ existed: true }) })),
  'starts a session that is plain data, with a state that nobody guesses': capability('connect', ({ start }) => ({
    start: async (request) => ({ ...(await start(request)), state: '17' }),
  })),
  'completes a session that the user approved': capability('connect', ({ complete }) => ({
    complete: async (...given) => ({ ...(await complete(...given)), userId: '' }),
  })),
  'tells that the user declined': capability('connect', ({ complete }) => ({
    complete: (url, session) => unless(complete(url, session), 'consent_denied', { userId: session.userId, connectionIds: [] }),
  })),
  'accepts no callback without the state of the session': capability('connect', ({ complete }) => ({
    complete: (url, session) => complete(url.includes('error=') ? `?error=1&state=${session.state}` : url, session),
  })),
  'accepts the state of a session once, in all processes that share a store': capability('connect', ({ complete }) => {
    const completed = new Map<string, ReturnType<typeof complete>>();
    return {
      complete: (url, session) => {
        const result = completed.get(url) ?? complete(url, session);
        completed.set(url, result);
        return result;
      },
    };
  }),
  'accepts no callback after the end of the session': capability('connect', ({ complete }) => ({
    complete: (url, session) => complete(url, { ...session, expiresAt: Number.MAX_SAFE_INTEGER }),
  })),
  'changes the secret, which is in the vault before the vendor hears of it': capability('secret', ({ rotate }) => ({
    rotate: async ({ vault }) => {
      let content = await vault.read();
      const own = {
        read: async () => content,
        write: async (next: typeof content) => {
          content = next;
        },
      };
      await rotate({ vault: own });
      await vault.write(content);
    },
  })),
  'finds the secret that works after the answer to a change was lost': capability('secret', () => ({
    recover: async ({ vault }) => {
      const { current, pending } = await vault.read();
      await vault.write({ current: pending ?? current, pending: null });
    },
  })),
  'sends nothing to recover when no secret is pending': capability('secret', ({ recover }, { fetch }) => ({
    recover: async (options) => {
      await fetch(`${BASE_URL}status`);
      await recover(options);
    },
  })),
  'shows no secret in an error, whatever fails': capability('users', ({ get }, _, secret) => ({
    get: (userId) =>
      get(userId).catch((error: unknown) => {
        throw AuthError.is(error) ? new AuthError(`${error.message} The secret was ${secret}.`, error) : error;
      }),
  })),
  'shows no secret in itself, its authorities and their status': provider(
    (_, __, secret) => ({ options: { secret } }) as Partial<AcmeProvider>,
  ), // what types forbid
  'shows no secret in an event': runtime(({ observe }, secret) => ({
    observe: (event) => observe({ ...event, authority: `${event.authority} of ${secret}` }),
  })),
  'stores no secret of the options, and no token in a key': (_, given, secret) => {
    void given.store.write('credentials', JSON.stringify({ secret }));
    return acme(given, secret);
  },
  'prints no secret, and leaves no rejection unhandled': capability('users', ({ get }, _, secret) => ({
    get: (userId) => {
      console.debug('%s', `the secret is ${secret}`);
      return get(userId);
    },
  })),
};

/** What each of them is told first. */
const SAYS: Readonly<Record<string, string>> = {
  'has the capabilities that are declared, whole, and no others': 'The provider does not have revocation, which is declared',
  'is of contract version 1, with an id, a base URL that ends in a slash, and reset': 'contract is 2',
  'authorizes requests so that the vendor accepts them': 'A request authorised by asUser was answered with 401',
  'reads requests without changing them': 'asUser.authorize consumed or changed the request',
  'sends credentials to its own origin only': 'asUser.authorize for https://other.example/ resolved',
  'carries requests by the fetch that it was given, without credentials': 'asUser.transport added something to the request',
  'calls the fetch that it was given with a URL and options': 'POST /v1/token for asUser was passed to fetch as a Request',
  'leaves a refusal alone that is not about its credentials':
    'asUser.shouldRetry gave up a good token for a refusal that is about something else',
  'says what a refusal means, by an error that it never throws': 'asUser.errorOf consumed or changed the answer',
  'tells its status without sending anything': 'asUser.status sent something',
  'asks for one token for many callers': '100 callers of asUser.token at once caused 100 requests for a token, and got 100 different ones',
  'asks for one token for all processes that share a store':
    'Providers on one store, which asked asUser.token caused 5 requests for a token, and got 5 different ones',
  'renews once for many refusals, and every request succeeds':
    'The vendor ended the token of asUser, and 100 of 100 requests stayed refused',
  'asks for few tokens while new ones are refused too, and goes on afterwards':
    '50 requests of asUser, which the vendor refused whatever the token, caused 99 requests for a token',
  'keeps its token when an older one is rejected late': 'asUser.invalidate forgot another token than the one that was rejected',
  'ends only the wait of a caller who aborts': 'One caller of asUser.token aborted, and another one got no token',
  'tells waitUntil of each request for a token': 'asUser.token asked the vendor, and told `waitUntil` nothing',
  'sends nothing, and rejects, after it was disposed of':
    'A call of asUser.token that was under way when the provider was disposed of did not come to an end within 10 seconds',
  'tries a refused secret once, in all processes that share a store': 'A wrong secret of asUser was tried 10 times',
  'tries no more after three different refused secrets': 'asUser.token with wrong secret number 4 rejected with invalid_credentials',
  'shares nothing between tenants in one store, and everything within one': 'A provider read or wrote an entry of another tenant',
  'tries a refused secret again after reset, whichever of its accounts refused it':
    'A wrong secret of asUser was tried 1 times, before and after two calls of reset, which makes 3',
  'dates a token from before the request for it': 'The token of asUser was dated 20000 ms after its request was sent',
  'neither drops a good token nor serves a dead one when the wall clock steps':
    'The wall clock is behind by 2 h, and asUser.peek answers a token that is dead',
  ...Object.fromEntries(
    CARELESS.map(([answer, end]) => [`rejects with an error of its own for ${answer}`, `users.get, whose answer was ${answer}, ${end}`]),
  ),
  'explains a wrong secret as invalid_credentials':
    'asUser.token, to which the vendor answered «a wrong secret», rejected with invalid_request',
  'explains an unknown user as not_found': 'users.get, to which the vendor answered «an unknown user», rejected with invalid_request',
  'never repeats users.create when its answer is lost': 'users.create was sent 2 times, as its answer was lost',
  'never repeats codes.exchange when its answer is lost': 'codes.exchange was sent 2 times, as its answer was lost',
  'never repeats secret.rotate when its answer is lost': 'secret.rotate was sent 2 times, as its answer was lost',
  'creates a user, whom it finds again and can act for': 'users.get answered another user than users.create',
  'deletes a user once, and says so when asked again': 'users.delete of a user who was deleted before answered that there was one',
  'finds nobody under an id of nobody': 'users.get of an id of nobody resolved',
  'refuses ids that are not one user’s, and sends nothing for them': 'users.get of "" was sent',
  'hands on a token without keeping it, and takes one over': 'userTokens.issue replaced the token of asUser',
  'issues codes that end': 'codes.issue answered no value, or an end that is no epoch milliseconds soon',
  'exchanges a code once, and keeps the token': 'codes.exchange of a code that is spent resolved',
  'ends a user’s token once, and says so when asked again': 'asUser still has the token that revocation.revoke ended',
  'starts a session that is plain data, with a state that nobody guesses': 'The state of the session can be guessed',
  'completes a session that the user approved': 'connect.complete has to answer a user id and connection ids',
  'tells that the user declined': 'connect.complete after the user declined resolved',
  'accepts no callback without the state of the session': 'connect.complete of an error with no state rejected with consent_denied',
  'accepts the state of a session once, in all processes that share a store':
    'connect.complete of a session that was completed before resolved',
  'accepts no callback after the end of the session': 'connect.complete of a session that has ended resolved',
  'changes the secret, which is in the vault before the vendor hears of it':
    'The vendor was told of a secret that was not pending in the vault',
  'finds the secret that works after the answer to a change was lost': 'The vendor does not accept the secret that the vault holds now',
  'sends nothing to recover when no secret is pending': 'secret.recover did something although no secret is pending',
  'shows no secret in an error, whatever fails':
    'A secret, a token or a piece of an answer is in the error of users.get after a refusal of the request (it.stack)',
  'shows no secret in itself, its authorities and their status':
    'A secret, a token or a piece of an answer is in the provider (it.options.secret)',
  'shows no secret in an event': 'A secret, a token or a piece of an answer is in an event (it.0.authority)',
  'stores no secret of the options, and no token in a key': 'A secret, a token or a piece of an answer is in the store (it.0)',
  'prints no secret, and leaves no rejection unhandled':
    'A secret, a token or a piece of an answer is in what was printed or warned of (it.0.1)',
};

/** Forgets everything. */
const undefinedStore: CheckedRuntime['store'] = { read: async () => undefined, write: async () => crypto.randomUUID() };

const renamed = (error: unknown): Promise<never> =>
  Promise.reject(AuthError.is(error) ? new AuthError(error.message, { ...error, code: 'invalid_request' }) : error);

/** What the check of this name finds. */
const foundBy = async (name: string, fixture: AcmeFixture): Promise<ContractViolation> => {
  const check = providerContract(fixture).find((candidate) => candidate.name === name);
  const violation: unknown = await check?.run().catch((error: unknown) => error);
  if (violation instanceof ContractViolation) return violation;
  throw new Error(`«${name}» found no violation, but this: ${violation}`);
};

describe('a provider is caught that breaks the rule that it', () => {
  it.each(Object.entries(BROKEN))('%s', async (name, make) => {
    vi.spyOn(console, 'debug').mockReturnValue();
    const { message } = await foundBy(name, fixtureOf(make));
    expect(message.startsWith(`${SAYS[name]}.`), message).toBe(true);
    expect(message).not.toMatch(/undefined|\[object|acmeSecret/);
  });

  it('covers every check that there is', () => {
    const names = providerContract(fixtureOf()).map(({ name }) => name);
    expect(Object.keys(BROKEN).sort()).toEqual(names.sort());
  });
});

describe('what only types forbid is found at run time', () => {
  it.each([
    [
      'a capability that the fixture does not declare',
      'has the capabilities',
      { codes: undefined },
      {},
      'has codes, which is not declared',
    ],
    [
      'a token that the fixture does not know of',
      'is of contract version 1',
      {},
      { token: undefined },
      'has a token, which the type does not say',
    ],
  ])('%s', async (_, start, undeclared, more, sentence) => {
    const { capabilities, ...fixture } = fixtureOf();
    const declared = Object.entries(capabilities).filter(([name]) => !(name in undeclared));
    const loose = { ...fixture, capabilities: Object.fromEntries(declared), ...more } as unknown as AcmeFixture; // what types forbid
    const [name = ''] = Object.keys(BROKEN).filter((rule) => rule.startsWith(start));
    expect((await foundBy(name, loose)).message).toContain(sentence);
  });
});
