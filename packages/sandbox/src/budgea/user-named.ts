import type { Context } from 'hono';
import type { Refusals } from './errors.ts';
import { type Authentication, authorize } from './request.ts';
import type { BudgeaUser } from './state.ts';

/** The user that the path names, for himself (`me` or his id) and, as assumed, for administrators by id. */
export const userNamed = async ({ req }: Context, options: Authentication): Promise<BudgeaUser> => {
  const { state, refuse } = options;
  const id = req.param('id') ?? '';
  const identity = await authorize(req.raw, options, ['user', 'manager']);
  if (identity.kind === 'user') {
    checkOwn(id, identity.user, refuse);
    return identity.user;
  }
  // Nobody is `me` here.
  if (id === 'me' || id === 'all') throw refuse.forbidden();
  if (!/^\d+$/.test(id)) throw refuse.invalidValue('id_user');
  const user = state.user(Number(id));
  if (user === undefined) throw refuse.notFound();
  return user;
};

/** Assumptions: another user's id is as unknown as one that does not exist, and `all` is for administrators. */
export const checkOwn = (id: string, user: BudgeaUser, refuse: Refusals): void => {
  if (id === 'me') return;
  if (id === 'all') throw refuse.forbidden();
  if (!/^\d+$/.test(id)) throw refuse.invalidValue('id_user');
  if (Number(id) !== user.id) throw refuse.notFound();
};
