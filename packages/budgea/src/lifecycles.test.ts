import { authorizedFetch } from '@auth/core';
import { type BudgeaProfile, budgeaSandbox, type Listening } from '@auth/sandbox';
import { afterEach, describe, expect, it } from 'vitest';
import { budgea } from './index.ts';

const REDIRECT_URI = 'http://127.0.0.1:9/callback';
const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const setUp = async (profile: BudgeaProfile) => {
  const sandbox = budgeaSandbox({ profile });
  const server = await sandbox.listen();
  open.push(server);
  const provider = budgea({ ...sandbox.credentials, baseUrl: server.url });
  const callsTo = (path: string): number => sandbox.calls.filter((call) => call.path === `/2.0/${path}`).length;
  return { sandbox, provider, callsTo };
};

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

describe.each<BudgeaProfile>(['powens', '2019'])('the lifecycles of %s', (profile) => {
  it('A: the server makes the user, the browser connects a bank, the server reads it', async () => {
    const { provider, callsTo } = await setUp(profile);
    const { id: userId } = await provider.users.create({ reference: 'customer-17' });
    const session = await provider.connect.start({ userId, redirectUri: REDIRECT_URI });
    const { connectionIds } = await provider.connect.complete(await visit(session.url, 'Connect'), session);
    const response = await authorizedFetch(provider.asUser(userId))(`users/me/connections/${connectionIds[0]}`);
    expect(await response.json()).toMatchObject({ id: Number(connectionIds[0]), id_user: Number(userId) });
    expect([callsTo('auth/init'), callsTo('auth/token/code'), callsTo('auth/renew')]).toEqual([1, 1, 0]);
  });

  it('B: the browser comes first, and its code becomes the user’s token', async () => {
    const { provider, callsTo } = await setUp(profile);
    const session = await provider.connect.startAnonymous({ redirectUri: REDIRECT_URI });
    const { userId, connectionIds } = await provider.connect.complete(await visit(session.url, 'Connect'), session);
    const response = await authorizedFetch(provider.asUser(userId))('users/me/connections');
    expect(await response.json()).toMatchObject({ connections: [{ id: Number(connectionIds[0]) }] });
    expect([callsTo('auth/token/access'), callsTo('auth/renew')]).toEqual([1, 0]);
  });

  it('C: a temporary user connects a bank by the API, and the temporary token is exchanged for a permanent one', async () => {
    const { provider, sandbox } = await setUp(profile);
    const { authToken } = await provider.api.createAnonymousUser();
    const headers = { authorization: `Bearer ${authToken}`, 'content-type': 'application/json' };
    const connection = await fetch(new URL('users/me/connections', provider.baseUrl), {
      method: 'POST',
      headers,
      body: JSON.stringify({ id_connector: 1, login: 'anybody', password: 'anything' }),
    });
    expect(connection.ok).toBe(true);
    const { userId } = await provider.codes.exchange(authToken, { redirectUri: null });
    const response = await authorizedFetch(provider.asUser(userId))('users/me/connections');
    expect(await response.json()).toMatchObject({ connections: [{ id_user: Number(userId) }] });
    // Half an hour later an anonymous user would be gone.
    sandbox.advance(31 * 60_000);
    expect(await provider.users.get(userId)).toMatchObject({ id: userId });
  });

  it('D: a lost token is replaced for the same user', async () => {
    const { provider, sandbox, callsTo } = await setUp(profile);
    const { id: userId } = await provider.users.create({ reference: 'customer-17' });
    const restarted = budgea({ ...sandbox.credentials, baseUrl: provider.baseUrl });
    expect(await restarted.users.get(userId)).toMatchObject({ id: userId });
    expect([callsTo('auth/init'), callsTo('auth/renew')]).toEqual([1, 1]);
  });

  it('E: a user leaves: the token ends, then the user', async () => {
    const { provider } = await setUp(profile);
    const { id: userId } = await provider.users.create({ reference: 'customer-17' });
    const token = await provider.asUser(userId).token();
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: true });
    await expect(provider.api.getUser('me', { as: token })).rejects.toMatchObject({ status: profile === '2019' ? 403 : 401 });
    expect(await provider.revocation.revoke(userId)).toEqual({ existed: false });
    expect(await provider.users.delete(userId)).toEqual({ existed: true });
    expect(await provider.users.delete(userId)).toEqual({ existed: false });
  });
});
