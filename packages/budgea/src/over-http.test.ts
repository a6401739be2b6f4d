import { authorizedFetch, createRegistry, supports } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, PROFILES, permanent, REDIRECT_URI, serveVendor } from '../test/setup.ts';
import { budgeaPlugin } from './index.ts';

const reference = 'customer-17';

describe.each(PROFILES)('over HTTP, in the dialect of %s', (profile) => {
  it('the server makes the user, the browser connects a bank, the server reads it, and the user leaves', async () => {
    const vendor = await serveVendor({ profile });
    const provider = vendor.provider();
    const { id: userId } = await provider.users.create({ reference });
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    const { connectionIds } = await provider.connect.complete(await vendor.approve(session), session);
    const response = await authorizedFetch(provider.asUser(userId))(`users/me/connections/${connectionIds[0]}`);
    expect(await response.json()).toMatchObject({ id: Number(connectionIds[0]), id_user: Number(userId) });
    expect([vendor.calls('POST', 'auth/init'), vendor.calls('POST', 'auth/renew')]).toEqual([1, 0]);
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: true });
    expect(await provider.users.delete(userId)).toEqual({ existed: true });
    expect(await provider.users.delete(userId)).toEqual({ existed: false });
  });

  it('the browser comes first, and its code becomes the user’s token', async () => {
    const vendor = await serveVendor({ profile });
    const provider = vendor.provider();
    const session = await provider.connect.startAnonymous({ redirectUri: REDIRECT_URI });
    const { userId, connectionIds } = await provider.connect.complete(await vendor.approve(session), session);
    expect(await provider.connections.list(userId)).toMatchObject([{ id: connectionIds[0] }]);
    expect([vendor.calls('POST', 'auth/token/access'), vendor.calls('POST', 'auth/renew')]).toEqual([1, 0]);
  });
});

describe('over HTTP', () => {
  it('a provider that a registry makes from the environment works, by the runtime’s own fetch', async () => {
    const { sandbox, clock, options } = await serveVendor();
    const env = { AUTH_PROVIDER: 'budgea', ...sandbox.environment(options.baseUrl ?? '') };
    const provider = createRegistry([budgeaPlugin]).fromEnv(env, { clock });
    const { id } = await provider.users.create({ reference });
    expect((await authorizedFetch(provider.asUser(id))('users/me')).status).toBe(200);
    if (!supports(provider, 'application')) expect.fail('no application');
    expect((await authorizedFetch(provider.application)(`clients/${options.clientId}`)).status).toBe(200);
    expect(sandbox.calls).toHaveLength(4);
  });

  it.each(['lost', 'truncated', 'reset'] as const)(
    'an answer that is %s leaves the outcome open where the request must not be repeated, and nowhere else',
    async (kind) => {
      const { sandbox, provider } = await serveVendor();
      const { users, api } = provider();
      sandbox.faults.add({ times: 2, reply: { kind } });
      expect(await errorOf(users.create({ reference }))).toMatchObject({ code: 'outcome_unknown', operation: 'users.create' });
      expect(await errorOf(api.getUser('me', { as: permanent('abc') }))).toMatchObject({ code: 'unavailable', retryable: true });
      expect(sandbox.calls).toHaveLength(2);
    },
  );

  it('a caller who aborts while the vendor hangs stops waiting', async () => {
    const caller = new AbortController();
    const { sandbox, provider } = await serveVendor({ observe: () => caller.abort() });
    sandbox.faults.add({ reply: { kind: 'hang' } });
    const call = provider().api.getUser('me', { as: permanent('abc'), signal: caller.signal });
    expect(await errorOf(call)).toMatchObject({ code: 'aborted', operation: 'api.getUser' });
    expect(sandbox.calls).toHaveLength(1);
  });

  it('nobody at the port is unavailable, not outcome_unknown, as nothing was sent', async () => {
    const vendor = await serveVendor();
    await vendor.close();
    const error = await errorOf(vendor.provider().users.create({ reference }));
    expect(error).toMatchObject({ code: 'unavailable', retryable: true, status: undefined });
    expect(vendor.sandbox.calls).toHaveLength(0);
  });
});
