import type { CallOptions, Clock, Token } from '@auth/core';
import type { ServiceScope } from './api/authentication.ts';
import type { BudgeaApi } from './api/operations.ts';
import type { UserAuthorities } from './as-user.ts';
import { fail } from './errors.ts';

/** The lifetime, in milliseconds; the answer does not contain it. */
const LIFETIME = 30 * 60_000;

/** Tokens of the product, for payments. */
export interface ServiceTokens {
  /**
   * A token that belongs to no user and lives for half an hour. It is not stored, and each call makes a new one: keep it while you need it.
   * Powens only.
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
      throw fail(
        'invalid_request',
        'serviceTokens.issue',
        'A service token needs at least one scope. Nothing was sent. Pass one in scopes.',
      );
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
