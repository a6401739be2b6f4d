import { createAppAuth } from '@octokit/auth-app';
import { request } from '@octokit/request';
import { API_URL, ORIGIN, type Vendor } from '../vendor.ts';
import type { Peer } from './peer.ts';

const requestOf = ({ fetch }: Vendor): typeof request => request.defaults({ baseUrl: ORIGIN, request: { fetch } });

const authOf = (vendor: Vendor, more: object = {}): ReturnType<typeof createAppAuth> =>
  createAppAuth({
    appId: 1,
    createJwt: async () => ({ jwt: 'jwt', expiresAt: new Date(Date.now() + 600_000).toISOString() }),
    request: requestOf(vendor),
    log: { warn: () => {} },
    ...more,
  });

/**
 * Helped: `createJwt` spares it the signature of each token request. Its own cache holds 15,000 installations and drops others, so many
 * subjects are kept in a `Map`, which its option `cache` allows. After a refusal it sends the same token again for five seconds.
 */
export const octokit: Peer = {
  name: 'octokit auth-app',
  package: '@octokit/auth-app',
  token: (vendor) => {
    const auth = authOf(vendor, { installationId: 1 });
    return () => auth({ type: 'installation' });
  },
  call: (vendor) => {
    const send = requestOf(vendor).defaults({ request: { fetch: vendor.fetch, hook: authOf(vendor, { installationId: 1 }).hook } });
    return async () => (await send(`GET ${API_URL}`)).status;
  },
  subjects: {
    keep: (vendor) => {
      const kept = new Map<string, string>();
      const cache = { get: (key: string) => kept.get(key), set: (key: string, value: string) => kept.set(key, value) };
      const auth = authOf(vendor, { cache });
      return (id) => auth({ type: 'installation', installationId: Number(id) });
    },
  },
  imported: '@octokit/auth-app',
  typicalUse: { names: 'createAppAuth', from: '@octokit/auth-app' },
};
