import { type ExpectedError, type ProviderFixture, providerContract } from '@auth/conformance';
import type { AuthErrorCode } from '@auth/core';
import { type FinicitySandbox, finicitySandbox } from '@auth/sandbox';
import { describe, it } from 'vitest';
import { hurried } from '../test/hurried-clock.ts';
import { type FinicityProvider, finicity } from './index.ts';

const TOKENS = '/aggregation/v2/partners/authentication';
const to = 'users.get';

/** The vendor's codes by what they mean, each with the status that it comes with. */
const CODES: Readonly<Partial<Record<AuthErrorCode, readonly (readonly [code: number, status: number])[]>>> = {
  invalid_credentials: [
    [10001, 401],
    [10021, 401],
    [10027, 401],
    [12401, 404],
  ],
  locked: [
    [24302, 500],
    [24302, 401],
  ],
  rate_limited: [
    [977, 429],
    [3300001, 429],
  ],
  timeout: [[10030, 408]],
  forbidden: [
    [10405, 403],
    [10406, 403],
  ],
  conflict: [
    [11000, 409],
    [110002, 409],
  ],
  not_found: [
    [14001, 404],
    [14003, 404],
    [14006, 404],
  ],
  invalid_request: [
    [1504, 401],
    [10005, 400],
    [10010, 400],
    [10024, 401],
    [10026, 401],
    [14016, 400],
    [14020, 400],
    [14023, 400],
    [14025, 406],
    [20000, 406],
    [24437, 400],
    [41003, 400],
    [41004, 400],
    [45003, 400],
    [110039, 400],
  ],
};

const byCode = Object.entries(CODES).flatMap(([code, rows]) =>
  rows.map(([vendorCode, status]): [string, ExpectedError<FinicityProvider>] => [
    `code ${vendorCode} with status ${status}`,
    { to, answer: () => Response.json({ code: vendorCode, message: '' }, { status }), code: code as AuthErrorCode }, // a key of CODES
  ]),
);

const fixture: ProviderFixture<FinicityProvider, FinicitySandbox> = {
  open: (clock) => finicitySandbox({ clock }),
  // The contract gives each operation ten seconds of its clock, less than the wait of `recover`.
  create: ({ credentials }, { clock, ...runtime }, partnerSecret) =>
    finicity({ ...credentials, ...runtime, clock: hurried(clock), partnerSecret, customers: 'testing' }),
  secrets: ({ credentials: { partnerSecret, appKey } }) => [partnerSecret, appKey],
  user: async (_, provider) => (await provider.users.create({ reference: 'customer-17' })).id,
  request: (userId) => `aggregation/v1/customers/${userId}`,
  foreignRefusal: () => new Response(null, { status: 401 }),
  errors: {
    ...Object.fromEntries(byCode),
    'a wrong secret': {
      to: 'application.token',
      answer: () => Response.json({ code: 10001 }, { status: 401 }),
      code: 'invalid_credentials',
    },
    'the lock': { to: 'application.token', answer: () => Response.json({ code: 24302 }, { status: 500 }), code: 'locked' },
    'an app key that nobody knows': {
      to: 'application.token',
      answer: () => new Response('Invalid (Finicity-App-Key)', { status: 401 }),
      code: 'invalid_credentials',
    },
    'a limit': { to: 'application.token', answer: () => new Response(null, { status: 429 }), code: 'rate_limited' },
    'another country': { to: 'application.token', answer: () => new Response(null, { status: 403 }), code: 'region_blocked' },
    maintenance: { to, answer: () => new Response(null, { status: 503 }), code: 'unavailable' },
    'a plan that lacks the product': { to, answer: () => new Response(null, { status: 401 }), code: 'forbidden' },
  },
  token: {
    from: 'vendor',
    isRequest: ({ method, path }) => method === 'POST' && path === TOKENS,
    end: (sandbox) => sandbox.expireTokens(),
  },
  capabilities: {
    application: { request: 'institution/v2/institutions' },
    secret: {},
    users: { reference: 'customer-18', unknownId: '999999999', notOneUser: ['all', 'me'] },
    connect: {
      redirectUri: 'https://app.example/callback',
      approve: (sandbox, { url }) => press(sandbox, `${url}&auto=approve`),
      deny: (sandbox, { url }) => press(sandbox, `${url}&auto=cancel`),
    },
  },
};

/** Where the page sends the browser. */
const press = async ({ fetch }: FinicitySandbox, url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'manual' });
  await response.body?.cancel();
  return response.headers.get('location') ?? '';
};

describe('the contract', () => {
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
