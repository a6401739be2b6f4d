import { createRegistry, supports } from '@auth/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { errorOf } from '../test/setup.ts';
import { type BudgeaOptions, budgea, budgeaPlugin } from './index.ts';

const good: BudgeaOptions = { domain: 'demo-sandbox', clientId: '12345678', clientSecret: 'hunter2-secret' };

const rejection = (changes: object) => errorOf(() => budgea({ ...good, ...changes } as BudgeaOptions)); // as from a form, or without a type checker

describe('options', () => {
  it.each<[string, object, RegExp]>([
    ['no domain', { domain: undefined }, /domain \(BUDGEA_DOMAIN\) is missing/],
    ['an empty domain', { domain: '' }, /domain \(BUDGEA_DOMAIN\) is missing/],
    ['a domain elsewhere', { domain: 'demo.example.com' }, /domain \(BUDGEA_DOMAIN\) must be your domain, like demo, demo-sandbox or/],
    [
      'the URL of another host',
      { domain: 'https://evil.example/2.0' },
      /domain \(BUDGEA_DOMAIN\) must be your domain, like demo.*: this is the URL of another host: set it as baseUrl/,
    ],
    [
      'the URL of a sandbox',
      { domain: 'http://127.0.0.1:1/2.0/' },
      /must be your domain, like .*: this is the URL of a sandbox or proxy on this machine/,
    ],
    ['the URL of a bare host', { domain: 'https://demo' }, /domain \(BUDGEA_DOMAIN\) must be your domain, like demo/],
    ['a domain that is no text', { domain: 7 }, /domain \(BUDGEA_DOMAIN\) must be your domain, like demo/],
    ['no client id', { clientId: undefined }, /clientId \(BUDGEA_CLIENT_ID\) is missing/],
    ['a client id with letters', { clientId: '12ab' }, /clientId \(BUDGEA_CLIENT_ID\) must be the digits of your client ID/],
    ['a client id that is a number', { clientId: 12_345_678 }, /clientId \(BUDGEA_CLIENT_ID\) must be the digits/],
    ['no client secret', { clientSecret: undefined }, /clientSecret \(BUDGEA_CLIENT_SECRET\) is missing/],
    ['a blank client secret', { clientSecret: '  ' }, /clientSecret \(BUDGEA_CLIENT_SECRET\) must be a string that is not blank/],
    ['a client secret that is no text', { clientSecret: 7 }, /clientSecret \(BUDGEA_CLIENT_SECRET\) must be a string/],
    ['an empty manage token', { manageToken: '' }, /manageToken \(BUDGEA_MANAGE_TOKEN\) is missing/],
    ['a blank manage token', { manageToken: '  ' }, /manageToken \(BUDGEA_MANAGE_TOKEN\) must be a string that is not blank/],
    ['a manage token that is no text', { manageToken: 7 }, /manageToken \(BUDGEA_MANAGE_TOKEN\) must be a string/],
    ['an unknown grant', { userTokenGrant: 'password' }, /userTokenGrant/],
    ['a base URL without TLS', { baseUrl: 'http://budgea.example/2.0/' }, /baseUrl \(BUDGEA_BASE_URL\) must be an https URL/],
    ['a base URL with an empty query', { baseUrl: 'https://budgea.example/2.0?' }, /baseUrl \(BUDGEA_BASE_URL\) must be an https URL/],
    ['a base URL with an empty fragment', { baseUrl: 'https://budgea.example/2.0#' }, /baseUrl \(BUDGEA_BASE_URL\) must be an https URL/],
    ['a base URL with a query', { baseUrl: 'https://budgea.example/2.0/?a=b' }, /baseUrl \(BUDGEA_BASE_URL\) must be an https URL/],
    ['a store without write', { store: { read: () => {} } }, /store/],
    ['a clock that is a number', { clock: 7 }, /clock/],
    ['an observer that is no function', { observe: {} }, /observe/],
    ['a fetch that is no function', { fetch: 'node-fetch' }, /fetch/],
    [
      'a misspelt option',
      { clientSecrets: 'x' },
      /clientSecrets is not valid, the options are domain, clientId, clientSecret, manageToken/,
    ],
  ])('names what is wrong with %s', async (_, changes, message) => {
    const error = await rejection(changes);
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'budgea', operation: 'options', retryable: false });
    expect(error.message).toMatch(message);
  });

  it('names every wrong option at once', async () => {
    const { message } = await rejection({ domain: 'a.b', clientId: 'x-y-z', clientSecret: '', baseUrl: 'ftp://x' });
    for (const variable of ['BUDGEA_DOMAIN', 'BUDGEA_CLIENT_ID', 'BUDGEA_CLIENT_SECRET', 'BUDGEA_BASE_URL'])
      expect(message).toContain(`(${variable})`);
  });

  it.each(['clientId', 'domain', 'baseUrl', 'userTokenGrant', 'clientSecrets', 'manageTokens'])(
    'never shows a secret that was given as %s',
    async (name) => {
      const error = await rejection({ [name]: 'hunter2 in the wrong place' });
      expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('hunter2');
    },
  );

  it('names all that is missing when there are none', async () => {
    const { message } = await errorOf(() => budgea({} as BudgeaOptions)); // as from an empty form
    expect(message).toMatch(/BUDGEA_DOMAIN.*BUDGEA_CLIENT_ID.*BUDGEA_CLIENT_SECRET/);
  });

  it.each(['renew', 'jwt'] as const)('takes the grant %s', (userTokenGrant) => {
    expect(budgea({ ...good, userTokenGrant }).id).toBe('budgea');
  });

  it('takes undefined for what may be left out', () => {
    const none = undefined;
    const options = {
      ...good,
      manageToken: none,
      userTokenGrant: none,
      baseUrl: none,
      store: none,
      clock: none,
      observe: none,
      fetch: none,
    };
    expect(budgea(options).baseUrl).toBe('https://demo-sandbox.biapi.pro/2.0/');
  });

  it.each([
    ['https://proxy.example/budgea', 'https://proxy.example/budgea/'],
    ['http://127.0.0.1:8080/2.0/', 'http://127.0.0.1:8080/2.0/'],
    ['http://localhost:8080/2.0', 'http://localhost:8080/2.0/'],
  ])('puts the base URL %s in the place of the one of the domain', (baseUrl, expected) => {
    expect(budgea({ ...good, baseUrl }).baseUrl).toBe(expected);
  });
});

describe('options in a browser', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('are refused, as everybody could read the client secret, and the reason is given', () => {
    for (const name of ['window', 'document']) vi.stubGlobal(name, {});
    vi.stubGlobal('process', undefined);
    const create = (): unknown => budgea(good);
    try {
      expect(create).toThrow(
        expect.objectContaining({
          code: 'misconfigured',
          provider: 'budgea',
          message: expect.stringMatching(/^clientSecret \(BUDGEA_CLIENT_SECRET\) must not be in a browser/),
        }),
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('are taken in tests with an emulated document', () => {
    for (const name of ['window', 'document']) vi.stubGlobal(name, {});
    expect(budgea(good).id).toBe('budgea');
  });
});

describe('options from the environment', () => {
  const registry = createRegistry([budgeaPlugin]);
  const environment = {
    AUTH_PROVIDER: 'budgea',
    BUDGEA_DOMAIN: 'https://Demo.biapi.pro',
    BUDGEA_CLIENT_ID: '12345678',
    BUDGEA_CLIENT_SECRET: 'hunter2-secret',
  };

  it('makes the provider', () => {
    expect(registry.fromEnv(environment)).toMatchObject({ id: 'budgea', baseUrl: 'https://demo.biapi.pro/2.0/' });
  });

  it('reads the base URL', () => {
    expect(registry.fromEnv({ ...environment, BUDGEA_BASE_URL: 'http://127.0.0.1:1/2.0/' }).baseUrl).toBe('http://127.0.0.1:1/2.0/');
  });

  it('names each variable that is missing', async () => {
    const { code, message } = await errorOf(() => registry.fromEnv({ AUTH_PROVIDER: 'budgea', BUDGEA_CLIENT_ID: '1' }));
    expect(code).toBe('misconfigured');
    expect(message).toMatch(/domain \(BUDGEA_DOMAIN\) is missing.*clientSecret \(BUDGEA_CLIENT_SECRET\) is missing/);
    expect(message).not.toContain('BUDGEA_CLIENT_ID)');
  });

  it('reads the manage token, and misses none', () => {
    expect(supports(registry.fromEnv(environment), 'application')).toBe(false);
    expect(supports(registry.fromEnv({ ...environment, BUDGEA_MANAGE_TOKEN: '' }), 'application')).toBe(false);
    expect(supports(registry.fromEnv({ ...environment, BUDGEA_MANAGE_TOKEN: 'hunter2-token' }), 'application')).toBe(true);
  });

  it('marks the client secret and the manage token, and nothing else, as secret', () => {
    expect(budgeaPlugin.fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['clientSecret', 'manageToken']);
  });
});
