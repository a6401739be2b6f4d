import type { CheckedRuntime, ProviderFixture } from '../src/index.ts';
import { type AcmeProvider, acme } from './acme.ts';
import { type AcmeFake, acmeFake } from './acme-fake.ts';

export type AcmeFixture = ProviderFixture<AcmeProvider, AcmeFake>;
export type Make = (fake: AcmeFake, runtime: CheckedRuntime, secret: string) => AcmeProvider;

const refusal = (status: number, code: string) => (): Response => Response.json({ code }, { status });

/** The good provider against its fake, or another one. */
export const fixtureOf = (create: Make = (_, runtime, secret) => acme(runtime, secret)): AcmeFixture => ({
  open: acmeFake,
  create,
  secrets: ({ secret }) => [secret],
  user: async (_, provider) => (await provider.users.create({ reference: 'first' })).id,
  request: () => 'accounts',
  foreignRefusal: refusal(401, 'plan'),
  errors: {
    'a wrong secret': { to: 'asUser.token', answer: refusal(401, 'wrong_secret'), code: 'invalid_credentials' },
    'an unknown user': { to: 'users.get', answer: refusal(404, 'unknown'), code: 'not_found' },
  },
  token: { from: 'vendor', isRequest: ({ method, path }) => method === 'POST' && path === '/v1/token', end: (fake) => fake.endTokens() },
  capabilities: {
    application: { request: 'status' },
    secret: {},
    users: { reference: 'second', unknownId: '999999', notOneUser: ['all', 'me'] },
    userTokens: {},
    codes: { obtain: async (_, provider, userId) => ({ code: (await provider.codes.issue(userId)).value, redirectUri: null }) },
    revocation: {},
    connect: {
      redirectUri: 'https://app.example/callback',
      approve: (fake, { url }) => visit(fake, `${url}&decision=approve`),
      deny: (fake, { url }) => visit(fake, `${url}&decision=deny`),
    },
  },
});

const visit = async ({ fetch }: AcmeFake, url: string): Promise<string> => (await fetch(url)).headers.get('location') ?? '';
