import type { ProviderRuntime, Token, TokenContext } from '@auth/core';
import {
  fingerprintOf,
  type ManagedAuthority,
  type ManagedMany,
  managedMany,
  readSecret,
  type SecretSource,
  type ServerClock,
  tokenAuthority,
} from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';
import type { ClientCredentials } from './authentication-api.ts';
import { isUnauthorized } from './errors.ts';
import { createGrants, type Grants, type UserTokenGrant } from './grants.ts';
import { CLIENT_SECRET } from './options.ts';
import { checkNotTemporary } from './temporary-user.ts';
import { createTokenProbe } from './token-probe.ts';
import { oneUserId } from './user-id.ts';

/** What the users' authorities need. */
export interface AsUserOptions extends Pick<ProviderRuntime, 'store' | 'whenStoreIsDown' | 'observe'> {
  readonly clock: ServerClock;
  readonly api: BudgeaApi;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly userTokenGrant: UserTokenGrant;
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
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
export const createUserAuthorities = ({
  api,
  clientId,
  clientSecret,
  userTokenGrant,
  baseUrl,
  transport,
  headersOf,
  store,
  whenStoreIsDown,
  clock,
  observe,
}: AsUserOptions): UserAuthorities => {
  const account = JSON.stringify(['budgea', baseUrl, clientId]);

  const grants = createGrants(api, clock);
  const credentialsNow = async (): Promise<ClientCredentials> => ({
    clientId,
    clientSecret: await readSecret(clientSecret, CLIENT_SECRET),
  });

  const tokens = managedMany((userId) => ({ token: (context) => token(userId, context) }), {
    store,
    whenStoreIsDown,
    key: account,
    account,
    clock,
    observe,
    fingerprint: async () => fingerprintOf(account, await readSecret(clientSecret, CLIENT_SECRET)),
    provider: 'budgea',
    operation: 'asUser.token',
  });

  const token = async (userId: string, { signal, refreshToken }: TokenContext): Promise<Token> => {
    checkNotTemporary(refreshToken, clock.now());
    return grants[userTokenGrant]({ credentials: await credentialsNow(), userId, signal });
  };

  const isRevoked = createTokenProbe(clock, (token) => api.getUser('me', { as: token }));

  return {
    tokens,
    grants,
    userTokenGrant,
    attempt: (operation, run, signal) => tokens.attempt(operation, async () => run(await credentialsNow()), { signal }),
    asUser: (userId) =>
      tokenAuthority({
        provider: 'budgea',
        baseUrl,
        transport,
        tokens: tokens.of(oneUserId(userId, 'asUser')),
        headersOf,
        isTokenRefused: async (response, token) =>
          (await isUnauthorized(response)) || (response.status === 403 && (await isRevoked(token))),
      }),
  };
};
