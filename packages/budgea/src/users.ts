import type { Clock, Users } from '@auth/core';
import { AuthError } from '@auth/core';
import { readSecret, type SecretSource } from '@auth/core/kit';
import { adopt, ownerOf } from './adopt.ts';
import type { BudgeaApi } from './api.ts';
import type { UserAuthorities } from './as-user.ts';
import { CLIENT_SECRET } from './options.ts';
import { oneUserId } from './user-id.ts';

/** What the facet works with. */
export interface UsersOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly clock: Clock;
}

/** Users are anonymous at Budgea: `reference` stays with you. A user without a stored token gets one made first, by the configured grant. */
export const createUsers = ({ api, authorities, clientId, clientSecret, clock }: UsersOptions): Users => ({
  create: async (_user, { signal } = {}) => {
    const secret = await readSecret(clientSecret, CLIENT_SECRET);
    const issuedAt = clock.now();
    const { authToken, idUser, expiresIn } = await api.createAnonymousUser({ clientId, clientSecret: secret }, { signal });
    const token = { value: authToken, issuedAt, expiresAt: expiresIn === null ? null : issuedAt + expiresIn * 1000 };
    const id = idUser ?? (await ownerOf(api, token, 'users.create', 'Budgea made a user and a token'));
    await adopt(authorities.tokens, id, token);
    return { id, createdAt: null };
  },
  get: async (userId, { signal } = {}) => {
    const { id, signin } = await api.getUser(oneUserId(userId, 'users.get'), { as: authorities.asUser(userId), signal });
    return { id, createdAt: signin };
  },
  delete: async (userId, { signal } = {}) => {
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
  },
});
