import { cannot, type Peer } from './peer.ts';

const REASON = 'it keeps no token: a product asks `expired()` and renews by itself';

export const simpleOauth2: Peer = {
  name: 'simple-oauth2',
  package: 'simple-oauth2',
  token: cannot(REASON),
  call: cannot(REASON),
  subjects: cannot(REASON),
  imported: 'simple-oauth2',
  typicalUse: { names: 'ClientCredentials', from: 'simple-oauth2' },
};
