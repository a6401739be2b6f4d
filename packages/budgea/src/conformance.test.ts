import { type ExpectedError, type ProviderFixture, providerContract } from '@auth/conformance';
import type { AuthErrorCode } from '@auth/core';
import { type BudgeaProfile, type BudgeaSandbox, budgeaSandbox } from '@auth/sandbox';
import { describe, it } from 'vitest';
import { BASE_URL as baseUrl, PROFILES, REDIRECT_URI as redirectUri } from '../test/setup.ts';
import { type BudgeaProviderWithApplication, budgea } from './index.ts';

const TOKENS: ReadonlySet<string> = new Set(['/2.0/auth/renew', '/2.0/admin/jwt']);
const PAGE = '<html><title>Service unavailable</title></html>';

/** What is made of an answer: its own codes are in `errors.test.ts`, and the dialect does not matter. */
const expected = (
  to: ExpectedError<BudgeaProviderWithApplication>['to'],
  status: number,
  code: AuthErrorCode,
  body = '{}',
): ExpectedError<BudgeaProviderWithApplication> => ({ to, code, answer: () => new Response(body, { status }) });
const ERRORS = {
  'a bank that refuses the login': expected('users.get', 400, 'reconnect_required', '{"code":"wrongpass"}'),
  'a permission that is missing': expected('users.get', 403, 'forbidden', '{"code":"forbidden"}'),
  'a client that it does not know': expected('asUser.token', 400, 'invalid_credentials', '{"code":"invalid_client"}'),
  'a wrong secret': expected('asUser.token', 401, 'invalid_credentials'),
  'a wrong manage token': expected('application.token', 401, 'invalid_credentials'),
  'a code that it does not know': expected('codes.exchange', 401, 'invalid_token'),
  'an unknown user': expected('asUser.token', 404, 'not_found'),
  'a limit': expected('users.get', 429, 'rate_limited'),
  'a timeout': expected('users.get', 408, 'timeout'),
  'the page of a gateway that says 401': expected('asUser.token', 401, 'unavailable', PAGE),
  'the page of a gateway that says 503': expected('users.get', 503, 'unavailable', PAGE),
};

/** The manage token is wrong when the client secret is wrong. */
const fixtureOf = (profile: BudgeaProfile): ProviderFixture<BudgeaProviderWithApplication, BudgeaSandbox> => ({
  open: (clock) => budgeaSandbox({ clock, profile }),
  create: ({ credentials: { domain, clientId, clientSecret: right, manageToken: token } }, runtime, clientSecret) => {
    const manageToken = clientSecret === right ? token : clientSecret;
    return budgea({ ...runtime, domain, clientId, clientSecret, manageToken, baseUrl });
  },
  secrets: ({ credentials: { clientSecret, manageToken } }) => [clientSecret, manageToken],
  user: async (_, provider) => (await provider.users.create({ reference: 'customer-17' })).id,
  request: () => 'users/me/connections',
  foreignRefusal: () => Response.json({ code: 'forbidden' }, { status: 403 }),
  errors: profile === '2019' ? {} : ERRORS,
  token: {
    from: 'vendor',
    isRequest: ({ method, path }) => method === 'POST' && TOKENS.has(path),
    end: (sandbox) => sandbox.expireTokens(),
  },
  capabilities: {
    application: { request: 'users' },
    users: { reference: 'customer-18', unknownId: '999999', notOneUser: ['all', 'me', '0', '17a'] },
    userTokens: {},
    codes: { obtain: async (_, provider, userId) => ({ code: (await provider.codes.issue(userId)).value, redirectUri: null }) },
    revocation: {},
    connect: {
      redirectUri,
      approve: (sandbox, { url }) => press(sandbox, `${url}&auto=approve`),
      deny: (sandbox, { url }) => press(sandbox, `${url}&auto=deny`),
    },
  },
});

/** Where the page sends the browser. */
const press = async ({ fetch }: BudgeaSandbox, url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'manual' });
  await response.body?.cancel();
  return response.headers.get('location') ?? '';
};

describe.each(PROFILES)('the contract, in the dialect of %s', (profile) => {
  for (const { name, run } of providerContract(fixtureOf(profile))) it(name, run);
});
