import { AuthError, type Revocation } from '@auth/core';
import { asOperation } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import type { UserAuthorities } from './as-user.ts';
import { isTokenRefusal } from './errors.ts';

/** What the capability works with. */
export interface RevocationOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
}

/** The capability, over the tokens of all users. */
export const createRevocation = ({ api, authorities: { tokens } }: RevocationOptions): Revocation => ({
  revoke: (userId, { signal } = {}) =>
    asOperation('revocation.revoke', async () => {
      const subject = tokens.of(oneUserId(userId, 'revocation.revoke'));
      const token = await subject.current();
      if (token === undefined) return { existed: false };
      const existed = await api.revokeToken({ as: token, signal }).then(
        () => true,
        (error: unknown) => {
          // A refusal means that the token had already ended, unless the token is alive and only its scope is too small.
          if (isTokenRefusal(error) && !(AuthError.is(error) && error.vendorCode === 'forbidden')) return false;
          throw error;
        },
      );
      if (token.expiresAt === null) await subject.forget();
      else {
        // The note stored with the token stays: the next call must not make a temporary user permanent.
        await subject.invalidate(token);
        // Rejects while the store is down, as `forget` does, because the store still has the token.
        await subject.current();
      }
      return { existed };
    }),
});
