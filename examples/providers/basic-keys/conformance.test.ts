import { type ProviderFixture, providerContract } from '@auth/conformance';
import { describe, it } from 'vitest';
import { type BasicKeysProvider, basicKeys } from './basic-keys.ts';
import { basicKeysFake } from './fake.ts';

const answer = (status: number) => () => Response.json({ error: 'refused' }, { status });

const fixture: ProviderFixture<BasicKeysProvider, ReturnType<typeof basicKeysFake>> = {
  open: () => basicKeysFake(),
  create: ({ account: { clientId } }, runtime, apiKey) =>
    basicKeys({ ...runtime, clientId, apiKey, baseUrl: 'https://api.vendor.example/' }),
  secrets: ({ account }) => [account.key],
  user: async (_, provider) => (await provider.users.create({ reference: 'reader-1' })).id,
  request: (userId) => `users/${userId}`,
  foreignRefusal: answer(403),
  errors: {
    'a bad request': { to: 'users.create', answer: answer(400), code: 'invalid_request' },
    'wrong keys': { to: 'users.create', answer: answer(401), code: 'invalid_credentials' },
    'a missing product': { to: 'users.create', answer: answer(403), code: 'forbidden' },
    'an unknown user': { to: 'users.get', answer: answer(404), code: 'not_found' },
    'a reference that is taken': { to: 'users.create', answer: answer(409), code: 'conflict' },
    'too many calls': { to: 'users.get', answer: answer(429), code: 'rate_limited' },
    'a failure': { to: 'users.get', answer: answer(500), code: 'unavailable' },
    'an unknown status': { to: 'users.get', answer: answer(418), code: 'invalid_response' },
  },
  capabilities: {
    application: { request: 'status' },
    users: { reference: 'reader-2', unknownId: 'USR-999', notOneUser: [] },
  },
};

describe('the contract', () => {
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
