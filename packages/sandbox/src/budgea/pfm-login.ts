import { alphanumerics, type Random } from '../random.ts';
import type { Refusals } from './errors.ts';
import type { Fields } from './fields.ts';
import type { BudgeaState, BudgeaUser } from './state.ts';

/** Somebody who logs in to the consumer product of 2019. */
export interface BudgeaLogin {
  readonly username: string;
  readonly password: string;
}

/** What `POST /auth/token` was in 2019. */
export interface PfmLogin {
  readonly login: BudgeaLogin;
  /** The answer to the right username and password. */
  readonly answer: (fields: Fields) => object;
  readonly reset: () => void;
}

/** One login, whose user comes into being when it is first used. */
export const pfmLogin = (
  given: Partial<BudgeaLogin>,
  { state, random, refuse }: { readonly state: BudgeaState; readonly random: Random; readonly refuse: Refusals },
): PfmLogin => {
  const login: BudgeaLogin = {
    username: given.username ?? 'user@sandbox.example',
    password: given.password ?? alphanumerics(random, 16),
  };
  let userId: number | undefined;

  const owner = (): BudgeaUser => {
    const known = userId === undefined ? undefined : state.user(userId);
    const user = known ?? state.createUser({ anonymous: false, platform: 'web' });
    userId = user.id;
    return user;
  };

  return {
    login,
    answer: (fields) => {
      const username = fields.required('username');
      const password = fields.required('password');
      fields.required('application');
      if (username !== login.username || password !== login.password) throw refuse.authFailure();
      const user = owner();
      const profile = { id: user.id, id_user: user.id, email: login.username };
      // Assumption: it has no end, as `expires_in` is optional.
      return { token: state.issue('permanent', user), scope: fields.text('scope') ?? '', user: { id: user.id }, profile };
    },
    reset: () => {
      userId = undefined;
    },
  };
};
