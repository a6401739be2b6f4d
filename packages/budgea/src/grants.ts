import type { Token } from '@auth/core';
import type { ServerClock } from '@auth/core/kit';
import type { ClientCredentials } from './api/authentication.ts';
import type { BudgeaApi } from './api/operations.ts';

/** How `asUser` gets a token for a user without one. */
export type UserTokenGrant = 'renew' | 'jwt';

/** What all grants need. */
export interface GrantRequest {
  readonly credentials: ClientCredentials;
  readonly userId: string;
  readonly signal: AbortSignal | undefined;
}

/** The grants that a client's credentials can be used for. */
export interface Grants {
  readonly renew: (request: GrantRequest & { readonly revokePrevious?: boolean | undefined }) => Promise<Token>;
  readonly jwt: (request: GrantRequest & { readonly scope?: string | undefined; readonly expire?: boolean | undefined }) => Promise<Token>;
}

/** Makes tokens for users with the client's credentials. `issuedAt` is from before the request. */
export const createGrants = (api: BudgeaApi, clock: ServerClock): Grants => ({
  renew: async ({ credentials, userId, revokePrevious, signal }) => {
    const sentAt = clock.monotonic();
    const { accessToken } = await api.renewToken({ ...credentials, idUser: userId, revokePrevious }, { signal });
    return { value: accessToken, issuedAt: clock.at(sentAt), expiresAt: null };
  },
  jwt: async ({ credentials, userId, scope, expire, signal }) => {
    const sentAt = clock.monotonic();
    const { jwtToken, lifetime } = await api.createUserJwt({ ...credentials, idUser: userId, scope, expire }, { signal });
    const issuedAt = clock.at(sentAt);
    return { value: jwtToken, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime * 1000 };
  },
});
