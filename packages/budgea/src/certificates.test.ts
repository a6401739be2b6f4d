import { describe, expect, it } from 'vitest';
import { errorOf, openUser, permanent } from '../test/setup.ts';

describe('certificates', () => {
  it('are read on behalf of whoever is given, with what is asked for', async () => {
    const { vendor, provider, userId } = await openUser();
    expect(await provider.certificates.get('tls', { as: provider.asUser(userId) })).toMatchObject({ type: 'tls' });
    const as = permanent(vendor.sandbox.credentials.manageToken);
    const { expanded } = await provider.certificates.get('tls', { as, expand: 'public_key_file' });
    expect(expanded).toEqual({ public_key_file: expect.anything() });
    expect(await errorOf(provider.certificates.get('other', { as }))).toMatchObject({ code: 'not_found', operation: 'certificates.get' });
  });
});
