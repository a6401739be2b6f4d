import { type ProviderFixture, providerContract } from '@auth/conformance';
import { describe, it } from 'vitest';
import { signedRequestsFake } from './fake.ts';
import { type SignedRequestsProvider, signedRequests } from './signed-requests.ts';

type Fake = Awaited<ReturnType<typeof signedRequestsFake>>;
const refusal = (status: number, error?: string) => () => Response.json({ error }, { status });

const fixture: ProviderFixture<SignedRequestsProvider, Fake> = {
  open: (clock) => signedRequestsFake(clock),
  create: ({ privateKey }, runtime, secret) =>
    signedRequests({ ...runtime, appId: 'app-1', secret, privateKey, baseUrl: 'https://api.vendor.example/' }),
  secrets: ({ account, privateKey }) => [account.secret, privateKey],
  user: async (_, provider) => (await provider.users.create({ reference: 'reader-1' })).id,
  request: (customerId) => `customers/${customerId}`,
  foreignRefusal: refusal(403, 'ActionNotAllowed'),
  errors: {
    'a wrong secret': { to: 'users.create', answer: refusal(401, 'WrongKeys'), code: 'invalid_credentials' },
    'a wrong key': { to: 'users.create', answer: refusal(400, 'WrongSignature'), code: 'invalid_credentials' },
    'a customer of nobody': { to: 'users.get', answer: refusal(404, 'CustomerNotFound'), code: 'not_found' },
    'a reference that is taken': { to: 'users.create', answer: refusal(409, 'DuplicatedCustomer'), code: 'conflict' },
    'a missing product': { to: 'users.create', answer: refusal(403, 'ActionNotAllowed'), code: 'forbidden' },
    'too many calls': { to: 'users.get', answer: refusal(429), code: 'rate_limited' },
    'a failure': { to: 'users.get', answer: refusal(500), code: 'unavailable' },
  },
  capabilities: {
    application: { request: 'echo' },
    users: { reference: 'reader-2', unknownId: '999999', notOneUser: ['me'] },
  },
};

describe('the contract', () => {
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
