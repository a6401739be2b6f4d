import { AuthError, type CallOptions, type Clock, type NewUser, type User, type Users } from '@auth/core';
import { asOperation, objectArgument } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import type { AnonymousUser } from './api/schemas.ts';
import type { UserAuthorities } from './as-user.ts';
import { fail } from './errors.ts';
import { adopt, ownerOf } from './first-token.ts';
import { temporaryNote } from './temporary-user.ts';

/** Users of Budgea. They have no name there: `reference` stays with you. */
export interface BudgeaUsers extends Users {
  /**
   * Makes a permanent user with the client's credentials. After `outcome_unknown` a user may exist that you do not know of; the call is not
   * repeated, because users can cost money.
   *
   * With `temporary` no credentials are sent, and the user and the token end after 30 minutes. Until then `asUser` works, but makes no new
   * token, because that would make the user permanent. To keep the user, exchange the token:
   * `codes.exchange((await asUser(id).token()).value, …)`.
   */
  readonly create: (user: NewUser, options?: CallOptions & { readonly temporary?: boolean | undefined }) => Promise<User>;
  /**
   * Costs one call as the user. For an id without a stored token it costs two, and leaves another permanent token at the vendor (with the
   * grant `jwt`, one that expires), which is stored. Rejects with `not_found`.
   */
  readonly get: (userId: string, options?: CallOptions) => Promise<User>;
  /** Costs what `get` costs. All connections and tokens of the user end too. */
  readonly delete: (userId: string, options?: CallOptions) => Promise<{ readonly existed: boolean }>;
}

/** What the capability works with. */
export interface UsersOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
  readonly clock: Clock;
}

/** The capability, over the operations of one client. */
export const createUsers = ({ api, authorities, clock }: UsersOptions): BudgeaUsers => ({
  create: async (user, { temporary = false, signal } = {}) => {
    const { reference } = objectArgument(user, 'users.create({ reference })', fail);
    // Not sent, but code for all vendors should fail here too.
    if (typeof reference !== 'string') throw fail('invalid_request', 'users.create', 'The reference must be a string. Nothing was sent.');
    let issuedAt = clock.now();
    const made = await (temporary
      ? asOperation('users.create', () => api.createAnonymousUser({}, { signal }))
      : authorities.attempt(
          'users.create',
          (credentials) => {
            // The call may have waited until the credentials were known to be good.
            issuedAt = clock.now();
            return api.createAnonymousUser(credentials, { signal });
          },
          signal,
        ));
    return stored(made, issuedAt, { api, authorities, clock });
  },
  get: (userId, { signal } = {}) =>
    asOperation('users.get', async () => {
      const { id, signin } = await api.getUser(oneUserId(userId, 'users.get'), { as: authorities.asUser(userId), signal });
      return { id, createdAt: signin };
    }),
  delete: (userId, { signal } = {}) =>
    asOperation('users.delete', async () => {
      const id = oneUserId(userId, 'users.delete');
      const existed = await api.deleteUser(id, { as: authorities.asUser(id), signal }).then(
        () => true,
        (error: unknown) => {
          if (AuthError.is(error, 'not_found')) return false;
          throw error;
        },
      );
      await authorities.tokens.of(id).forget();
      return { existed };
    }),
});

/** From here on nothing may stop this: the user exists. */
const stored = async (made: AnonymousUser, issuedAt: number, { api, authorities }: UsersOptions): Promise<User> => {
  const { authToken, idUser, expiresIn } = made;
  const expiresAt = expiresIn === null ? null : issuedAt + expiresIn * 1000;
  const token = { value: authToken, issuedAt, expiresAt };
  const id = idUser ?? (await ownerOf(api, token, 'users.create', 'Budgea made a user and a token'));
  await adopt(authorities.tokens, id, token, expiresAt === null ? undefined : temporaryNote(expiresAt));
  return { id, createdAt: null };
};
