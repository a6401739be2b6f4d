import { OAuth2Client } from 'google-auth-library';
import { API_URL, CLIENT, TOKEN_URL, type Vendor } from '../vendor.ts';
import type { Peer } from './peer.ts';

const clientOf = ({ fetch }: Vendor, transporter?: OAuth2Client['transporter']): OAuth2Client => {
  const client = new OAuth2Client({
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    endpoints: { oauth2TokenUrl: TOKEN_URL },
    ...(transporter ? { transporter } : { transporterOptions: { fetchImplementation: fetch } }),
    forceRefreshOnFailure: true,
  });
  client.setCredentials({ refresh_token: 'refresh' });
  return client;
};

/**
 * With a refresh token, as it has no client credentials of plain OAuth. Helped: `forceRefreshOnFailure` is off by default, and without it
 * a refused token is never renewed; and many subjects share one transporter, which users have to know of. Hindered among failing rounds: it repeats a token request three times by itself.
 */
export const google: Peer = {
  name: 'google-auth-library',
  package: 'google-auth-library',
  token: (vendor) => {
    const client = clientOf(vendor);
    return () => client.getAccessToken();
  },
  call: (vendor) => {
    const client = clientOf(vendor);
    return async () => (await client.request({ url: API_URL })).status;
  },
  subjects: {
    keep: (vendor) => {
      const kept = new Map<string, OAuth2Client>();
      const { transporter } = clientOf(vendor);
      return (id) => {
        const client = clientOf(vendor, transporter);
        kept.set(id, client);
        return client.getAccessToken();
      };
    },
  },
  imported: 'google-auth-library',
  typicalUse: { names: 'OAuth2Client', from: 'google-auth-library' },
};
