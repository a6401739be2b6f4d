import type { Runtime, Token } from '@auth/core';
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
import { isTokenRefusal, isUnauthorized } from './errors.ts';
import { CLIENT_SECRET } from './options.ts';
import { oneUserId } from './user-id.ts';

/** Milliseconds. Not for ever: a token that a scope stopped once may end later, and has to be renewed then. */
const VERDICT_HOLDS = 60_000;

/** What the users' authorities work with. */
export interface AsUserOptions extends Pick<Runtime, 'store' | 'observe'> {
  readonly clock: ServerClock;
  readonly api: BudgeaApi;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly userTokenGrant: 'renew' | 'jwt';
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly proof: (token: Token) => Readonly<Record<string, string>>;
}

/** The tokens of all users, and the authority that each of them gives. */
export interface UserAuthorities {
  readonly tokens: ManagedMany;
  readonly asUser: (userId: string) => ManagedAuthority;
  /** A new token of this user by the configured grant. Not stored. */
  readonly issue: (userId: string, signal: AbortSignal | undefined) => Promise<Token>;
}

/** The authorities of all users of one client. */
export const createUserAuthorities = ({
  api,
  clientId,
  clientSecret,
  userTokenGrant,
  baseUrl,
  transport,
  proof,
  store,
  clock,
  observe,
}: AsUserOptions): UserAuthorities => {
  const account = JSON.stringify(['budgea', baseUrl, clientId]);

  const issue = async (userId: string, signal: AbortSignal | undefined): Promise<Token> => {
    const credentials = { clientId, clientSecret: await readSecret(clientSecret, CLIENT_SECRET) };
    const sentAt = clock.monotonic();
    if (userTokenGrant === 'jwt') {
      const { jwtToken, lifetime } = await api.createUserJwt({ ...credentials, idUser: userId }, { signal });
      const issuedAt = clock.at(sentAt);
      return { value: jwtToken, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime * 1000 };
    }
    const { accessToken } = await api.renewToken({ ...credentials, idUser: userId }, { signal });
    return { value: accessToken, issuedAt: clock.at(sentAt), expiresAt: null };
  };

  const tokens = managedMany((userId) => ({ token: ({ signal }) => issue(userId, signal) }), {
    store,
    key: account,
    account,
    clock,
    observe,
    fingerprint: async () => fingerprintOf(account, await readSecret(clientSecret, CLIENT_SECRET)),
    provider: 'budgea',
    operation: 'asUser.token',
  });

  /** What `/users/me` said of a token, so that a 403 is looked into once, and not for every call that a scope forbids. */
  const verdicts = new WeakMap<Token, { readonly dead: Promise<boolean>; readonly until: number }>();
  const isDead = (token: Token): Promise<boolean> => {
    const known = verdicts.get(token);
    if (known !== undefined && clock.monotonic() < known.until) return known.dead;
    const dead = api.getUser('me', { as: token }).then(
      () => false,
      (error: unknown) => {
        if (isTokenRefusal(error)) return true;
        // Nothing was learnt, so the next 403 asks again.
        verdicts.delete(token);
        return false;
      },
    );
    verdicts.set(token, { dead, until: clock.monotonic() + VERDICT_HOLDS });
    return dead;
  };

  return {
    tokens,
    issue,
    asUser: (userId) =>
      tokenAuthority({
        provider: 'budgea',
        baseUrl,
        transport,
        tokens: tokens.of(oneUserId(userId, 'asUser')),
        proof,
        // Older domains say 403 to a dead token, newer ones to a missing scope, which another token would not mend.
        isTokenRefused: async (response, token) => (await isUnauthorized(response)) || (response.status === 403 && (await isDead(token))),
      }),
  };
};
