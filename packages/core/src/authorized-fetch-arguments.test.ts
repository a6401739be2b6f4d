import { describe, expect, it, onTestFinished } from 'vitest';
import type { Authority, AuthProvider } from './index.ts';
import { AuthError, authorizedFetch } from './index.ts';

const authority = (): Authority => ({
  baseUrl: 'https://api.acme.example/v1/',
  transport: async () => Response.json({ carrier: 'its own' }),
  authorize: async () => ({ headers: { authorization: 'Bearer hunter2' }, bodyFields: null, token: null }),
  shouldRetry: async () => null,
  errorOf: () => Promise.reject(new Error('not used here')),
  status: () => Promise.reject(new Error('not used here')),
});
const provider = { id: 'acme', application: authority(), asUser: authority } as unknown as AuthProvider<'application'>; // as much as counts here

/** Any arguments. */
const untyped: (...given: readonly unknown[]) => unknown = authorizedFetch as never; // that is what is tested

const errorOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return error;
  }
};

describe('authorizedFetch', () => {
  const INSTEAD = 'provider.asUser(userId), or provider.application if the provider has one.';

  it.each<[string, readonly unknown[], string]>([
    ['a provider', [provider], `authorizedFetch was given a provider. Say on whose behalf: pass ${INSTEAD}`],
    ['nothing', [], `authorizedFetch was given no authority. Pass ${INSTEAD}`],
    ['a user id', ['17'], `authorizedFetch was given no authority. Pass ${INSTEAD}`],
    ['a promise', [Promise.resolve(authority())], 'authorizedFetch was given a promise. Await it first.'],
    ['a function', [provider.asUser], 'authorizedFetch was given a function. Call it: authorizedFetch(provider.asUser(userId)).'],
    ['a user', [{ id: '17', createdAt: null }], `authorizedFetch was given something else than an authority. Pass ${INSTEAD}`],
    ['fetch beside it', [authority(), fetch], 'authorizedFetch takes fetch as an option: authorizedFetch(authority, { fetch }).'],
    ['a base URL beside it', [authority(), 'https://x/'], 'The options of authorizedFetch must be an object: { fetch, baseUrl }.'],
    [
      'a wrong fetch',
      [authority(), { fetch: 'node-fetch' }],
      'The options of authorizedFetch are not valid: fetch must be a function, like fetch.',
    ],
    [
      'a wrong base URL',
      [authority(), { baseUrl: '/v2/' }],
      'The options of authorizedFetch are not valid: baseUrl must be an absolute URL.',
    ],
    [
      'an unknown option',
      [authority(), { baseURL: 'https://api.acme.example/' }],
      'The options of authorizedFetch are not valid: baseURL is not an option, the options are fetch, baseUrl, throwHttpErrors.',
    ],
  ])('says what to write instead of %s, before anything is sent', (_, given, message) => {
    const error = errorOf(() => untyped(...given));
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'core', operation: 'authorizedFetch', message });
    expect(AuthError.is(error) && error.stack).toContain('authorized-fetch-arguments.test.ts');
  });

  it('takes no transport and no base URL that somebody put on Object.prototype', async () => {
    const evil: unknown[] = [];
    const polluted = { fetch: async (url: unknown) => evil.push(url), baseUrl: 'https://api.acme.example/evil/' };
    onTestFinished(() => {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    });
    for (const [name, value] of Object.entries(polluted))
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    const [plain, given] = [authorizedFetch(authority()), authorizedFetch(authority(), {})];
    for (const fetch of [plain, given]) expect(await (await fetch('users')).json()).toEqual({ carrier: 'its own' });
    expect(evil).toEqual([]);
  });
});
