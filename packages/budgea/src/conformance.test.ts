import '../test/key-pairs.ts';
import { type ExpectedError, type ProviderFixture, providerContract } from '@auth/conformance';
import type { AuthErrorCode } from '@auth/core';
import { type BudgeaProfile, type BudgeaSandbox, budgeaSandbox } from '@auth/sandbox';
import { describe, it } from 'vitest';
import { type BudgeaProvider, type BudgeaProviderWithApplication, budgea } from './index.ts';

const TOKENS: ReadonlySet<string> = new Set(['/2.0/auth/renew', '/2.0/admin/jwt']);
const to = 'users.get';

/** The vendor's codes by their meaning, each with the status that it comes with. */
const CODES: Readonly<Partial<Record<AuthErrorCode, readonly (readonly [code: string, status: number])[]>>> = {
  invalid_token: [['invalid_grant', 400]],
  invalid_request: [
    ['missingParameter', 400],
    ['invalidValue', 400],
    ['methodNotAllowed', 405],
    ['config', 400],
    ['notSupported', 400],
    ['dataError', 500],
  ],
  reconnect_required: [
    ['SCARequired', 400],
    ['webauthRequired', 400],
    ['additionalInformationNeeded', 400],
    ['decoupled', 400],
    ['passwordExpired', 400],
    ['wrongpass', 400],
    ['actionNeeded', 400],
    ['bankMessage', 400],
  ],
  conflict: [
    ['validating', 400],
    ['connectionLocked', 409],
    ['invalidValue', 409],
  ],
  rate_limited: [
    ['rateLimiting', 400],
    ['tooManySync', 400],
  ],
  forbidden: [['forbidden', 403]],
  not_found: [['noAccount', 400]],
  unavailable: [
    ['websiteUnavailable', 400],
    ['bug', 500],
    ['keymanager', 500],
  ],
};

const byCode = Object.entries(CODES).flatMap(([code, rows]) =>
  rows.map(([vendorCode, status]): [string, ExpectedError<BudgeaProvider>] => [
    `code ${vendorCode} with status ${status}`,
    { to, answer: () => Response.json({ code: vendorCode }, { status }), code: code as AuthErrorCode }, // a key of CODES
  ]),
);

const json =
  (status: number, body: object = {}) =>
  (): Response =>
    Response.json(body, { status });
const page = (status: number) => (): Response => new Response('<html><title>Service unavailable</title></html>', { status });

const baseUrl = 'https://sandbox.example/2.0/';

/** Without a manage token. */
const fixtureOf = (profile: BudgeaProfile): ProviderFixture<BudgeaProvider, BudgeaSandbox> => ({
  open: (clock) => budgeaSandbox({ clock, profile }),
  create: ({ credentials: { domain, clientId } }, runtime, clientSecret) => budgea({ ...runtime, domain, clientId, clientSecret, baseUrl }),
  secrets: ({ credentials: { clientSecret } }) => [clientSecret],
  user: async (_, provider) => (await provider.users.create({ reference: 'customer-17' })).id,
  request: () => 'users/me/connections',
  foreignRefusal: () => Response.json({ code: 'forbidden' }, { status: 403 }),
  errors: {
    ...Object.fromEntries(byCode),
    'code invalid_client': { to: 'asUser.token', answer: json(400, { code: 'invalid_client' }), code: 'invalid_credentials' },
    'a wrong secret': { to: 'asUser.token', answer: json(401), code: 'invalid_credentials' },
    'a code that it does not know': { to: 'codes.exchange', answer: json(401), code: 'invalid_token' },
    'an unknown user': { to: 'asUser.token', answer: json(404), code: 'not_found' },
    'a limit': { to, answer: json(429), code: 'rate_limited' },
    'a timeout': { to, answer: json(408), code: 'timeout' },
    'the page of a gateway that says 401': { to: 'asUser.token', answer: page(401), code: 'unavailable' },
    'the page of a gateway that says 503': { to, answer: page(503), code: 'unavailable' },
  },
  token: {
    from: 'vendor',
    isRequest: ({ method, path }) => method === 'POST' && TOKENS.has(path),
    end: (sandbox) => sandbox.expireTokens(),
  },
  capabilities: {
    users: { reference: 'customer-18', unknownId: '999999', notOneUser: ['all', 'me', '0', '17a'] },
    userTokens: {},
    codes: { obtain: async (_, provider, userId) => ({ code: (await provider.codes.issue(userId)).value, redirectUri: null }) },
    revocation: {},
    connect: {
      redirectUri: 'http://localhost:3000/callback',
      approve: (sandbox, { url }) => press(sandbox, `${url}&auto=approve`),
      deny: (sandbox, { url }) => press(sandbox, `${url}&auto=deny`),
    },
  },
});

/** With a manage token, which is wrong when the client secret is wrong. */
const withApplication = (profile: BudgeaProfile): ProviderFixture<BudgeaProviderWithApplication, BudgeaSandbox> => {
  const { errors, capabilities, ...common } = fixtureOf(profile);
  return {
    ...common,
    create: ({ credentials: { domain, clientId, clientSecret: right, manageToken: token } }, runtime, clientSecret) => {
      const manageToken = clientSecret === right ? token : clientSecret;
      return budgea({ ...runtime, domain, clientId, clientSecret, manageToken, baseUrl });
    },
    secrets: ({ credentials: { clientSecret, manageToken } }) => [clientSecret, manageToken],
    errors: { ...errors, 'a wrong manage token': { to: 'application.token', answer: json(401), code: 'invalid_credentials' } },
    capabilities: { ...capabilities, application: { request: 'users' } },
  };
};

/** Where the page sends the browser. */
const press = async ({ fetch }: BudgeaSandbox, url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'manual' });
  await response.body?.cancel();
  return response.headers.get('location') ?? '';
};

describe('the contract', () => {
  for (const { name, run } of providerContract(withApplication('powens'))) it(name, run);
});

describe('the contract, in the dialect of 2019', () => {
  for (const { name, run } of providerContract(withApplication('2019'))) it(name, run);
});
