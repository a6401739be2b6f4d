import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from '@smithy/core';
import { requestToken, type Vendor } from '../vendor.ts';
import { cannot, type Peer } from './peer.ts';

const providerOf = (vendor: Vendor): (() => Promise<unknown>) => {
  const provider = memoizeIdentityProvider(
    async () => {
      const { value, expiresAt } = await requestToken(vendor);
      return { token: value, expiration: new Date(expiresAt) };
    },
    isIdentityExpired,
    doesIdentityRequireRefresh,
  );
  if (provider === undefined) throw new Error('Smithy made no provider.');
  return () => provider();
};

/** Helped: it has neither HTTP nor errors of its own, just a cached function. */
export const smithy: Peer = {
  name: 'smithy',
  package: '@smithy/core',
  token: providerOf,
  call: cannot('it renews nothing after a refusal: a product passes `forceRefresh` itself'),
  subjects: {
    keep: (vendor) => {
      const kept = new Map<string, () => Promise<unknown>>();
      return (id) => {
        const read = providerOf(vendor);
        kept.set(id, read);
        return read();
      };
    },
  },
  imported: '@smithy/core',
  typicalUse: { names: 'doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider', from: '@smithy/core' },
};
