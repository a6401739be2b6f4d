import { type ProviderFixture, providerContract } from '@auth/conformance';
import { describe, it } from 'vitest';
import { signedJwtFake } from './fake.ts';
import { type SignedJwtProvider, signedJwt } from './signed-jwt.ts';

type Fake = Awaited<ReturnType<typeof signedJwtFake>>;

const fixture: ProviderFixture<SignedJwtProvider, Fake> = {
  open: (clock) => signedJwtFake(clock),
  create: (_, runtime, privateKey) => signedJwt({ ...runtime, applicationId: 'app-1', privateKey, baseUrl: 'https://api.vendor.example/' }),
  secrets: ({ privateKey }) => [privateKey],
  user: () => 'session-1',
  request: (sessionId) => `sessions/${sessionId}`,
  foreignRefusal: () => Response.json({ error: 'PLAN' }, { status: 401 }),
  errors: {},
  token: { from: 'provider', end: ({ refuseTokens }) => refuseTokens() },
  capabilities: { application: { request: 'banks' } },
};

describe('the contract', () => {
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
