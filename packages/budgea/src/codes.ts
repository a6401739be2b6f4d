import type { CallOptions, Clock, Code, Codes } from '@auth/core';
import { asOperation, objectArgument } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import type { UserAuthorities } from './as-user.ts';
import { fail } from './errors.ts';
import { adopt, ownerOf } from './first-token.ts';

/** Codes that stand for a user, for 30 minutes. */
export interface BudgeaCodes extends Codes {
  /** With `singleUse` the code is spent by the first call, whatever that is: right for a Webview. Default `false`, as at the vendor. */
  readonly issue: (userId: string, options?: CallOptions & { readonly singleUse?: boolean | undefined }) => Promise<Code>;
}

/** What the capability works with. */
export interface CodesOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
  readonly clock: Clock;
}

/** The capability, over the operations of one client. */
export const createCodes = ({ api, authorities, clock }: CodesOptions): BudgeaCodes => ({
  issue: (userId, { singleUse = false, signal } = {}) =>
    asOperation('codes.issue', async () => {
      const id = oneUserId(userId, 'codes.issue');
      const issuedAt = clock.now();
      const type = singleUse ? 'singleAccess' : 'requestAccess';
      const { code, expiresIn } = await api.createCode({ type }, { as: authorities.asUser(id), signal });
      return { value: code, expiresAt: issuedAt + expiresIn * 1000, singleUse };
    }),
  exchange: async (code, options) => {
    const { redirectUri, signal } = objectArgument(options, 'codes.exchange(code, { redirectUri })', fail);
    if (typeof code !== 'string' || code === '')
      throw fail('invalid_request', 'codes.exchange', 'The code is missing or is not a string. Nothing was sent.');
    const token = await authorities.attempt(
      'codes.exchange',
      async (credentials) => {
        const issuedAt = clock.now();
        const { accessToken } = await api.exchangeCode({ ...credentials, code, redirectUri: redirectUri ?? undefined }, { signal });
        return { value: accessToken, issuedAt, expiresAt: null };
      },
      signal,
    );
    // From here on nothing may stop this: the code is spent, and nobody else holds the token.
    const userId = await ownerOf(api, token, 'codes.exchange', 'Budgea spent the code and made a token');
    await adopt(authorities.tokens, userId, token);
    return { userId };
  },
});
