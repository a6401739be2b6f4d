import { createRegistry, supports } from '@auth/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { errorOf } from '../test/setup.ts';
import { type BudgeaOptions, budgea, budgeaPlugin } from './index.ts';

const good: BudgeaOptions = { domain: 'demo-sandbox', clientId: '12345678', clientSecret: 'hunter2-secret' };
const rejection = (changes: object) => errorOf(() => budgea({ ...good, ...changes } as BudgeaOptions)); // as from a form, or without a type checker

describe('options', () => {
  it.each<[object, string, RegExp]>([
    [{ domain: undefined }, 'domain (BUDGEA_DOMAIN)', /is missing/],
    [{ domain: '' }, 'domain (BUDGEA_DOMAIN)', /is missing/],
    [{ domain: 7 }, 'domain (BUDGEA_DOMAIN)', /must be your domain, like demo, demo-sandbox or demo.biapi.pro: this is not a string/],
    [{ domain: 'https://demo' }, 'domain (BUDGEA_DOMAIN)', /must be your domain, like demo.*: this is the URL of another host/],
    [{ clientId: undefined }, 'clientId (BUDGEA_CLIENT_ID)', /is missing/],
    [{ clientId: '12ab' }, 'clientId (BUDGEA_CLIENT_ID)', /must be the digits of your client ID/],
    [{ clientSecret: undefined }, 'clientSecret (BUDGEA_CLIENT_SECRET)', /is missing/],
    [{ clientSecret: '  ' }, 'clientSecret (BUDGEA_CLIENT_SECRET)', /must be a string that is not blank/],
    [{ manageToken: '' }, 'manageToken (BUDGEA_MANAGE_TOKEN)', /must be a string that is not blank/],
    [{ manageToken: '  ' }, 'manageToken (BUDGEA_MANAGE_TOKEN)', /must be a string that is not blank/],
    [{ baseUrl: 'http://budgea.example/2.0/' }, 'baseUrl (BUDGEA_BASE_URL)', /must be an https URL/],
    [{ webviewUrl: 'http://pages.example/' }, 'webviewUrl', /must be an https URL/],
    [{ userTokenGrant: 'password' }, 'userTokenGrant', /must be renew or jwt\./],
    [{ userTokenGrant: 'JWT' }, 'userTokenGrant', /must be renew or jwt \(did you mean 'jwt'\?\)/],
    [{ waitUntil: 'later' }, 'waitUntil', /must be a function/],
    [{ clientSecrets: 'x' }, 'clientSecrets', /is not an option \(did you mean 'clientSecret'\?\)/],
  ])('say what is wrong with %j', async (changes, name, message) => {
    const error = await rejection(changes);
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'budgea', operation: 'options', retryable: false });
    expect(error.message).toContain(name);
    expect(error.message).toMatch(message);
  });

  it('are all named at once, with their variables', async () => {
    const { message } = await rejection({ domain: 'a.b', clientId: 'x-y-z', clientSecret: '', baseUrl: 'ftp://x' });
    expect(message).toMatch(/BUDGEA_DOMAIN.*BUDGEA_CLIENT_ID.*BUDGEA_CLIENT_SECRET.*BUDGEA_BASE_URL/);
  });

  it('may be undefined where they may be left out, and both grants are taken', () => {
    const none = Object.fromEntries(
      ['manageToken', 'userTokenGrant', 'baseUrl', 'webviewUrl', 'store', 'clock', 'waitUntil', 'observe', 'fetch'].map((name) => [
        name,
        undefined,
      ]),
    );
    expect(budgea({ ...good, ...none }).baseUrl).toBe('https://demo-sandbox.biapi.pro/2.0/');
    for (const userTokenGrant of ['renew', 'jwt'] as const) expect(budgea({ ...good, userTokenGrant }).id).toBe('budgea');
  });

  it('are refused in a browser, because everybody could read the client secret', async () => {
    for (const name of ['window', 'document']) vi.stubGlobal(name, {});
    vi.stubGlobal('process', undefined);
    const error = await errorOf(() => budgea(good)).finally(() => vi.unstubAllGlobals());
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'budgea' });
    expect(error.message).toMatch(/^clientSecret \(BUDGEA_CLIENT_SECRET\) must not be in a browser/);
  });
});

describe('what somebody put on Object.prototype', () => {
  const evil = {
    clientSecret: 'evil',
    manageToken: 'evil',
    webviewUrl: 'https://evil.example/',
    userTokenGrant: 'jwt',
    baseUrl: 'https://evil.example/',
    tenant: 'evil',
  };
  const wrong = { store: 'evil', clock: 'evil', observe: 'evil', waitUntil: 'evil', whenStoreIsDown: 'evil', fetch: 'evil' };
  const polluted = Object.entries({ ...evil, ...wrong });
  const clean = (): void => {
    for (const [name] of polluted) Reflect.deleteProperty(Object.prototype, name);
  };
  const pollute = (enumerable: boolean): void => {
    for (const [name, value] of polluted)
      Object.defineProperty(Object.prototype, name, { value, enumerable, configurable: true, writable: true });
  };

  it('is no option: nothing but what was given decides where the secret goes', async () => {
    const sent: Request[] = [];
    vi.stubGlobal('fetch', async (input: RequestInfo, init?: RequestInit) => {
      sent.push(new Request(input, init));
      return Response.json({ auth_token: 'the-token', type: 'permanent', id_user: 7 });
    });
    onTestFinished(() => {
      clean();
      vi.unstubAllGlobals();
    });
    // As a merge of JSON leaves them, and then so that the code of others still runs.
    pollute(true);
    const provider = budgea({ ...good });
    pollute(false);
    await provider.users.create({ reference: 'customer-17' });
    clean();
    expect(sent.map(({ url }) => new URL(url).host)).toEqual(['demo-sandbox.biapi.pro']);
    expect(await sent[0]?.json()).toMatchObject({ client_secret: good.clientSecret });
    expect(provider).not.toHaveProperty('application');
  });

  it('is missing where it was not given', async () => {
    onTestFinished(clean);
    pollute(true);
    const { clientSecret: _, ...incomplete } = good;
    const error = await errorOf(() => budgea(incomplete as BudgeaOptions));
    clean();
    expect(error.message).toBe('The options of budgea are not valid: clientSecret (BUDGEA_CLIENT_SECRET) is missing.');
  });
});

describe('options from the environment', () => {
  const registry = createRegistry([budgeaPlugin]);
  const required = { BUDGEA_DOMAIN: 'https://Demo.biapi.pro', BUDGEA_CLIENT_ID: '12345678', BUDGEA_CLIENT_SECRET: 'hunter2-secret' };
  const environment = { AUTH_PROVIDER: 'budgea', ...required };

  it('make the provider, with a base URL and a manage token where there are some', () => {
    expect(registry.fromEnv(environment)).toMatchObject({ id: 'budgea', baseUrl: 'https://demo.biapi.pro/2.0/' });
    const baseUrl = 'http://127.0.0.1:1/2.0/';
    expect(registry.fromEnv({ ...environment, BUDGEA_BASE_URL: baseUrl }).baseUrl).toBe(baseUrl);
    for (const [token, isThere] of [[undefined, false] as const, ['', false] as const, ['hunter2-token', true] as const])
      expect(supports(registry.fromEnv({ ...environment, BUDGEA_MANAGE_TOKEN: token }), 'application')).toBe(isThere);
  });

  it('are secret for the client secret and the manage token, and for nothing else', () => {
    expect(budgeaPlugin.fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['clientSecret', 'manageToken']);
  });
});
