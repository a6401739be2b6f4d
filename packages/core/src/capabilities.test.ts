import { describe, expect, it } from 'vitest';
import type { AuthProvider, Revocation } from './index.ts';
import { supports } from './index.ts';

const bare: AuthProvider = {
  id: 'acme',
  contract: 1,
  baseUrl: 'https://acme.example/',
  asUser: () => {
    throw new Error('not used here');
  },
  reset: async () => {},
  [Symbol.asyncDispose]: async () => {},
};
const revocation: Revocation = { revoke: async () => ({ existed: true }) };
const able: AuthProvider<'revocation' | 'userTokens'> = {
  ...bare,
  revocation,
  userTokens: { issue: async () => ({ value: 'a', issuedAt: 0, expiresAt: null }), adopt: async () => {} },
};

describe('supports', () => {
  it('says whether all the capabilities that are named are there, and leads to them', () => {
    expect([supports(able, 'revocation'), supports(able, 'revocation', 'userTokens')]).toEqual([true, true]);
    expect([supports(able, 'connect'), supports(able, 'revocation', 'connect'), supports(bare, 'revocation')]).toEqual([
      false,
      false,
      false,
    ]);
    const provider: AuthProvider = able;
    expect(supports(provider, 'revocation') && provider.revocation).toBe(revocation);
  });
});
