import type { Fetch } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { errorOf, openVendor, TOKENS } from '../test/vendor.ts';
import type { FinicityProvider } from './index.ts';

const redirectUri = 'https://app.example/callback';

/** Each call of a capability that is about customers. */
const CALLS: readonly [operation: string, call: (provider: FinicityProvider, signal?: AbortSignal) => Promise<unknown>][] = [
  ['users.create', ({ users }, signal) => users.create({ reference: 'customer-17' }, { signal })],
  ['users.get', ({ users }, signal) => users.get('17', { signal })],
  ['users.delete', ({ users }, signal) => users.delete('17', { signal })],
  ['users.find', ({ users }, signal) => users.find('customer-17', { signal })],
  ['users.list', ({ users }, signal) => users.list({ signal })[Symbol.asyncIterator]().next()],
  ['connect.start', ({ connect }, signal) => connect.start({ userId: '17', redirectUri }, { signal })],
];

describe.each(CALLS)('%s', (operation, call) => {
  it('names its errors after itself', async () => {
    const vendor = openVendor();
    vendor.sandbox.faults.add({ times: 9, reply: { kind: 'status', status: 503 } });
    expect(await errorOf(call(vendor.provider()))).toMatchObject({ code: 'unavailable', status: 503, operation });
  });

  it('stops waiting when its caller does, and sends nothing for one who had stopped before', async () => {
    const vendor = openVendor();
    expect(await errorOf(call(vendor.provider(), AbortSignal.abort()))).toMatchObject({ code: 'aborted', operation });
    expect(vendor.sandbox.calls).toEqual([]);

    const caller = new AbortController();
    const stalled: Fetch = (input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith(TOKENS)) return vendor.sandbox.fetch(request);
      caller.abort();
      return new Promise(() => {});
    };
    const code = operation === 'users.create' ? 'outcome_unknown' : 'aborted';
    expect(await errorOf(call(vendor.provider({ fetch: stalled }), caller.signal))).toMatchObject({ code, operation });
  });
});
