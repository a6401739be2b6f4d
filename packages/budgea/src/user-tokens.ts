import { AuthError, type CallOptions, type Clock, type Token, type UserTokens } from '@auth/core';
import { asOperation } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import { isToken } from './api/schemas.ts';
import type { UserAuthorities } from './as-user.ts';
import { fail } from './errors.ts';

/** A permanent token by `POST /auth/renew`, with the client's credentials. */
export interface RenewGrant {
  readonly grant?: 'renew' | undefined;
  /**
   * Ends every permanent token that the user had, wherever it is in use: those passed on before, and the one that `asUser` has stored,
   * which is forgotten and replaced by the next call. Default `false`: they all stay valid.
   */
  readonly revokePrevious?: boolean | undefined;
}

/** A JWT by the older `POST /auth/jwt`, with the client's credentials. The client application needs a key pair. */
export interface JwtGrant {
  readonly grant: 'jwt';
  /** Default: none. */
  readonly scope?: string | undefined;
  /** Default `true`: the JWT expires as your domain's configuration says. */
  readonly expire?: boolean | undefined;
}

/** A permanent token by the older `POST /users/{id}/token`, with the user's own token: `asUser` makes one first if none is stored. */
export interface TokenGrant {
  readonly grant: 'token';
  /** What the token is for, in the vendor's words. Default `sharedAccess`. */
  readonly application?: string | undefined;
}

/** Tokens of one user. */
export interface BudgeaUserTokens extends UserTokens {
  /**
   * Makes a token, by the configured grant if none is given. End a permanent token that is no longer needed with `api.revokeToken`. Makes a
   * temporary user permanent. Rejects with `not_found` for an id that no user has, and with `unavailable` or `timeout` when the answer is
   * lost; a token may have been made then.
   */
  readonly issue: (userId: string, options?: CallOptions & (RenewGrant | JwtGrant | TokenGrant)) => Promise<Token>;
  /**
   * Takes over an existing token, so that `asUser` need not make one. The vendor is not asked whose token it is: with somebody else's
   * token, `asUser` reads that user's data. Rejects with `invalid_request` for a value that is not a token, and with `store_unavailable`
   * while the store is down.
   */
  readonly adopt: (userId: string, token: Token) => Promise<void>;
}

/** What the capability works with. */
export interface UserTokensOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
  readonly clock: Clock;
}

/** The capability, over the tokens of all users. */
export const createUserTokens = ({ api, authorities, clock }: UserTokensOptions): BudgeaUserTokens => {
  const { attempt, grants, tokens, asUser, userTokenGrant } = authorities;

  const byUser = ({ application = 'sharedAccess', signal }: TokenGrant & CallOptions, userId: string): Promise<Token> =>
    asOperation('userTokens.issue', async () => {
      const issuedAt = clock.now();
      const { token } = await api.createUserToken(userId, { application }, { as: asUser(userId), signal });
      return { value: token, issuedAt, expiresAt: null };
    });

  const byClient = async (options: (RenewGrant | JwtGrant) & CallOptions, userId: string): Promise<Token> => {
    const { signal } = options;
    const request = { userId, signal };
    const isJwt = options.grant === 'jwt' || (isUndecided(options) && userTokenGrant === 'jwt');
    return attempt(
      'userTokens.issue',
      (credentials) =>
        isJwt ? grants.jwt({ ...options, ...request, credentials }) : grants.renew({ ...options, ...request, credentials }),
      signal,
    );
  };

  /** Forgets the stored token, which has ended. If that fails, the vendor's refusal will show it later. */
  const forgetEnded = async (userId: string): Promise<void> => {
    try {
      const subject = tokens.of(userId);
      const held = await subject.current();
      if (held !== undefined && held.expiresAt === null) await subject.invalidate(held);
    } catch (error) {
      if (!AuthError.is(error)) throw error;
    }
  };

  return {
    issue: async (userId, options = {}) => {
      const id = oneUserId(userId, 'userTokens.issue');
      if (options.grant === 'token') return byUser(options, id);
      const token = await byClient(options, id);
      if ('revokePrevious' in options && options.revokePrevious === true) await forgetEnded(id);
      return token;
    },
    adopt: async (userId, token) => {
      const subject = tokens.of(oneUserId(userId, 'userTokens.adopt'));
      if (!isToken(token.value))
        throw fail(
          'invalid_request',
          'userTokens.adopt',
          'This is not a token: it is empty, or has a space, line break or other invalid character. Check its value.',
        );
      await asOperation('userTokens.adopt', () => subject.adopt(token));
    },
  };
};

/** Whether the options leave the grant open. `revokePrevious` does not: it means `renew`, the only grant that can do it. */
const isUndecided = (options: RenewGrant | JwtGrant): boolean =>
  options.grant === undefined && (!('revokePrevious' in options) || options.revokePrevious === undefined);
