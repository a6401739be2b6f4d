import type { Context } from 'hono';
import type { BudgeaProfile } from './errors.ts';
import { expandOf } from './expand.ts';
import { readFields } from './fields.ts';
import { parisTime } from './paris-time.ts';
import { pageOf } from './query.ts';
import { type Authentication, authenticate, authorize, bearer } from './request.ts';
import type { Routes } from './routes.ts';
import type { BudgeaUser } from './state.ts';
import type { UserConfigs } from './user-config.ts';
import { checkOwn, userNamed } from './user-named.ts';

/** What the routes of users work with. */
export interface UserRouteOptions extends Authentication {
  readonly profile: BudgeaProfile;
  readonly userConfigs: UserConfigs;
  /** Ends a token of any kind. */
  readonly endToken: (token: string) => Promise<void>;
}

/** The operations on users. `me` is the user of the token. */
export const userRoutes = (routes: Routes, options: UserRouteOptions): void => {
  const { state, refuse, profile, endToken } = options;

  const represented = ({ req }: Context): ((user: BudgeaUser) => object) => {
    const expand = expandOf(req.raw, refuse);
    return (user) => ({
      id: user.id,
      signin: parisTime(user.createdAt),
      ...(profile === '2019' && { platform: user.platform }),
      ...(expand.has('config') && { config: options.userConfigs.of(user) }),
      ...(expand.has('alert_settings') && { alert_settings: {} }),
      ...(expand.has('invites') && { invites: [] }),
    });
  };
  const list = (c: Context): Response => {
    const search = c.req.query('search') ?? '';
    const found = state.users().filter((user) => matches(user, search, profile));
    return c.json({ users: pageOf(c.req.raw, found, refuse).map(represented(c)), total: found.length });
  };
  const isAll = async ({ req }: Context): Promise<boolean> => {
    if (req.param('id') !== 'all') return false;
    await authorize(req.raw, options, ['manager']);
    return true;
  };

  routes('/users', {
    GET: async (c) => {
      await authorize(c.req.raw, options, ['lister', 'manager']);
      return list(c);
    },
  });

  routes('/users/:id', {
    GET: async (c) => ((await isAll(c)) ? list(c) : c.json(represented(c)(await userNamed(c, options)))),
    DELETE: async (c) => {
      const users = (await isAll(c)) ? state.users() : [await userNamed(c, options)];
      const bodies = users.map(represented(c));
      for (const { id } of users) state.deleteUser(id);
      if (profile !== '2019') return c.body(null, 204);
      return c.json(c.req.param('id') === 'all' ? { users: bodies, total: bodies.length } : (bodies[0] ?? {}));
    },
  });

  routes('/users/:id/token', {
    POST: async (c) => {
      const user = await userNamed(c, options);
      (await readFields(c.req.raw, refuse)).required('application');
      return c.json({ token: state.issue('permanent', user) });
    },
    // Not in any reference: a client in production calls it and wants a 200. Assumption: it ends the token in use.
    DELETE: async (c) => {
      checkOwn(c.req.param('id') ?? '', await authenticate(c.req.raw, options), refuse);
      await endToken(bearer(c.req.raw) ?? '');
      return c.body(null, 200);
    },
  });
};

/** Assumption: a search is for a part of what is shown of users without `expand`. */
const matches = ({ id, createdAt, platform }: BudgeaUser, search: string, profile: BudgeaProfile): boolean =>
  [String(id), parisTime(createdAt), profile === '2019' ? platform : ''].some((text) => text.includes(search));
