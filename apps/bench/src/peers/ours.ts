import { AuthError, authorizedFetch, type Managed, managed, type TokenSource } from '@auth/core';
import { managedMany, tokenAuthority } from '@auth/core/kit';
import { TYPICAL } from '@auth/scripts/bundle';
import { API_URL, type Fetch, ORIGIN, requestToken, type Vendor } from '../vendor.ts';
import type { Peer } from './peer.ts';

const sourceOf = (vendor: Vendor): TokenSource => ({
  token: async () => {
    const issuedAt = Date.now();
    try {
      const { value, expiresAt } = await requestToken(vendor);
      return { value, issuedAt, expiresAt };
    } catch {
      throw new AuthError('The vendor is down.', { code: 'unavailable', provider: 'bench', operation: 'token' });
    }
  },
});

export const tokensOf = (vendor: Vendor): Managed => managed(sourceOf(vendor));

/** Many subjects whose tokens have no end. */
export const foreverOf = (vendor: Vendor): ((id: string) => Promise<unknown>) => {
  const source = sourceOf(vendor);
  const tokens = managedMany(() => ({
    token: async (context) => {
      const { value, issuedAt } = await source.token(context);
      return { value, issuedAt, expiresAt: null };
    },
  }));
  return (id) => tokens.of(id).token();
};

export const authorisedBy = (tokens: Managed, transport: Fetch, baseUrl = ORIGIN): Fetch =>
  authorizedFetch(
    tokenAuthority({
      provider: 'bench',
      baseUrl,
      transport,
      tokens,
      headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
      isTokenRefused: async ({ status }) => status === 401,
      explain: ({ status }) => ({ code: 'unavailable', message: `The vendor answered ${status}.` }),
    }),
  );

/** Hindered in the first read: it checks, guards and reports what no peer does. Many subjects share one engine, as in every provider. */
export const ours: Peer = {
  name: '@auth/core',
  isOurs: true,
  package: '@auth/core',
  token: (vendor) => {
    const tokens = tokensOf(vendor);
    return tokens.token;
  },
  call: (vendor) => {
    const send = authorisedBy(tokensOf(vendor), vendor.fetch);
    return async () => (await send(API_URL)).status;
  },
  subjects: {
    keep: (vendor) => {
      const tokens = managedMany(() => sourceOf(vendor));
      return (id) => tokens.of(id).token();
    },
  },
  imported: '@auth/core',
  typicalUse: { names: TYPICAL, from: '@auth/core' },
};
