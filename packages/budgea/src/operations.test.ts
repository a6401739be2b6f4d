import type { Fetch } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, openUser, permanent, REDIRECT_URI } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

/** Calls an operation for a user; those that concern no user ignore the id. */
type Call = (provider: BudgeaProvider, userId: string, signal?: AbortSignal) => unknown;

const reference = 'customer-17';
const page = { redirectUri: REDIRECT_URI };

const OF_A_USER: readonly [operation: string, call: Call][] = [
  ['users.get', (provider, userId, signal) => provider.users.get(userId, { signal })],
  ['users.delete', (provider, userId, signal) => provider.users.delete(userId, { signal })],
  ['userTokens.issue', (provider, userId, signal) => provider.userTokens.issue(userId, { signal })],
  ['userTokens.issue, jwt', (provider, userId, signal) => provider.userTokens.issue(userId, { grant: 'jwt', signal })],
  ['userTokens.issue, token', (provider, userId, signal) => provider.userTokens.issue(userId, { grant: 'token', signal })],
  ['codes.issue', (provider, userId, signal) => provider.codes.issue(userId, { signal })],
  ['connections.list', (provider, userId, signal) => provider.connections.list(userId, { signal })],
  ['connections.get', (provider, userId, signal) => provider.connections.get(userId, '1', { signal })],
  ['connections.delete', (provider, userId, signal) => provider.connections.delete(userId, '1', { signal })],
  ['connections.deleteAll', (provider, userId, signal) => provider.connections.deleteAll(userId, { signal })],
  ['revocation.revoke', (provider, userId, signal) => provider.revocation.revoke(userId, { signal })],
  ['connect.start', (provider, userId, signal) => provider.connect.start({ ...page, userId }, { signal })],
  [
    'connect.start, webauth',
    (provider, userId, signal) => provider.connect.start({ ...page, userId, via: 'webauth', connectorId: '2' }, { signal }),
  ],
  ['connect.manage', (provider, userId, signal) => provider.connect.manage({ ...page, userId }, { signal })],
];
const SILENT: readonly [operation: string, call: Call][] = [
  ['asUser', (provider, userId) => provider.asUser(userId)],
  ['userTokens.adopt', (provider, userId) => provider.userTokens.adopt(userId, permanent('abc'))],
  ['webhooks.verify', (provider, userId) => provider.webhooks.verify('{}', { authorization: 'Bearer abc' }, { userId })],
];
const OF_NO_USER: readonly [operation: string, call: Call][] = [
  ['users.create', (provider, _, signal) => provider.users.create({ reference }, { signal })],
  ['users.create, temporary', (provider, _, signal) => provider.users.create({ reference }, { temporary: true, signal })],
  ['codes.exchange', (provider, _, signal) => provider.codes.exchange('abc', { redirectUri: null, signal })],
  ['serviceTokens.issue', (provider, _, signal) => provider.serviceTokens.issue({ scopes: ['payments'] }, { signal })],
];
const ONCE = ['users.create', 'codes.exchange'];
const NOT_A_USER = ['me', 'all', '', '0', '01', '1/..', '..', ' 1', '1\n', '-1', '1e1', '１', '9007199254740993'];

describe.each([...OF_A_USER, ...SILENT])('%s', (name, call) => {
  it('refuses what is not the id of one user, and sends nothing', async () => {
    const { vendor, provider } = await openUser();
    const refusal = { code: 'invalid_request', provider: 'budgea', operation: name.split(',')[0] };
    for (const wrong of NOT_A_USER) expect(await errorOf(async () => call(provider, wrong)), wrong).toMatchObject(refusal);
    expect(vendor.sent).toHaveLength(1);
  });
});

describe.each([...OF_A_USER, ...OF_NO_USER])('%s', (name, call) => {
  const [operation = ''] = name.split(',');

  it('names its errors after itself', async () => {
    const { vendor, provider, userId } = await openUser();
    vendor.answer(503, { code: 'bug', request_id: 'r-1' }, { times: 9 });
    const error = await errorOf(async () => call(provider, userId));
    expect(error).toMatchObject({ code: 'unavailable', status: 503, vendorCode: 'bug', requestId: 'r-1', operation });
  });

  it('stops waiting when its caller does, and sends nothing for one who had stopped before', async () => {
    const { vendor, provider, userId } = await openUser();
    expect(await errorOf(async () => call(provider, userId, AbortSignal.abort()))).toMatchObject({ code: 'aborted', operation });
    expect(vendor.sent).toHaveLength(1);

    const caller = new AbortController();
    const stalled: Fetch = () => {
      caller.abort();
      return new Promise(() => {});
    };
    const stalling = vendor.provider({ fetch: stalled });
    await stalling.userTokens.adopt(userId, permanent('abc'));
    const code = ONCE.includes(operation) ? 'outcome_unknown' : 'aborted';
    expect(await errorOf(async () => call(stalling, userId, caller.signal))).toMatchObject({ code, operation });
  });
});
