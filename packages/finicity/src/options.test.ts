import { AuthError, createRegistry, memoryStore, systemClock } from '@auth/core';
import { describe, expect, it, vi } from 'vitest';
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
    ['nothing else', {}],
    ['a secret from a function', { partnerSecret: () => SECRET }],
    ['a secret from an asynchronous function', { partnerSecret: async () => SECRET }],
    ['another https URL', { baseUrl: 'https://proxy.example/finicity' }],
    ['http on localhost', { baseUrl: 'http://localhost:8080' }],
    ['http on 127.0.0.1', { baseUrl: 'http://127.0.0.1:8080/' }],
    ['http on ::1', { baseUrl: 'http://[::1]:8080/' }],
    ['all of the runtime', { store: memoryStore(), clock: systemClock, observe: () => {}, fetch: globalThis.fetch }],
    ['absent options that are undefined', { baseUrl: undefined, store: undefined }],
  ])('may be the credentials and %s', (_, extra) => {
    expect(finicity({ ...valid, ...extra })).toMatchObject({ id: 'finicity', contract: 1 });
  });

  it.each([
    ['partnerId', 'FINICITY_PARTNER_ID'],
    ['partnerSecret', 'FINICITY_PARTNER_SECRET'],
    ['appKey', 'FINICITY_APP_KEY'],
  ])('need %s, and name it with its variable %s when it is missing or empty', (name, variable) => {
    for (const value of [undefined, '']) {
      const error = refusalOf({ ...valid, [name]: value });
      expect(error).toMatchObject({ code: 'misconfigured', provider: 'finicity' });
      expect(error.message).toContain(`${name} (${variable}) is missing`);
    }
  });

  it.each([
    ['partnerId', 'FINICITY_PARTNER_ID', ['12345x', ' 1234583871234', '1234583871234\n', 1_234_583_871_234, null]],
    ['partnerSecret', 'FINICITY_PARTNER_SECRET', ['   ', 12, null, {}]],
    ['appKey', 'FINICITY_APP_KEY', ['0123', `${APP_KEY}0`, 'g'.repeat(32), `${APP_KEY}\n`, 7]],
    ['customers', 'FINICITY_CUSTOMERS', ['all', 'Active', '', null]],
    ['region', 'FINICITY_REGION', ['eu', 'US', '', 1]],
    ['baseUrl', 'FINICITY_BASE_URL', ['api.finicity.com', 'ftp://api.finicity.com', 7]],
  ])('name a malformed %s with its variable %s', (name, variable, values) => {
    for (const value of values) {
      const error = refusalOf({ ...valid, [name]: value });
      expect(error.code).toBe('misconfigured');
      expect(error.message).toContain(`${name} (${variable}) `);
    }
  });

  it('are all named in one error', () => {
    const { message } = refusalOf({ appKey: 'short', baseUrl: 'nowhere' });
    for (const part of [
      'partnerId (FINICITY_PARTNER_ID) is missing',
      'partnerSecret (FINICITY_PARTNER_SECRET) is missing',
      'appKey (FINICITY_APP_KEY) must be the 32 hexadecimal digits',
      'baseUrl (FINICITY_BASE_URL) must be an https URL',
    ])
      expect(message).toContain(part);
  });

  it.each([
    'http://api.finicity.com/',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'http://10.0.0.1/',
    'https://api.finicity.com/?key=1',
    'https://api.finicity.com/#top',
    'https://api.finicity.com/v1?',
    'https://api.finicity.com/v1#',
    'https://user:password@api.finicity.com/',
  ])('refuse the base URL %s', (baseUrl) => {
    expect(refusalOf({ ...valid, baseUrl }).message).toMatch(/baseUrl \(FINICITY_BASE_URL\) must be an https URL/);
  });

  it('name one that does not exist, which is mostly a misspelt one', () => {
    const { code, message } = refusalOf({ ...valid, partnerID: '1234583871234' });
    expect(code).toBe('misconfigured');
    expect(message).toContain('partnerID is not valid, the options are partnerId, partnerSecret, appKey, customers, region, baseUrl');
  });

  it.each(['store', 'clock', 'observe', 'fetch'])('name a %s that is not one', (name) => {
    expect(refusalOf({ ...valid, [name]: 'redis://cache' }).message).toContain(name);
  });

  it('are never quoted', () => {
    const { message, stack } = refusalOf({
      partnerId: `${SECRET}-id`,
      partnerSecret: [SECRET],
      appKey: `${APP_KEY}${SECRET}`,
      baseUrl: `http://user:${SECRET}@example.com`,
      surprise: SECRET,
    });
    for (const text of [message, stack]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(APP_KEY);
    }
  });
});

describe('a browser', () => {
  it('gets no provider, as everybody who opens the page could read the partner secret', () => {
    for (const [name, value] of Object.entries({ window: {}, document: {}, process: undefined })) vi.stubGlobal(name, value);
    const { code, message } = refusalOf(valid);
    expect([code, message.includes('partnerSecret (FINICITY_PARTNER_SECRET)'), message.includes(SECRET)]).toEqual([
      'misconfigured',
      true,
      false,
    ]);
  });
});

describe('the plug-in', () => {
  const registry = createRegistry([finicityPlugin]);

  it('makes the provider from the environment', () => {
    const provider = registry.fromEnv({
      AUTH_PROVIDER: 'finicity',
      FINICITY_PARTNER_ID: valid.partnerId,
      FINICITY_PARTNER_SECRET: SECRET,
      FINICITY_APP_KEY: APP_KEY,
      FINICITY_BASE_URL: 'http://127.0.0.1:9',
    });
    expect(provider).toMatchObject({ id: 'finicity', baseUrl: 'http://127.0.0.1:9/' });
  });

  it('asks Finicity itself unless told otherwise', () => {
    expect(finicity(valid).baseUrl).toBe('https://api.finicity.com/');
  });

  it.each([
    [{ FINICITY_REGION: 'us' }, 'https://api.finicity.com/'],
    [{ FINICITY_REGION: 'au' }, 'https://api.openbanking.mastercard.com.au/'],
    [{ FINICITY_REGION: 'au', FINICITY_BASE_URL: 'http://127.0.0.1:9/' }, 'http://127.0.0.1:9/'],
  ])('takes the host of the region, and a base URL before it: %j', (env, baseUrl) => {
    const { partnerId } = valid;
    const credentials = { FINICITY_PARTNER_ID: partnerId, FINICITY_PARTNER_SECRET: SECRET, FINICITY_APP_KEY: APP_KEY };
    expect(registry.fromEnv({ AUTH_PROVIDER: 'finicity', ...credentials, ...env }).baseUrl).toBe(baseUrl);
  });

  it('lists the values that an option may have', () => {
    const choices = finicityPlugin.fields.filter((field) => field.choices.length > 0).map((field) => [field.name, field.choices]);
    expect(choices).toEqual([
      ['customers', ['active', 'testing']],
      ['region', ['us', 'au']],
    ]);
  });

  it('names every missing variable', () => {
    expect(() => registry.fromEnv({ AUTH_PROVIDER: 'finicity' })).toThrow(/FINICITY_PARTNER_ID.*FINICITY_PARTNER_SECRET.*FINICITY_APP_KEY/);
  });

  it('describes each of its fields once, and says which are secret', () => {
    expect(finicityPlugin.fields.map(({ name, variable, secret, required }) => [name, variable, secret, required])).toEqual([
      ['partnerId', 'FINICITY_PARTNER_ID', false, true],
      ['partnerSecret', 'FINICITY_PARTNER_SECRET', true, true],
      ['appKey', 'FINICITY_APP_KEY', true, true],
      ['customers', 'FINICITY_CUSTOMERS', false, false],
      ['region', 'FINICITY_REGION', false, false],
      ['baseUrl', 'FINICITY_BASE_URL', false, false],
    ]);
  });
});
