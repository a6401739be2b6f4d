import { authorizedFetch, createRegistry, supports } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, PROFILES, permanent, serveVendor } from '../test/setup.ts';
import { budgeaPlugin } from './index.ts';

const REDIRECT_URI = 'http://127.0.0.1:9/callback';
const reference = 'customer-17';

/** Clicks the button of a page, as a person would: with the first bank, in the page's own form. Ends at the callback. */
const visit = async (url: string, label: string): Promise<string> => {
  let response = await fetch(url, { redirect: 'manual' });
  for (let step = 0; step < 5; step += 1) {
    const location = response.headers.get('location');
    if (location?.startsWith(REDIRECT_URI)) return location;
    if (location !== null) {
      response = await fetch(new URL(location, response.url), { redirect: 'manual' });
      continue;
    }
    const page = await response.text();
    response = await fetch(response.url, { method: 'POST', redirect: 'manual', body: answer(page, label) });
  }
  throw new Error('The pages did not lead back.');
};

const answer = (page: string, label: string): URLSearchParams => {
  const form = new URLSearchParams();
  for (const [tag] of page.matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, 'name');
    if (!form.has(name)) form.set(name, attribute(tag, 'value'));
  }
  const button = [...page.matchAll(/<button([^>]*)>([^<]*)</g)].find(([, , text]) => text === label);
  if (button === undefined) throw new Error(`No button ${label} on the page:\n${page}`);
  form.set(attribute(button[0], 'name'), attribute(button[0], 'value'));
  return form;
};
const attribute = (tag: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';

describe.each(PROFILES)('over HTTP, in the dialect of %s', (profile) => {
  it('the server makes the user, the browser connects a bank, the server reads it, and the user leaves', async () => {
    const vendor = await serveVendor({ profile });
    const provider = vendor.provider();
    const { id: userId } = await provider.users.create({ reference });
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    const { connectionIds } = await provider.connect.complete(await visit(session.url, 'Connect'), session);
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
    const { userId, connectionIds } = await provider.connect.complete(await visit(session.url, 'Connect'), session);
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
