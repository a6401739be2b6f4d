import type { Context } from 'hono';
import type { BudgeaProfile, Refusals } from './errors.ts';
import { type Authentication, authenticate, readFields } from './request.ts';
import type { Routes } from './routes.ts';
import type { BudgeaUser } from './state.ts';

/** The operations on one user. `me` is the user of the token. */
export const userRoutes = (routes: Routes, profile: BudgeaProfile, authentication: Authentication): void => {
  const { state, refuse } = authentication;

  const ownUser = async ({ req }: Context): Promise<BudgeaUser> => {
    const user = await authenticate(req.raw, authentication);
    checkOwn(req.param('id') ?? '', user, refuse);
    return user;
  };

  const represented = ({ id, createdAt }: BudgeaUser): object => ({
    id,
    signin: parisTime(createdAt),
    ...(profile === '2019' && { platform: 'sharedAccess' }),
  });

  routes('/users/:id', {
    GET: async (c) => c.json(represented(await ownUser(c))),
    DELETE: async (c) => {
      const user = await ownUser(c);
      state.deleteUser(user.id);
      return profile === '2019' ? c.json(represented(user)) : c.body(null, 204);
    },
  });

  routes('/users/:id/token', {
    POST: async (c) => {
      const user = await ownUser(c);
      (await readFields(c.req.raw, refuse)).required('application');
      return c.json({ token: state.issue('permanent', user) });
    },
  });

  // Nothing can be connected yet.
  routes('/users/:id/connections', {
    GET: async (c) => {
      await ownUser(c);
      return c.json({ connections: [], total: 0 });
    },
  });
};

/** Assumptions: another user's id is as unknown as one that does not exist, and `all` is for administrators. */
const checkOwn = (id: string, user: BudgeaUser, refuse: Refusals): void => {
  if (id === 'me') return;
  if (id === 'all') throw refuse.forbidden();
  if (!/^\d+$/.test(id)) throw refuse.invalidValue('id_user');
  if (Number(id) !== user.id) throw refuse.notFound();
};

/** The vendor's dates have no zone and are wall time in Paris: `2026-01-31 09:05:00`. */
const parisTime = (at: number): string => PARIS.format(at).replace('T', ' ');

/** Swedish writes dates as ISO 8601 does. */
const PARIS = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'medium' });
