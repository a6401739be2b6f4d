import { describe, expect, it } from 'vitest';
import { errorOf, openUser } from '../test/setup.ts';

describe('service tokens', () => {
  it('live for half an hour from before their request, and belong to no user', async () => {
    const { vendor } = await openUser();
    const issuedAt = vendor.clock.now();
    const late = vendor.provider({ fetch: vendor.slow });
    const token = await late.serviceTokens.issue({ scopes: ['payments:admin', 'payment-links:admin'] });
    expect(token).toEqual({ value: expect.any(String), issuedAt, expiresAt: issuedAt + 1_800_000 });
    expect(vendor.sent.at(-1)?.body).toMatchObject({ scope: ['payments:admin', 'payment-links:admin'] });
    expect(await errorOf(late.api.getUser('me', { as: token }))).toMatchObject({ code: 'forbidden', status: 403 });
  });

  it('need a scope, and exist in the dialect of today only', async () => {
    const refusal = { code: 'invalid_request', operation: 'serviceTokens.issue' };
    const { vendor, provider } = await openUser({ profile: '2019' });
    expect(await errorOf(provider.serviceTokens.issue({ scopes: [] }))).toMatchObject(refusal);
    expect(vendor.sent).toHaveLength(1);
    expect(await errorOf(provider.serviceTokens.issue({ scopes: ['payments'] }))).toMatchObject(refusal);
  });
});
