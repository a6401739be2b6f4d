import type { ApiPromise, CallOptions } from '@auth/core';
import type { Http } from '@auth/core/kit';
import { type AccessToken, parseAccessToken } from './schemas.ts';

/** The credentials of the client. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The vendor's operations, one to one and with all parameters. */
export interface AcmeApi {
  /** Where tokens come from. */
  readonly createToken: (credentials: ClientCredentials, options?: CallOptions) => ApiPromise<AccessToken>;
}

// TODO: the vendor's call for a token, then each further operation of its reference. `form` instead of `json` where it wants a form; `idempotent: false` where a second identical call would do something else.

/** The operations, over one HTTP interface. */
export const createApi = (http: Http): AcmeApi => ({
  createToken: ({ clientId, clientSecret }, { signal } = {}) =>
    http.request({
      operation: 'api.createToken',
      method: 'POST',
      path: 'token',
      json: () => ({ client_id: clientId, client_secret: clientSecret }),
      parse: parseAccessToken,
      signal,
    }),
});
