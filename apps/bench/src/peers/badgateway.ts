import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { API_URL, CLIENT, TOKEN_URL, type Vendor } from '../vendor.ts';
import type { Peer } from './peer.ts';

const clientOf = ({ fetch }: Vendor): OAuth2Client =>
  new OAuth2Client({ clientId: CLIENT.id, clientSecret: CLIENT.secret, tokenEndpoint: TOKEN_URL, fetch });

const wrapperOf = (client: OAuth2Client): OAuth2Fetch => new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });

/** Many subjects share one client, and have a wrapper each. Its `fetch` always uses the global one, so requests go through `mw`. */
export const badgateway: Peer = {
  name: 'badgateway oauth2-client',
  package: '@badgateway/oauth2-client',
  token: (vendor) => {
    const wrapper = wrapperOf(clientOf(vendor));
    return () => wrapper.getAccessToken();
  },
  call: (vendor) => {
    const send = wrapperOf(clientOf(vendor)).mw();
    return async () => (await send(new Request(API_URL), (request) => vendor.fetch(request))).status;
  },
  subjects: {
    keep: (vendor) => {
      const kept = new Map<string, OAuth2Fetch>();
      const client = clientOf(vendor);
      return (id) => {
        const wrapper = wrapperOf(client);
        kept.set(id, wrapper);
        return wrapper.getAccessToken();
      };
    },
  },
  imported: '@badgateway/oauth2-client',
  typicalUse: { names: 'OAuth2Client, OAuth2Fetch', from: '@badgateway/oauth2-client' },
};
