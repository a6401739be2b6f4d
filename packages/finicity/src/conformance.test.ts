import { type ProviderFixture, providerContract } from '@auth/conformance';
import type { AuthErrorCode } from '@auth/core';
import { type FinicitySandbox, finicitySandbox } from '@auth/sandbox';
import { describe, it } from 'vitest';
import { hurried } from '../test/clocks.ts';
import { INSTITUTIONS, TOKENS } from '../test/vendor.ts';
import { type FinicityProvider, finicity } from './index.ts';

/** An answer with this status and body, to this operation, and what it means. Every code of the vendor has its row in the tests of errors. */
const refused = (to: 'application.token' | 'users.get', status: number, body: object | string | null, code: AuthErrorCode) => ({
  to,
  answer: () => new Response(typeof body === 'string' ? body : body && JSON.stringify(body), { status }),
  code,
});

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
    'a wrong secret': refused('application.token', 401, { code: 10001 }, 'invalid_credentials'),
    'the lock': refused('application.token', 500, { code: 24302 }, 'locked'),
    'an app key that nobody knows': refused('application.token', 401, 'Invalid (Finicity-App-Key)', 'invalid_credentials'),
    'a limit': refused('application.token', 429, null, 'rate_limited'),
    'another country': refused('application.token', 403, null, 'region_blocked'),
    maintenance: refused('users.get', 503, null, 'unavailable'),
    'an unknown customer': refused('users.get', 404, { code: 14001 }, 'not_found'),
    'a plan that lacks the product': refused('users.get', 401, null, 'forbidden'),
  },
  token: {
    from: 'vendor',
    isRequest: ({ method, path }) => method === 'POST' && path === TOKENS,
    end: (sandbox) => sandbox.expireTokens(),
  },
  capabilities: {
    application: { request: INSTITUTIONS },
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
