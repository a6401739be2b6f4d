import { type ProviderFixture, providerContract } from '@auth/conformance';
import { type BudgeaProfile, type BudgeaSandbox, budgeaSandbox } from '@auth/sandbox';
import { describe, it } from 'vitest';
import { BASE_URL as baseUrl, PROFILES } from '../test/setup.ts';
import { type BudgeaProvider, type BudgeaProviderWithApplication, budgea } from './index.ts';

const TOKENS: ReadonlySet<string> = new Set(['/2.0/auth/renew', '/2.0/admin/jwt']);
const to = 'users.get';

const json =
  (status: number, body: object = {}) =>
  (): Response =>
    Response.json(body, { status });
const page = (status: number) => (): Response => new Response('<html><title>Service unavailable</title></html>', { status });

/** Without a manage token. */
const fixtureOf = (profile: BudgeaProfile): ProviderFixture<BudgeaProvider, BudgeaSandbox> => ({
  open: (clock) => budgeaSandbox({ clock, profile }),
  create: ({ credentials: { domain, clientId } }, runtime, clientSecret) => budgea({ ...runtime, domain, clientId, clientSecret, baseUrl }),
  secrets: ({ credentials: { clientSecret } }) => [clientSecret],
  user: async (_, provider) => (await provider.users.create({ reference: 'customer-17' })).id,
  request: () => 'users/me/connections',
  foreignRefusal: () => Response.json({ code: 'forbidden' }, { status: 403 }),
  errors: {
    'a bank that refuses the login': { to, answer: json(400, { code: 'wrongpass' }), code: 'reconnect_required' },
    'a permission that is missing': { to, answer: json(403, { code: 'forbidden' }), code: 'forbidden' },
    'a client that it does not know': { to: 'asUser.token', answer: json(400, { code: 'invalid_client' }), code: 'invalid_credentials' },
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
    // What is made of an error does not depend on the dialect.
    errors:
      profile === '2019'
        ? {}
        : { ...errors, 'a wrong manage token': { to: 'application.token', answer: json(401), code: 'invalid_credentials' } },
    capabilities: { ...capabilities, application: { request: 'users' } },
  };
};

/** Where the page sends the browser. */
const press = async ({ fetch }: BudgeaSandbox, url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'manual' });
  await response.body?.cancel();
  return response.headers.get('location') ?? '';
};

describe.each(PROFILES)('the contract, in the dialect of %s', (profile) => {
  for (const { name, run } of providerContract(withApplication(profile))) it(name, run);
});
