import type { Token, TokenContext } from '@auth/core';
import { fingerprintOf, type ManagedAuthority, type ManagedMany, readSecret, type SecretSource, type Vendor } from '@auth/core/kit';
import type { ClientCredentials } from './api/authentication.ts';
import { oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import { isUnauthorized } from './errors.ts';
import { createGrants, type Grants, type UserTokenGrant } from './grants.ts';
import { CLIENT_SECRET } from './options.ts';
import { checkNotTemporary } from './temporary-user.ts';
import { createTokenProbe } from './token-probe.ts';

/** What the users' authorities need. */
export interface AsUserOptions {
  readonly vendor: Vendor;
  readonly api: BudgeaApi;
  /** Names the client, whose refusals count together. */
  readonly account: string;
  readonly clientSecret: SecretSource;
  readonly userTokenGrant: UserTokenGrant;
}

/** The tokens of all users, and the authority of each user. */
export interface UserAuthorities {
  readonly tokens: ManagedMany;
  readonly asUser: (userId: string) => ManagedAuthority;
  readonly grants: Grants;
  readonly userTokenGrant: UserTokenGrant;
  /** Runs a call that sends the client's credentials, under the account's guard. */
  readonly attempt: <T>(
    operation: string,
    run: (credentials: ClientCredentials) => Promise<T>,
    signal: AbortSignal | undefined,
  ) => Promise<T>;
}

/** The authorities of all users of one client. */
export const createUserAuthorities = ({ vendor, api, account, clientSecret, userTokenGrant }: AsUserOptions): UserAuthorities => {
  const { clock } = vendor;
  const grants = createGrants(api, clock);
  const credentialsNow = async (): Promise<ClientCredentials> => ({ clientSecret: await readSecret(clientSecret, CLIENT_SECRET) });
  const token = async (userId: string, { signal, refreshToken }: TokenContext): Promise<Token> => {
    checkNotTemporary(refreshToken, clock.now());
    return grants[userTokenGrant]({ credentials: await credentialsNow(), userId, signal });
  };
  const tokens = vendor.tokens(account, (userId) => ({ token: (context) => token(userId, context) }), {
    fingerprint: async () => fingerprintOf(account, await readSecret(clientSecret, CLIENT_SECRET)),
    operation: 'asUser.token',
  });
  const isRevoked = createTokenProbe(clock, (as) => api.getUser('me', { as }));

  return {
    tokens,
    grants,
    userTokenGrant,
    attempt: (operation, run, signal) => tokens.attempt(operation, async () => run(await credentialsNow()), { signal }),
    asUser: (userId) =>
      vendor.authority(
        tokens.of(oneUserId(userId, 'asUser')),
        async (response, sent) => (await isUnauthorized(response)) || (response.status === 403 && (await isRevoked(sent))),
        // A token that is given up stays valid at the vendor, so none is made for a call that is refused whatever the token.
        isRevoked,
      ),
  };
};
