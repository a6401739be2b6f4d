import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import { API_URL, requestToken, type Vendor } from '../vendor.ts';
import type { Peer } from './peer.ts';

interface Credential {
  readonly getToken: () => Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>;
}

type TokenCycler = (credential: Credential) => (scopes: string, options: object) => Promise<unknown>;

const SCOPE = `${API_URL}/.default`;

const credentialOf = (vendor: Vendor): Credential => ({
  getToken: async () => {
    const { value, expiresAt } = await requestToken(vendor);
    return { token: value, expiresOnTimestamp: expiresAt };
  },
});

const cyclerUrl = new URL('util/tokenCycler.js', import.meta.resolve('@azure/core-rest-pipeline'));
// The file is internal, so nothing declares it to us.
const { createTokenCycler } = (await import(cyclerUrl.href)) as { readonly createTokenCycler: TokenCycler };

const cyclerOf = (vendor: Vendor): (() => Promise<unknown>) => {
  const read = createTokenCycler(credentialOf(vendor));
  return () => read(SCOPE, {});
};

/** Helped: its cycler is internal, and is read here without the policy that users have around it. */
export const azure: Peer = {
  name: 'azure core-rest-pipeline',
  package: '@azure/core-rest-pipeline',
  token: cyclerOf,
  call: (vendor) => {
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential: credentialOf(vendor), scopes: SCOPE }));
    const client: HttpClient = {
      sendRequest: async (request) => {
        const { status, headers } = await vendor.fetch(request.url, { headers: request.headers.toJSON() });
        return { request, status, headers: createHttpHeaders(Object.fromEntries(headers)) };
      },
    };
    return async () => (await pipeline.sendRequest(client, createPipelineRequest({ url: API_URL }))).status;
  },
  subjects: {
    keep: (vendor) => {
      const kept = new Map<string, () => Promise<unknown>>();
      return (id) => {
        const read = cyclerOf(vendor);
        kept.set(id, read);
        return read();
      };
    },
  },
  imported: '@azure/core-rest-pipeline',
  typicalUse: {
    names: 'bearerTokenAuthenticationPolicy, createDefaultHttpClient, createEmptyPipeline, createPipelineRequest',
    from: '@azure/core-rest-pipeline',
  },
};
