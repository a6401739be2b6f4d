import type { ApiPromise, CallOptions, Token } from '@auth/core';
import { type OperationTable, operations, parser, type Vendor } from '@auth/core/kit';
import * as v from 'valibot';

/** What the token endpoint answers. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** `undefined` where the vendor leaves the old one as it is. */
  readonly refreshToken: string | undefined;
  /** The one connection that the token is for. */
  readonly connectionId: string;
}

const parseTokenAnswer: (body: unknown) => TokenAnswer = parser(
  v.pipe(
    v.object({
      access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
      expires_in: v.pipe(v.number(), v.minValue(1)),
      refresh_token: v.optional(v.pipe(v.string(), v.nonEmpty())),
      connection_id: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
    }),
    v.transform((body) => ({
      accessToken: body.access_token,
      expiresIn: body.expires_in,
      refreshToken: body.refresh_token,
      connectionId: body.connection_id,
    })),
  ),
);

/** The client, as the token endpoint wants it. */
export interface ClientCredentials {
  /** Default: the provider's. */
  readonly clientId?: string | undefined;
  readonly clientSecret: string;
}

/** The vendor's operations, one to one. A code and a refresh token can be used once, so neither call is ever repeated. */
export interface SingleUseApi {
  readonly exchangeCode: (
    parameters: ClientCredentials & { readonly code: string; readonly redirectUri: string },
    options?: CallOptions,
  ) => ApiPromise<TokenAnswer>;
  readonly refresh: (parameters: ClientCredentials & { readonly refreshToken: string }, options?: CallOptions) => ApiPromise<TokenAnswer>;
  readonly revoke: (options: CallOptions & { readonly as: Token }) => ApiPromise<void>;
}

const clientOf = ({ clientId, clientSecret }: ClientCredentials) => ({ client_id: clientId, client_secret: clientSecret });
const TOKEN = { method: 'POST', path: 'token', token: 'none', answer: parseTokenAnswer, idempotent: false } as const;

const TABLE: OperationTable<SingleUseApi> = {
  exchangeCode: {
    ...TOKEN,
    form: ({ code, redirectUri, ...client }) => ({
      ...clientOf(client),
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
    }),
  },
  refresh: {
    ...TOKEN,
    form: ({ refreshToken, ...client }) => ({ ...clientOf(client), grant_type: 'refresh_token', refresh_token: refreshToken }),
  },
  revoke: { method: 'POST', path: 'revoke', answer: () => {} },
};

export const createApi = (vendor: Vendor, clientId: string): SingleUseApi =>
  operations<SingleUseApi>(vendor, TABLE, { known: { clientId } });
