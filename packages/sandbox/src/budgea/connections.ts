import type { Context } from 'hono';
import type { ConnectionRouteOptions } from './connection-options.ts';
import type { BudgeaConnection, ConnectionError } from './connection-state.ts';
import { connectionView } from './connection-view.ts';
import { addConnection, updateConnection } from './credentials.ts';
import { expandOf } from './expand.ts';
import { readFields } from './fields.ts';
import { ownershipOf } from './ownership.ts';
import { pageOf } from './query.ts';
import type { Routes } from './routes.ts';

/** The banks that a user is connected to. */
export const connectionRoutes = (routes: Routes, options: ConnectionRouteOptions): void => {
  listRoutes(routes, options);
  singleRoutes(routes, options);
};

const listRoutes = (routes: Routes, options: ConnectionRouteOptions): void => {
  const { refuse, profile, connections } = options;
  const own = ownershipOf(options);

  routes('/users/:id/connections', {
    GET: async (c) => {
      const { id } = await own.user(c);
      const expand = expandOf(c.req.raw, refuse);
      const list = connections.list(id);
      const shown = pageOf(c.req.raw, list, refuse).map((connection) => connectionView(connection, expand, options));
      return c.json({ connections: shown, total: list.length });
    },
    POST: async (c) => {
      const { id } = await own.user(c);
      const expand = expandOf(c.req.raw, refuse);
      const added = addConnection(id, await readFields(c.req.raw, refuse), originOf(c), options);
      return c.json(connectionView(added, expand, options), statusOf(added, profile === '2019' ? 200 : 201));
    },
    DELETE: async (c) => {
      const { id } = await own.user(c);
      const expand = expandOf(c.req.raw, refuse);
      const last = connections.list(id).at(-1);
      connections.deleteAll(id);
      if (profile !== '2019') return c.body(null, 204);
      // Assumption: one connection is documented as the answer, so it is the last of them, and 404 without any.
      if (last === undefined) throw refuse.notFound();
      return c.json(connectionView(last, expand, options));
    },
  });
};

const singleRoutes = (routes: Routes, options: ConnectionRouteOptions): void => {
  const { refuse, profile, connections } = options;
  const own = ownershipOf(options);
  /** What cannot be expanded is refused before anything changes. */
  const answer = async (
    c: Context,
    change: (connection: BudgeaConnection) => BudgeaConnection | Promise<BudgeaConnection>,
  ): Promise<Response> => {
    const connection = await own.connection(c);
    const expand = expandOf(c.req.raw, refuse);
    const changed = await change(connection);
    return c.json(connectionView(changed, expand, options), statusOf(changed, 200));
  };

  routes('/users/:id/connections/:id_connection', {
    GET: async (c) => c.json(connectionView(await own.connection(c), expandOf(c.req.raw, refuse), options)),
    POST: (c) => answer(c, async (connection) => updateConnection(connection, await readFields(c.req.raw, refuse), originOf(c), options)),
    PUT: (c) =>
      answer(c, (connection) => {
        // Assumption: what ails the bank is over with the next synchronization, all else waits for the user.
        const hasPassed = connection.error === null || PASSING.has(connection.error);
        return hasPassed ? connections.update(connection, { error: null }) : connection;
      }),
    DELETE: async (c) => {
      const connection = await own.connection(c);
      const expand = expandOf(c.req.raw, refuse);
      connections.delete(connection.userId, connection.id);
      return profile === '2019' ? c.json(connectionView(connection, expand, options)) : c.body(null, 204);
    },
  });
};

const PASSING: ReadonlySet<ConnectionError> = new Set(['rateLimiting', 'websiteUnavailable', 'bug', 'validating'] as const);

/** 202 where the user has more to tell or to do before it works. */
const statusOf = ({ error }: BudgeaConnection, done: 200 | 201): 200 | 201 | 202 =>
  error === 'additionalInformationNeeded' || error === 'decoupled' ? 202 : done;

const originOf = (c: Context): string => new URL(c.req.url).origin;
