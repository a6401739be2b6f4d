import { authorizedFetch, systemClock } from '@auth/core';
import { type FinicitySandbox, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hurried } from '../test/clocks.ts';
import { memoryVault } from '../test/vaults.ts';
import { codeOf, errorOf, INSTITUTIONS, NEXT } from '../test/vendor.ts';
import { type FinicityProvider, finicity } from './index.ts';

// What depends on the transport, over a real server. All else is tested in process.
/** Runs when the vendor has received a request. */
let asked: () => void;
let sandbox: FinicitySandbox;
let server: Listening;
let provider: FinicityProvider;
beforeEach(async () => {
  asked = () => {};
  sandbox = finicitySandbox({ observe: () => asked() });
  server = await sandbox.listen();
  provider = finicity({ ...sandbox.credentials, customers: 'testing', baseUrl: server.url, clock: hurried(systemClock) });
});
afterEach(async () => {
  await provider[Symbol.asyncDispose]();
  await server.close();
});

it('a customer is enrolled, connects a bank, is listed and deleted', async () => {
  const { users, connect, api, application } = provider;
  const { id: userId } = await users.create({ reference: 'customer-17', firstName: 'Zoë' });
  const session = await connect.start({ userId, redirectUri: 'https://app.example/callback' });
  const { headers } = await fetch(`${session.url}&auto=approve`, { redirect: 'manual' });
  expect(await connect.complete(headers.get('location') ?? '', session)).toEqual({ userId, connectionIds: [] });
  const { accounts } = await api.getCustomerAccounts(userId, { as: application });
  expect(new Set(accounts.map(({ customerId }) => customerId))).toEqual(new Set([userId]));
  for await (const user of users.list()) expect(user).toMatchObject({ id: userId, firstName: 'Zoë' });
  expect([await users.delete(userId), await users.delete(userId)]).toEqual([{ existed: true }, { existed: false }]);
  expect(await codeOf(users.get(userId))).toBe('not_found');
});

it('no call fails while the secret is rotated and tokens end during and after it', async () => {
  const vault = memoryVault(sandbox.credentials.partnerSecret);
  const { application, secret } = finicity({
    ...sandbox.credentials,
    partnerSecret: () => vault.content.current,
    baseUrl: server.url,
  });
  const send = authorizedFetch(application);
  const statuses = new Set<number>();
  // Ten callers. None may meet two expired tokens in one call, because a request is repeated only once.
  const calls = async (each: number): Promise<void> => {
    const caller = async (): Promise<void> => {
      for (let call = 0; call < each; call += 1) statuses.add((await send(INSTITUTIONS)).status);
    };
    await Promise.all(Array.from({ length: 10 }, caller));
  };
  vault.before = ({ pending }) => {
    if (pending !== null) sandbox.expireTokens();
  };
  await calls(2);
  await Promise.all([calls(5), secret.rotate({ vault })]);
  sandbox.expireTokens();
  await calls(2);
  expect([...statuses]).toEqual([200]);
  expect(vault.content).toEqual({ current: expect.not.stringMatching(sandbox.credentials.partnerSecret), pending: null });
  expect(sandbox.calls.filter(({ code }) => code === '10001')).toEqual([]);
});

it('a lost answer to a change of the secret leaves both secrets, and `recover` finds the one that works', async () => {
  const vault = memoryVault(sandbox.credentials.partnerSecret);
  sandbox.faults.add({ method: 'PUT', reply: { kind: 'lost' } });
  expect(await codeOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }))).toBe('outcome_unknown');
  expect(vault.content).toEqual({ current: sandbox.credentials.partnerSecret, pending: NEXT });
  await provider.secret.recover({ vault });
  expect([vault.content, sandbox.failedAttempts]).toEqual([{ current: NEXT, pending: null }, 0]);
});

it('a rotation that reaches nobody leaves the old secret and nothing pending', async () => {
  const { partnerSecret } = sandbox.credentials;
  const vault = memoryVault(partnerSecret);
  await server.close();
  expect(await errorOf(provider.secret.rotate({ vault }))).toMatchObject({ code: 'unavailable', retryable: true });
  expect(vault.content).toEqual({ current: partnerSecret, pending: null });
});

describe('a connection', () => {
  it.each([
    ['lost', 'outcome_unknown', true],
    ['truncated', 'outcome_unknown', true],
    ['unreachable', 'outcome_unknown', false],
    ['reset', 'outcome_unknown', false],
  ] as const)('that is %s while a user is created makes the outcome %s, and nothing is sent again', async (kind, code, exists) => {
    await provider.application.token();
    sandbox.faults.add({ method: 'POST', reply: { kind } });
    expect(await codeOf(provider.users.create({ reference: 'customer-17' }))).toBe(code);
    expect(sandbox.calls.filter(({ method }) => method === 'POST')).toHaveLength(2);
    expect((await provider.users.find('customer-17')) !== undefined).toBe(exists);
  });

  it.each([
    ['createToken', 'aborted'],
    ['modifyPartnerSecret', 'outcome_unknown'],
  ] as const)('that hangs is ended by the signal of %s, with %s', async (operation, code) => {
    sandbox.faults.add({ reply: { kind: 'hang' } });
    const stop = new AbortController();
    asked = () => stop.abort();
    const call = provider.api[operation]({ ...sandbox.credentials, newPartnerSecret: NEXT }, { signal: stop.signal });
    expect(await codeOf(call)).toBe(code);
    expect(sandbox.calls).toHaveLength(1);
  });

  it('passes on how long the vendor asks to wait', async () => {
    sandbox.faults.add({ reply: { kind: 'rateLimited', retryAfter: 7 } });
    expect(await errorOf(provider.application.token())).toMatchObject({ code: 'rate_limited', retryAfter: 7_000 });
  });
});
