import type { Context } from 'hono';
import type { BudgeaConnection, ConnectionState } from './connection-state.ts';
import type { Authentication } from './request.ts';
import type { BudgeaUser } from './state.ts';
import { userNamed } from './user-named.ts';

/** Finds what a path names, for whom may see it. */
export interface Ownership {
  readonly user: (c: Context) => Promise<BudgeaUser>;
  /** Another user's connection is as unknown as one that does not exist. */
  readonly connection: (c: Context) => Promise<BudgeaConnection>;
  /** An id of the path, as a number. */
  readonly id: (c: Context, parameter: string) => number;
}

/** Reads the parameters `id` (the user) and `id_connection`. */
export const ownershipOf = (options: Authentication & { readonly connections: ConnectionState }): Ownership => {
  const { refuse, connections } = options;
  const user = (c: Context): Promise<BudgeaUser> => userNamed(c, options);
  const id = ({ req }: Context, parameter: string): number => {
    const text = req.param(parameter) ?? '';
    if (!/^\d{1,15}$/.test(text)) throw refuse.invalidValue(parameter);
    return Number(text);
  };
  return {
    user,
    id,
    connection: async (c) => {
      const owner = await user(c);
      const found = connections.get(owner.id, id(c, 'id_connection'));
      if (found === undefined) throw refuse.notFound();
      return found;
    },
  };
};
