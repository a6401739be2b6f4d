import { expect, it, vi } from 'vitest';
import type { Fetch } from '../authority.ts';
import { authorizedFetch } from '../authorized-fetch.ts';
import { memoryStore } from '../memory-store.ts';
import { fakeClock } from '../testing/index.ts';
import { errorsOf } from './errors-of.ts';
import { pageFailure } from './page-failure.ts';
import { createVendor } from './vendor.ts';

const START = Date.UTC(2026, 0, 15);
const open = (answer: Fetch) => {
  const clock = fakeClock({ now: START });
  const store = memoryStore({ clock });
  const vendorOf = (baseUrl = 'https://api.acme.example/v1') =>
    createVendor({
      id: 'acme',
      baseUrl,
      headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
      explain: () => ({ code: 'unavailable', message: 'Down.' }),
      fetch: answer,
      clock,
      store,
    });
  return { clock, store, vendorOf };
};

it('gives all parts one transport, clock, store and form of credentials', async () => {
  const sent: string[] = [];
  const { vendorOf } = open(async (input, init) => {
    const { url, headers } = new Request(input, init);
    sent.push(`${url} ${headers.get('authorization')}`);
    return Response.json({}, { headers: { date: new Date(START + 60_000).toUTCString() } });
  });
  const [one, other] = [vendorOf(), vendorOf()];
  const token = { value: 'the-token', issuedAt: START, expiresAt: START + 3_600_000 };
  const tokensOf = ({ tokens, account }: typeof one) =>
    tokens(account('17'), () => ({ token: async () => token }), { operation: 'asUser.token' });
  await one.http.request({ operation: 'api.hello', method: 'GET', path: 'hello', parse: () => null });
  expect([one.clock.skew(), other.clock.skew()]).toEqual([60_500, 0]);

  await authorizedFetch(one.authority(tokensOf(one).of('a'), async () => false))('me');
  expect(sent).toEqual(['https://api.acme.example/v1/hello null', 'https://api.acme.example/v1/me Bearer the-token']);
  expect(await tokensOf(other).of('a').current()).toMatchObject({ value: 'the-token' });
});

it('passes everything of the runtime to the engine', async () => {
  const told: string[] = [];
  const vendor = createVendor({
    id: 'acme',
    baseUrl: 'https://api.acme.example/',
    explain: () => ({ code: 'unavailable', message: 'Down.' }),
    clock: fakeClock({ now: START }),
    store: {
      read: async () => {
        told.push('store');
        throw new Error('Down.');
      },
      write: async () => undefined,
    },
    whenStoreIsDown: 'refuse',
    waitUntil: () => void told.push('waitUntil'),
    observe: ({ type }) => void told.push(type),
  });
  const tokens = vendor.tokens('17', () => ({ token: () => Promise.reject(new Error('Nobody asks.')) }), { operation: 'token' });
  await expect(tokens.of('a').token()).rejects.toMatchObject({ code: 'store_unavailable' });
  // Nobody waits for an observer.
  await vi.waitFor(() => expect(new Set(told)).toEqual(new Set(['waitUntil', 'store', 'served_without_store', 'refresh_failed'])));
});

it('names accounts so that no two differ only by where a part ends', () => {
  const { vendorOf } = open(async () => new Response());
  const { account } = vendorOf();
  const names = [
    account('a', 'bc'),
    account('ab', 'c'),
    account('abc'),
    account(),
    vendorOf('https://api.acme.example/v2').account('a', 'bc'),
  ];
  expect(new Set(names).size).toBe(names.length);
});

it('tells a state that was used at another vendor object of the same store', async () => {
  const { vendorOf, clock } = open(async () => new Response());
  const [one, other] = [vendorOf(), vendorOf()].map((vendor) => vendor.states(vendor.account('17')));
  const state = one?.create() ?? '';
  const spend = (states = one) => states?.spend({ values: () => [state] }, { state, expiresAt: clock.now() + 1000 }, 'connect.complete');
  await spend();
  await expect(spend(other)).rejects.toMatchObject({ code: 'state_mismatch', provider: 'acme' });
});

it('takes for an error of a page the first word that is known, and quotes nothing but a word of the vendor', () => {
  const failures = {
    fail: errorsOf('acme'),
    operation: 'connect.complete',
    known: { denied: ['consent_denied', 'Denied.'], late: ['timeout', 'Late.'] },
    otherwise: ['unavailable', 'Unknown.'],
    wordsLike: /^[a-z]{1,10}$/,
    sent: { url: 'https://acme.example/connect?code=topsecret', state: 'thestate' },
  } as const;
  const of = (...words: readonly string[]) => {
    const { code, message, vendorCode } = pageFailure(words, failures);
    return [code, message, vendorCode];
  };
  expect(of('late', 'denied')).toEqual(['timeout', 'Late.', 'late']);
  expect(of('<script>', 'denied')).toEqual(['consent_denied', 'Denied.', 'denied']);
  expect(of('other', 'late')).toEqual(['timeout', 'Late.', 'late']);
  expect(of('toString', '<script>', 'other')).toEqual(['unavailable', 'Unknown.', 'other']);
  expect(of('toString', '<script>')).toEqual(['unavailable', 'Unknown.', undefined]);
  expect([of('topsecret'), of('thestate')]).toEqual(Array(2).fill(['unavailable', 'Unknown.', undefined]));
});
