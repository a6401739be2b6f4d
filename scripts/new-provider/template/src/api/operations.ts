import type { ApiPromise, CallOptions } from '@auth/core';
import { type OperationTable, operations, type Vendor } from '@auth/core/kit';
import { type AccessToken, parseAccessToken } from './schemas.ts';

/** What `createToken` sends. */
export interface ClientCredentials {
  /** Default: the provider's. */
  readonly clientId?: string | undefined;
  readonly clientSecret: string;
}

/** The vendor's operations, one to one and with all parameters. */
export interface AcmeApi {
  /** Creates an access token. */
  readonly createToken: (credentials: ClientCredentials, options?: CallOptions) => ApiPromise<AccessToken>;
}

// TODO: the vendor's call for a token, then a function and a row for each further operation of its reference. `form` instead of `json` for a form; `idempotent: false` if a second identical call has a further effect.

/** The request of each operation. */
const TABLE: OperationTable<AcmeApi> = {
  createToken: {
    method: 'POST',
    path: 'token',
    token: 'none',
    json: [
      ['client_id', 'clientId'],
      ['client_secret', 'clientSecret'],
    ],
    answer: parseAccessToken,
  },
};

/** The vendor's operations, for one client. */
export const createApi = (vendor: Vendor, clientId: string): AcmeApi => operations<AcmeApi>(vendor, TABLE, { known: { clientId } });
