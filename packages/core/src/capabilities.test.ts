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
  [Symbol.asyncDispose]: async () => {},
};
const revocation: Revocation = { revoke: async () => ({ existed: true }) };
const able: AuthProvider<'revocation' | 'userTokens'> = {
  ...bare,
  revocation,
  userTokens: { issue: async () => ({ value: 'a', issuedAt: 0, expiresAt: null }), adopt: async () => {} },
};

describe('supports', () => {
  it.each<[string, boolean, boolean]>([
    ['a capability that is there', true, supports(able, 'revocation')],
    ['several that are there', true, supports(able, 'revocation', 'userTokens')],
    ['one that is not', false, supports(able, 'connect')],
    ['one of several that is not', false, supports(able, 'revocation', 'connect')],
    ['any capability of a bare provider', false, supports(bare, 'revocation')],
  ])('for %s is %s', (_, expected, answer) => {
    expect(answer).toBe(expected);
  });

  it('leads to the capability itself', async () => {
    const provider: AuthProvider = able;
    expect(supports(provider, 'revocation') && provider.revocation).toBe(revocation);
  });
});
