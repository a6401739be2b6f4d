import ky from 'ky';
import { API_URL, TOKEN_URL, type Vendor } from '../vendor.ts';
import { cannot, type Peer } from './peer.ts';

/** The recipe of ky's documentation for `afterResponse`, with `beforeRequest` to send the last token along. */
const callOf = ({ fetch }: Vendor): (() => Promise<number>) => {
  let token: string | undefined;
  const api = ky.create({
    fetch,
    hooks: {
      beforeRequest: [
        ({ request }) => {
          if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
        },
      ],
      afterResponse: [
        async ({ request, response, retryCount }) => {
          if (response.status !== 401 || retryCount > 0) return undefined;
          const { access_token } = await ky.post(TOKEN_URL, { fetch }).json<{ readonly access_token: string }>();
          token = access_token;
          const headers = new Headers(request.headers);
          headers.set('authorization', `Bearer ${token}`);
          return ky.retry({ request: new Request(request, { headers }), code: 'TOKEN_REFRESHED' });
        },
      ],
    },
  });
  return async () => (await api.get(API_URL)).status;
};

const REASON = 'it has no token to read: the recipe renews after a refusal only';

export const kyRecipe: Peer = {
  name: 'ky, its recipe',
  package: 'ky',
  token: cannot(REASON),
  call: callOf,
  subjects: cannot(REASON),
  imported: 'ky',
  typicalUse: { names: 'default', from: 'ky' },
};
