import type { ConnectionState } from './connection-state.ts';
import type { BudgeaProfile } from './errors.ts';
import { type Authentication, authenticate } from './request.ts';
import type { Routes } from './routes.ts';

/** What the route works with. */
export interface HashRouteOptions extends Authentication {
  readonly connections: ConnectionState;
  readonly profile: BudgeaProfile;
}

/** Deletes the connections of a user. Assumption: the user of the token, as no source tells what the hash is; he and his tokens stay. */
export const hashRoutes = (routes: Routes, options: HashRouteOptions): void => {
  routes('/hash', {
    DELETE: async (c) => {
      const { id } = await authenticate(c.req.raw, options);
      options.connections.deleteAll(id);
      return c.body(null, options.profile === '2019' ? 200 : 204);
    },
  });
};
