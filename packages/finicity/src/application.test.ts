import { authorizedFetch, type Fetch, memoryStore, type Token } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { type FinicitySandboxOptions, finicitySandbox } from '@auth/sandbox';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf, counted, errorOf, HOUR, INSTITUTIONS, MINUTE, openVendor, SECOND, START, type Vendor, WRONG } from '../test/vendor.ts';
import type { FinicityOptions, FinicityProvider } from './index.ts';

let vendor: Vendor;
let provider: FinicityProvider;
const create = (options: Partial<FinicityOptions> = {}, sandboxOptions: FinicitySandboxOptions = {}): void => {
  vendor = openVendor(sandboxOptions);
  provider = vendor.provider(options);
};
beforeEach(() => create());

const callsOf = (wanted: string): number => vendor.sandbox.calls.filter(({ method }) => method === wanted).length;
/** Requests for tokens, and requests with one. */
const calls = (): readonly number[] => [callsOf('POST'), callsOf('GET')];
/** What this many concurrent requests are answered with, each status once. */
const statuses = async (count: number): Promise<readonly number[]> => {
  const send = authorizedFetch(provider.application);
  const responses = await Promise.all(Array.from({ length: count }, () => send(INSTITUTIONS)));
  await Promise.all(responses.map((response) => response.text()));
  return [...new Set(responses.map(({ status }) => status))];
};
/** What becomes of this many concurrent calls for a token. */
const tally = async (count: number): Promise<Readonly<Record<string, number>>> =>
  counted(await Promise.all(Array.from({ length: count }, () => codeOf(provider.application.token()))));
const refuse = (reply: { readonly status: number; readonly body?: string }, times = 100): void =>
  vendor.sandbox.faults.add({ method: 'GET', times, reply: { kind: 'status', headers: { 'x-request': '17' }, ...reply } });

describe('a request', () => {
  it('carries app key and app token under both names and the wish for JSON, and keeps the other headers of the caller', async () => {
    await authorizedFetch(provider.application)(INSTITUTIONS, { headers: { 'x-trace': '17', 'Finicity-App-Token': 'mine' } });
    const { value } = await provider.application.token();
    const { appKey } = vendor.sandbox.credentials;
    const key = { 'finicity-app-key': appKey, 'app-key': appKey };
    const token = { 'finicity-app-token': value, 'app-token': value };
    expect(vendor.sent[0]?.headers).toEqual({ ...key, ...token, accept: 'application/json', 'x-trace': '17' });
  });
});

describe('the token', () => {
  it('is not obtained before it is needed, and then lives two hours from the moment before the request', async () => {
    const slow: Fetch = async (input, init) => {
      vendor.clock.advance(3 * SECOND);
      const response = await vendor.sandbox.fetch(input, init);
      vendor.clock.advance(4 * SECOND);
      return response;
    };
    const { application } = vendor.provider({ fetch: slow });
    expect([application.peek(), vendor.sandbox.calls]).toEqual([undefined, []]);
    const token = { value: expect.stringMatching(/^\w{20}$/), issuedAt: START, expiresAt: START + 2 * HOUR };
    expect(await application.token()).toEqual(token);
    expect(vendor.clock.now()).toBe(START + 7 * SECOND);
  });

  it.each([
    ['us', 85, 90, 120],
    ['au', 65, 67.5, 90],
  ] as const)('in %s is served as it is until %d minutes of age, renewed in the background from %d on, and ends at %d', async (...row) => {
    const [region, served, renewed, end] = row;
    create({}, { region });
    const { application } = provider;
    expect(await application.status()).toMatchObject({ provider: 'finicity', state: 'empty', attemptsLeft: 3, lastError: null });
    const first = await application.token();
    expect(first.expiresAt).toBe(START + end * MINUTE);
    vendor.clock.advance(served * MINUTE);
    expect([application.peek(), await application.token(), calls()]).toEqual([first, first, [1, 0]]);
    vendor.clock.advance((renewed - served) * MINUTE);
    expect((await application.status()).state).toBe('advisory');
    const refreshed = vendor.reported('refreshed');
    const callers = await Promise.all(Array.from({ length: 50 }, () => application.token()));
    expect(new Set(callers)).toEqual(new Set([first]));
    await refreshed;
    const second = await application.token();
    expect(second).toMatchObject({ issuedAt: START + renewed * MINUTE, expiresAt: START + (renewed + end) * MINUTE });
    expect(calls()).toEqual([2, 0]);
    vendor.clock.advance((end - 0.5) * MINUTE);
    expect((await application.status()).state).toBe('mandatory');
    expect((await application.token()).value).not.toBe(second.value);
    vendor.clock.advance(end * MINUTE);
    expect([application.peek(), (await application.status()).state]).toEqual([undefined, 'expired']);
  });
});

describe('a refused token', () => {
  it.each([
    ['expired', () => vendor.sandbox.expireTokens(), {}, 2],
    ['expired, with the code as a text', () => vendor.sandbox.expireTokens(), { codesAs: 'string' }, 2],
    ['is unknown', () => vendor.sandbox.reset(), {}, 1], // the reset forgets the first call
    ['expired, in Australia', () => vendor.sandbox.expireTokens(), { region: 'au' }, 2],
    ['is unknown, in Australia', () => vendor.sandbox.reset(), { region: 'au' }, 1],
  ] as const)('that %s is renewed once for 50 calls, and none fails', async (_, end, options, tokenCalls) => {
    create({}, options);
    await provider.application.token();
    end();
    expect(await statuses(50)).toEqual([200]);
    expect(calls()).toEqual([tokenCalls, 100]);
  });

  it('is renewed once per call and no more, when the vendor goes on refusing', async () => {
    const body = '<error><code>10023</code><message>Expired (Finicity-App-Token)</message></error>';
    refuse({ status: 401, body });
    const response = await authorizedFetch(provider.application)(INSTITUTIONS);
    expect([response.status, await response.text(), calls()]).toEqual([401, body, [2, 2]]);
  });

  it.each([
    ['a plan that lacks the product', 401, ''],
    ['a plan that lacks the product, in words', 401, 'Not available from the Test Drive'],
    ['a locked partner', 401, '{"code":24302,"message":"Bad credentials"}'],
    ['a wrong app key', 401, 'Invalid (Finicity-App-Key)'],
    ['the region', 403, ''],
    ['a limit', 429, ''],
    ['a failure', 500, '{"code":10023}'],
    ['a failure with a page of 2 MiB', 502, 'x'.repeat(2 ** 21)],
  ])('is not what %s is about: the answer comes back untouched, to any number of callers', async (_, status, body) => {
    const token = await provider.application.token();
    refuse({ status, body });
    const response = await authorizedFetch(provider.application)(INSTITUTIONS);
    expect([response.status, response.headers.get('x-request'), (await response.text()) === body]).toEqual([status, '17', true]);
    expect(await statuses(4)).toEqual([status]);
    expect([calls(), provider.application.peek() === token]).toEqual([[1, 5], true]);
  });
});

describe('a wrong secret', () => {
  it.each([
    ['is refused', { partnerSecret: WRONG }, {}, 'invalid_credentials', 401],
    ['has a wrong app key', { appKey: '0'.repeat(32) }, {}, 'invalid_credentials', 401],
    ['has a wrong app key, with a code', { appKey: '0'.repeat(32) }, { invalidAppKey: 'json-10027' }, 'invalid_credentials', 401],
    ['has a partner that is unknown', { partnerId: '1234567890123' }, {}, 'invalid_credentials', 404],
    ['has an unknown partner, in Australia', { partnerId: '1234567890123' }, { region: 'au' }, 'invalid_credentials', 500],
  ] as const)('that %s is sent once in 5 rounds of 50 callers', async (_, options, sandboxOptions, code, status) => {
    create(options, sandboxOptions);
    for (let round = 0; round < 5; round += 1) {
      expect(await tally(50)).toEqual({ [code]: 50 });
      vendor.clock.advance(MINUTE);
    }
    expect([calls(), vendor.sandbox.calls[0]?.status, vendor.sandbox.locked]).toEqual([[1, 0], status, false]);
    const refused = { state: 'refused', lastError: code, attemptsLeft: 2, expiresAt: null };
    expect(await provider.application.status()).toMatchObject(refused);
  });

  it('is replaced by the one that the function gives, after a while or within the same call, without a restart', async () => {
    let secret = WRONG;
    create({ partnerSecret: async () => secret });
    expect(await tally(5)).toEqual({ invalid_credentials: 5 });
    secret = vendor.sandbox.credentials.partnerSecret;
    vendor.clock.advance(5 * SECOND);
    expect(await tally(5)).toEqual({ resolved: 5 });
    expect(await provider.application.status()).toMatchObject({ state: 'fresh', attemptsLeft: 3, lastError: null });

    secret = WRONG;
    const changing: Fetch = async (input, init) => {
      const response = await vendor.sandbox.fetch(input, init);
      secret = vendor.sandbox.credentials.partnerSecret;
      return response;
    };
    provider = vendor.provider({ partnerSecret: () => secret, fetch: changing });
    expect([await tally(50), calls()]).toEqual([{ resolved: 50 }, [4, 0]]);
  });
});

describe('a partner secret', () => {
  it.each(['aqJ5Ic4SEVx2IgDQ6oR4\n', ' aqJ5Ic4SEVx2IgDQ6oR4', 'aqJ5 Ic4S', '\uFEFFaqJ5Ic4SEVx2IgDQ6oR4'])(
    'with white space, %j, costs no attempt: it is named before anything is sent',
    async (partnerSecret) => {
      create({ partnerSecret });
      const message = expect.stringContaining('FINICITY_PARTNER_SECRET');
      expect(await errorOf(provider.application.token())).toMatchObject({ code: 'misconfigured', message });
      expect(vendor.sandbox.calls).toEqual([]);
    },
  );
});

describe('in Australia', () => {
  it('a request carries key and token under the names that are used there, and those only', async () => {
    create({}, { region: 'au' });
    expect(await statuses(1)).toEqual([200]);
    const { value } = await provider.application.token();
    const key = { 'app-key': vendor.sandbox.credentials.appKey, accept: 'application/json' };
    expect(vendor.tokensSent[0]?.headers).toEqual({ ...key, 'content-type': 'application/json' });
    expect(vendor.sent[0]?.headers).toEqual({ ...key, 'app-token': value });
  });

  it('the names of the headers are not understood in the US, which costs no attempt', async () => {
    create({ region: 'au' }, { region: 'us' });
    expect([await tally(1), vendor.sandbox.failedAttempts]).toEqual([{ invalid_request: 1 }, 0]);
  });
});

describe('two providers', () => {
  const tokenOf = (options: Partial<FinicityOptions>): Promise<Token> => vendor.provider(options).application.token();
  const down = (): Promise<never> => Promise.reject(new Error('ECONNREFUSED'));

  it('share one token through one store, even after the secret was rotated, and nothing without one', async () => {
    const store = memoryStore({ clock: vendor.clock });
    const one = await tokenOf({ store });
    expect(await tokenOf({ store })).toEqual(one);
    expect(await tokenOf({ store, partnerSecret: WRONG })).toEqual(one);
    expect((await tokenOf({})).value).not.toBe(one.value);
    expect(calls()).toEqual([2, 0]);
  });

  it("agree about a stored token though one machine's clock is two hours slow", async () => {
    const store = memoryStore({ clock: vendor.clock });
    const stored = await tokenOf({ store, clock: fakeClock({ now: START - 2 * HOUR }) });
    expect(Math.abs(stored.issuedAt - START)).toBeLessThanOrEqual(SECOND);
    expect([await tokenOf({ store }), calls()]).toEqual([stored, [1, 0]]);
  });

  it('of different partners, app keys or base URLs never share one, even in one store', async () => {
    const store = memoryStore({ clock: vendor.clock });
    const one = await tokenOf({ store });
    expect(await codeOf(tokenOf({ store, partnerId: '1234567890123' }))).toBe('invalid_credentials');
    expect(await codeOf(tokenOf({ store, appKey: '0'.repeat(32) }))).toBe('invalid_credentials');
    const { fetch } = finicitySandbox({ clock: vendor.clock, credentials: vendor.sandbox.credentials });
    expect((await tokenOf({ store, baseUrl: 'https://other.example/', fetch })).value).not.toBe(one.value);
  });

  it('do without a store that is down, or wait for it where that is wished', async () => {
    const store = { read: down, write: down };
    provider = vendor.provider({ store });
    expect([await tally(20), calls()]).toEqual([{ resolved: 20 }, [1, 0]]);
    await vi.waitFor(() => expect(vendor.events.map(({ type }) => type)).toContain('served_without_store'));
    provider = vendor.provider({ store, whenStoreIsDown: 'refuse' });
    expect([await tally(20), calls()]).toEqual([{ store_unavailable: 20 }, [1, 0]]);
  });
});
