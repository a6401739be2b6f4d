import { cannot, type Peer } from './peer.ts';

const REASON = 'it keeps no token: the cache is left to the product';

export const openidClient: Peer = {
  name: 'openid-client',
  package: 'openid-client',
  token: cannot(REASON),
  call: cannot(REASON),
  subjects: cannot(REASON),
  imported: 'openid-client',
  typicalUse: { names: 'clientCredentialsGrant, discovery', from: 'openid-client' },
};
