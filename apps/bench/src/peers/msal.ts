import { ConfidentialClientApplication, type INetworkModule, ProtocolMode } from '@azure/msal-node';
import { CLIENT, ORIGIN, TOKEN_URL, type Vendor } from '../vendor.ts';
import { cannot, type Peer } from './peer.ts';

const AUTHORITY = `${ORIGIN}/tenant`;
const SCOPES = [`${ORIGIN}/.default`];

/** What discovery would answer, so that only token requests are counted. */
const METADATA = JSON.stringify({
  issuer: AUTHORITY,
  authorization_endpoint: `${AUTHORITY}/authorize`,
  token_endpoint: TOKEN_URL,
  jwks_uri: `${AUTHORITY}/keys`,
});

const networkOf = ({ fetch }: Vendor): INetworkModule => {
  const send =
    (method: string) =>
    async <T>(url: string, options: { readonly body?: string } = {}) => {
      const response = await fetch(url, { method, ...options });
      // MSAL says which shape it expects, and reads nothing else.
      return { headers: Object.fromEntries(response.headers), body: (await response.json()) as T, status: response.status };
    };
  return { sendGetRequestAsync: send('GET'), sendPostRequestAsync: send('POST') };
};

const applicationOf = (vendor: Vendor): ConfidentialClientApplication =>
  new ConfidentialClientApplication({
    auth: {
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      authority: AUTHORITY,
      knownAuthorities: [new URL(ORIGIN).host],
      authorityMetadata: METADATA,
    },
    system: { networkClient: networkOf(vendor), protocolMode: ProtocolMode.OIDC },
  });

/** Helped: nothing is discovered. After a 503 it refuses further requests for a minute by itself. */
export const msal: Peer = {
  name: 'msal-node',
  package: '@azure/msal-node',
  token: (vendor) => {
    const application = applicationOf(vendor);
    return () => application.acquireTokenByClientCredential({ scopes: SCOPES });
  },
  call: cannot('it sends no requests to an API'),
  subjects: {
    most: 5_000,
    keep: (vendor) => {
      const kept = new Map<string, ConfidentialClientApplication>();
      return (id) => {
        const application = applicationOf(vendor);
        kept.set(id, application);
        return application.acquireTokenByClientCredential({ scopes: SCOPES });
      };
    },
  },
  imported: '@azure/msal-node',
  typicalUse: { names: 'ConfidentialClientApplication', from: '@azure/msal-node' },
};
