import { type ProviderFixture, providerContract } from '@auth/conformance';
import { describe, it } from 'vitest';
import { singleUseFake } from './fake.ts';
import { type SingleUseProvider, singleUse } from './single-use.ts';

const redirectUri = 'https://product.example/callback';
const refusal = (status: number, error?: string) => () => Response.json({ error }, { status });

const fixture: ProviderFixture<SingleUseProvider, ReturnType<typeof singleUseFake>> = {
  open: singleUseFake,
  create: (_, runtime, clientSecret) =>
    singleUse({ ...runtime, clientId: 'client-1', clientSecret, baseUrl: 'https://api.vendor.example/' }),
  secrets: () => ['the-secret'],
  user: async ({ approve }, { connect }) => {
    const session = await connect.start({ userId: 'reader-1', redirectUri });
    return (await connect.complete(approve(session.url), session)).userId;
  },
  request: () => 'accounts',
  foreignRefusal: refusal(401, 'plan'),
  errors: {
    'a bad request': { to: 'asUser.token', answer: refusal(400, 'invalid_request'), code: 'invalid_request' },
    'a wrong secret': { to: 'asUser.token', answer: refusal(401, 'invalid_client'), code: 'invalid_credentials' },
    'a refresh token that was used': { to: 'asUser.token', answer: refusal(400, 'invalid_grant'), code: 'reconnect_required' },
    'too many calls': { to: 'asUser.token', answer: refusal(429), code: 'rate_limited' },
    'a missing product': { to: 'asUser.token', answer: refusal(403), code: 'forbidden' },
  },
  token: { from: 'vendor', isRequest: ({ path }) => path === '/token', end: ({ refuseTokens }) => refuseTokens() },
  capabilities: {
    revocation: {},
    connect: {
      redirectUri,
      approve: async ({ approve }, { url }) => approve(url),
      deny: async ({ deny }, { url }) => deny(url),
    },
  },
};

describe('the contract', () => {
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
