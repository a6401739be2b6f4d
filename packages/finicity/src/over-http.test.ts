import { systemClock } from '@auth/core';
import { type FinicitySandbox, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hurried } from '../test/clocks.ts';
import { memoryVault } from '../test/vaults.ts';
import { codeOf, errorOf, NEXT } from '../test/vendor.ts';
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

it('a customer is enrolled, connects a bank, is listed and deleted, while the secret and the token change', async () => {
  const { users, connect, api, application, secret } = provider;
  const { id: userId } = await users.create({ reference: 'customer-17', firstName: 'Zoë' });
  const session = await connect.start({ userId, redirectUri: 'https://app.example/callback' });
  const { headers } = await fetch(`${session.url}&auto=approve`, { redirect: 'manual' });
  expect(await connect.complete(headers.get('location') ?? '', session)).toEqual({ userId, connectionIds: [] });
  const vault = memoryVault(sandbox.credentials.partnerSecret);
  await secret.rotate({ vault, next: NEXT });
  sandbox.expireTokens();
  const { accounts } = await api.getCustomerAccounts(userId, { as: application });
  expect(new Set(accounts.map(({ customerId }) => customerId))).toEqual(new Set([userId]));
  for await (const user of users.list()) expect(user).toMatchObject({ id: userId, firstName: 'Zoë' });
  expect([await users.delete(userId), await users.delete(userId)]).toEqual([{ existed: true }, { existed: false }]);
  expect(await codeOf(users.get(userId))).toBe('not_found');
  expect(vault.content).toEqual({ current: NEXT, pending: null });
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
