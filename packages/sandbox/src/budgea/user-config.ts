import type { BudgeaProfile } from './errors.ts';
import { readFields } from './fields.ts';
import { parisTime } from './paris-time.ts';
import type { Authentication } from './request.ts';
import type { Routes } from './routes.ts';
import type { BudgeaUser } from './state.ts';
import { userNamed } from './user-named.ts';

/** Each user's settings: texts by key. */
export interface UserConfigs {
  readonly of: (user: BudgeaUser) => object;
  readonly set: (userId: number, values: ReadonlyMap<string, string>) => void;
  readonly delete: (userId: number) => void;
  readonly reset: () => void;
}

/** Settings in memory. Assumption: the last push is the user's creation until somebody writes another. */
export const userConfigs = (): UserConfigs => {
  const byUser = new Map<number, ReadonlyMap<string, string>>();
  return {
    of: ({ id, createdAt }) => ({ 'biapi.last_push': parisTime(createdAt).replace(' ', 'T'), ...Object.fromEntries(byUser.get(id) ?? []) }),
    set: (userId, values) => {
      byUser.set(userId, new Map([...(byUser.get(userId) ?? []), ...values]));
    },
    delete: (userId) => {
      byUser.delete(userId);
    },
    reset: () => byUser.clear(),
  };
};

/** What the routes of users' settings work with. */
export interface UserConfigRouteOptions extends Authentication {
  readonly userConfigs: UserConfigs;
  readonly profile: BudgeaProfile;
}

/** A user's settings, for him and for administrators. */
export const userConfigRoutes = (routes: Routes, options: UserConfigRouteOptions): void => {
  const { userConfigs, refuse, profile } = options;
  routes('/users/:id/config', {
    GET: async (c) => c.json(userConfigs.of(await userNamed(c, options))),
    POST: async (c) => {
      const { id } = await userNamed(c, options);
      userConfigs.set(id, (await readFields(c.req.raw, refuse)).all());
      return c.body(null, 200);
    },
    DELETE: async (c) => {
      const { id } = await userNamed(c, options);
      userConfigs.delete(id);
      return c.body(null, profile === '2019' ? 200 : 204);
    },
  });
};
