import { AuthError, authorizedFetch, type Fetch, type Token, type TokenAuthority } from '@auth/core';
import { expect, it } from 'vitest';
import { type BudgeaProviderWithApplication, budgea } from './index.ts';

const refusing = () =>
  budgea({
    domain: 'demo-sandbox',
    clientId: '4711',
    clientSecret: 'the secret',
    manageToken: 'the manage token',
    fetch: async () => Response.json({ code: 'bug' }, { status: 500 }),
  });
const as: Token = { value: 'the token', issuedAt: 0, expiresAt: null };
const throwing = (authority: TokenAuthority): Fetch =>
  authorizedFetch({ ...authority, authorize: async () => ({ headers: {}, bodyFields: null, token: as }) }, { throwHttpErrors: true });
const redirectUri = 'https://app.example/callback';

it.each<[string, (provider: BudgeaProviderWithApplication) => Promise<unknown>]>([
  ['asUser.token', ({ asUser }) => asUser('7').token()],
  ['authorizedFetch that throws', ({ asUser }) => throwing(asUser('7'))('users/me')],
  ['application.token', ({ application }) => application.token()],
  ['authorizedFetch', ({ asUser }) => authorizedFetch(asUser('7'))('users/me')],
  ['api', ({ api }) => api.getUser('7', { as })],
  ['api withResponse', ({ api }) => api.getUser('7', { as }).withResponse()],
  ['users.create', ({ users }) => users.create({ reference: 'customer-17' })],
  ['users.get', ({ users }) => users.get('7')],
  ['users.delete', ({ users }) => users.delete('7')],
  ['userTokens.issue', ({ userTokens }) => userTokens.issue('7')],
  ['codes.issue', ({ codes }) => codes.issue('7')],
  ['codes.exchange', ({ codes }) => codes.exchange('code', { redirectUri })],
  ['connect.start', ({ connect }) => connect.start({ userId: '7', redirectUri })],
  ['connections.list', ({ connections }) => connections.list('7')],
])('leads the stack of a failed %s to the caller', async (_, call) => {
  const provider = refusing();
  const callerOfThis = async (): Promise<unknown> => await call(provider);
  const error: unknown = await callerOfThis().catch((reason: unknown) => reason);
  expect(AuthError.is(error) && error.stack).toContain('callerOfThis');
});
