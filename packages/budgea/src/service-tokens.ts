import { AuthError, type CallOptions, type Clock, type Token } from '@auth/core';
import type { BudgeaApi } from './api.ts';
import type { UserAuthorities } from './as-user.ts';
import type { ServiceScope } from './authentication-api.ts';

/** Milliseconds; the answer does not tell. */
const LIFETIME = 30 * 60_000;

/** Tokens of the product, for payments. */
export interface ServiceTokens {
  /**
   * A token of half an hour that is no user's. Not stored, and made anew by each call: keep it while you need it. Powens only.
   *
   * @see https://docs.powens.com/api-reference/overview/authentication
   */
  readonly issue: (request: { readonly scopes: readonly ServiceScope[] }, options?: CallOptions) => Promise<Token>;
}

/** What the capability works with. */
export interface ServiceTokensOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
  readonly clock: Clock;
}

/** The capability, over the operations of one client. */
export const createServiceTokens = ({ api, authorities, clock }: ServiceTokensOptions): ServiceTokens => ({
  issue: async ({ scopes }, { signal } = {}) => {
    if (scopes.length === 0)
      throw new AuthError('A service token needs at least one scope. Nothing was sent.', {
        code: 'invalid_request',
        provider: 'budgea',
        operation: 'serviceTokens.issue',
      });
    return authorities.attempt(
      'serviceTokens.issue',
      async (credentials) => {
        const issuedAt = clock.now();
        const { token } = await api.createServiceToken({ ...credentials, scope: scopes }, { signal });
        return { value: token, issuedAt, expiresAt: issuedAt + LIFETIME };
      },
      signal,
    );
  },
});
