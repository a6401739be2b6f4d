import { AuthError, createRegistry, memoryStore, systemClock } from '@auth/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FinicityOptions, finicity, finicityPlugin } from './index.ts';

const SECRET = 'aqJ5Ic4SEVx2IgDQ6oR4';
const APP_KEY = '0123456789abcdef0123456789ABCDEF';
const valid: FinicityOptions = { partnerId: '1234583871234', partnerSecret: SECRET, appKey: APP_KEY };

/** The error that is thrown before any request. */
const refusalOf = (options: object): AuthError => {
  try {
    finicity(options as FinicityOptions); // wrong on purpose: that is what is tested
  } catch (error) {
    if (AuthError.is(error)) return error;
    throw error;
  }
  throw new Error('These options were accepted.');
};

describe('options', () => {
  it.each([
    ['nothing else', {}, 'https://api.finicity.com/'],
    ['a secret from a function', { partnerSecret: async () => SECRET }, 'https://api.finicity.com/'],
    ['a URL without a slash at its end', { baseUrl: 'https://proxy.example/finicity' }, 'https://proxy.example/finicity/'],
    ['http on loopback', { baseUrl: 'http://127.0.0.1:8080' }, 'http://127.0.0.1:8080/'],
    ['the US', { region: 'us' }, 'https://api.finicity.com/'],
    ['Australia', { region: 'au' }, 'https://api.openbanking.mastercard.com.au/'],
    ['Australia and a URL, which prevails', { region: 'au', baseUrl: 'http://127.0.0.1:9/' }, 'http://127.0.0.1:9/'],
    [
      'all of the runtime',
      { store: memoryStore(), tenant: 'a', clock: systemClock, observe: () => {}, waitUntil: () => {}, fetch },
      'https://api.finicity.com/',
    ],
    ['absent options that are undefined', { baseUrl: undefined, store: undefined }, 'https://api.finicity.com/'],
  ] as const)('may be the credentials and %s, and decide the base URL', (_, extra, baseUrl) => {
    expect(finicity({ ...valid, ...extra })).toMatchObject({ id: 'finicity', contract: 1, baseUrl });
  });

  it.each([
    ['partnerId (FINICITY_PARTNER_ID)', 'is missing', [undefined, '']],
    ['partnerSecret (FINICITY_PARTNER_SECRET)', 'is missing', [undefined, '']],
    ['appKey (FINICITY_APP_KEY)', 'is missing', [undefined, '']],
    ['partnerId (FINICITY_PARTNER_ID)', 'must be the digits of your partner ID', ['12x', ' 123', '123\n', 123, null]],
    ['partnerSecret (FINICITY_PARTNER_SECRET)', 'must be a string that is not blank', [12, '   ', null, {}]],
    ['appKey (FINICITY_APP_KEY)', 'must be the 32 hexadecimal digits', ['0123', `${APP_KEY}0`, 'g'.repeat(32), `${APP_KEY}\n`, 7]],
    ['customers (FINICITY_CUSTOMERS)', 'must be active or testing', ['all', 'Active', '', null]],
    ['region (FINICITY_REGION)', 'must be us or au', ['eu', 'US', '', 1]],
    ['baseUrl (FINICITY_BASE_URL)', 'must be an https URL', ['api.finicity.com', 'http://api.finicity.com/', 7]],
    ['store', 'must be a store, with read and write', ['redis://cache', { get: () => {} }]],
    ['tenant', 'must be a string that is not empty', ['', 7, null]],
    ['waitUntil', 'must be a function', ['later', null]],
    ['fetch', 'must be a function, like fetch', ['https://proxy.example/', {}]],
    ['observe', 'must be a function', [console]],
    ['partnerID', "is not an option (did you mean 'partnerId'?)", ['1', undefined]],
    ['surprise', 'is not an option, the options are partnerId, partnerSecret, appKey, customers, region, baseUrl, store', ['1']],
  ])('that are wrong are named: %s %s', (name, problem, values) => {
    const errors = values.map((value) => refusalOf({ ...valid, [name.split(' ', 1)[0] ?? '']: value }));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'misconfigured', provider: 'finicity' });
      expect(error.message).toContain(`${name} `);
    }
    expect(errors[0]?.message).toContain(`${name} ${problem}`);
  });

  it('are all named in one error, and never quoted', () => {
    const [partnerId, baseUrl] = [`${SECRET}-id`, `http://user:${SECRET}@example.com`];
    const { message, stack } = refusalOf({ partnerId, partnerSecret: [SECRET], appKey: `${APP_KEY}${SECRET}`, baseUrl, surprise: SECRET });
    for (const name of ['partnerId', 'partnerSecret', 'appKey', 'baseUrl', 'surprise']) expect(message).toContain(name);
    for (const text of [message, stack]) for (const secret of [SECRET, APP_KEY]) expect(text).not.toContain(secret);
  });

  it('make no provider in a browser, as everybody who opens the page could read the partner secret', () => {
    for (const [name, value] of Object.entries({ window: {}, document: {}, process: undefined })) vi.stubGlobal(name, value);
    const { code, message } = refusalOf(valid);
    expect(code).toBe('misconfigured');
    expect(message).toContain('partnerSecret (FINICITY_PARTNER_SECRET)');
    expect(message).not.toContain(SECRET);
  });
});

describe('what somebody put on Object.prototype', () => {
  const evil = { partnerSecret: 'evil', customers: 'testing', region: 'au', baseUrl: 'https://evil.example/', tenant: 'evil' };
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
      return Response.json({ token: 'the-token' });
    });
    onTestFinished(clean);
    // As a merge of JSON leaves them, and then so that the code of others still runs.
    pollute(true);
    const provider = finicity({ ...valid });
    pollute(false);
    await provider.application.token();
    clean();
    expect(sent.map(({ url }) => new URL(url).host)).toEqual(['api.finicity.com']);
    expect(await sent[0]?.json()).toMatchObject({ partnerSecret: SECRET });
  });

  it('is missing where it was not given', () => {
    onTestFinished(clean);
    pollute(true);
    const { partnerSecret: _, ...incomplete } = valid;
    const error = refusalOf(incomplete);
    clean();
    expect(error.message).toBe('The options of finicity are not valid: partnerSecret (FINICITY_PARTNER_SECRET) is missing.');
  });
});

describe('the plug-in', () => {
  it('makes the provider from the environment, and names every missing variable', () => {
    const registry = createRegistry([finicityPlugin]);
    const credentials = { FINICITY_PARTNER_ID: valid.partnerId, FINICITY_PARTNER_SECRET: SECRET, FINICITY_APP_KEY: APP_KEY };
    const { id, baseUrl } = registry.fromEnv({ AUTH_PROVIDER: 'finicity', FINICITY_REGION: 'au', ...credentials });
    expect([id, baseUrl]).toEqual(['finicity', 'https://api.openbanking.mastercard.com.au/']);
    const missing = /FINICITY_PARTNER_ID.*FINICITY_PARTNER_SECRET.*FINICITY_APP_KEY/;
    expect(() => registry.fromEnv({ AUTH_PROVIDER: 'finicity' })).toThrow(missing);
  });

  it('describes each of its fields once, and says which are secret or required and what they may be', () => {
    const rowOf = ({ name, variable, label, secret, required, choices }: (typeof finicityPlugin.fields)[number]) =>
      [name, variable, label, secret, required, choices] as const;
    expect(finicityPlugin.fields.map(rowOf)).toEqual([
      ['partnerId', 'FINICITY_PARTNER_ID', 'Partner ID', false, true, []],
      ['partnerSecret', 'FINICITY_PARTNER_SECRET', 'Partner secret', true, true, []],
      ['appKey', 'FINICITY_APP_KEY', 'App key', true, true, []],
      ['customers', 'FINICITY_CUSTOMERS', 'Customers', false, false, ['active', 'testing']],
      ['region', 'FINICITY_REGION', 'Region', false, false, ['us', 'au']],
      ['baseUrl', 'FINICITY_BASE_URL', 'Base URL', false, false, []],
    ]);
  });
});
