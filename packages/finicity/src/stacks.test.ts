import { AuthError, authorizedFetch, type Token } from '@auth/core';
import { expect, it } from 'vitest';
import { memoryVault } from '../test/vaults.ts';
import { type FinicityProvider, finicity } from './index.ts';

const SECRET = 'correcthorse4';
const refusing = () =>
  finicity({
    partnerId: '2445583946651',
    partnerSecret: SECRET,
    appKey: '0123456789abcdef0123456789abcdef',
    fetch: async () => new Response(null, { status: 500 }),
  });
const as: Token = { value: 'the token', issuedAt: 0, expiresAt: null };
const redirectUri = 'https://app.example/callback';

it.each<[string, (provider: FinicityProvider) => Promise<unknown>]>([
  ['asUser.token', ({ asUser }) => asUser('7').token()],
  ['application.token', ({ application }) => application.token()],
  ['authorizedFetch', ({ application }) => authorizedFetch(application)('institution/v2/institutions')],
  ['api', ({ api }) => api.getCustomer('7', { as })],
  ['api withResponse', ({ api }) => api.getCustomer('7', { as }).withResponse()],
  ['users.create', ({ users }) => users.create({ reference: 'customer-17' })],
  ['users.get', ({ users }) => users.get('7')],
  ['users.delete', ({ users }) => users.delete('7')],
  ['users.find', ({ users }) => users.find('customer-17')],
  ['secret.rotate', ({ secret }) => secret.rotate({ vault: memoryVault(SECRET) })],
  ['connect.start', ({ connect }) => connect.start({ userId: '7', redirectUri })],
])('leads the stack of a failed %s to the caller', async (_, call) => {
  const provider = refusing();
  const callerOfThis = async (): Promise<unknown> => await call(provider);
  const error: unknown = await callerOfThis().catch((reason: unknown) => reason);
  expect(AuthError.is(error) && error.stack).toContain('callerOfThis');
});
