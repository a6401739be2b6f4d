import { AuthError, type CallOptions } from '@auth/core';
import { asOperation } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import type { ExpandOptions, ListOptions } from './api/parameters.ts';
import type { BudgeaConnection } from './api/resource-schemas.ts';
import type { UserAuthorities } from './as-user.ts';

/** A user's connections to banks. Each call is made as the user; a user without a stored token gets one first. */
export interface Connections {
  /** One page of connections: all of them, unless `limit` asks for fewer. */
  readonly list: (userId: string, options?: CallOptions & ListOptions) => Promise<readonly BudgeaConnection[]>;
  /** Rejects with `not_found`, for connections of other users too. */
  readonly get: (userId: string, connectionId: string, options?: CallOptions & ExpandOptions) => Promise<BudgeaConnection>;
  /** Deletes the connection with its accounts and their data. Idempotent. */
  readonly delete: (userId: string, connectionId: string, options?: CallOptions) => Promise<{ readonly existed: boolean }>;
  /**
   * Deletes all of them, by `DELETE /hash`. Idempotent. The user and the tokens stay. The vendor's newer documentation lacks this
   * operation: if a domain answers `not_found`, use `api.deleteConnections(userId, …)`.
   */
  readonly deleteAll: (userId: string, options?: CallOptions) => Promise<void>;
}

/** What the capability works with. */
export interface ConnectionsOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
}

/** The capability, over the tokens of all users. */
export const createConnections = ({ api, authorities: { asUser } }: ConnectionsOptions): Connections => ({
  list: (userId, options) =>
    asOperation('connections.list', async () => {
      const id = oneUserId(userId, 'connections.list');
      return (await api.getConnections(id, { ...options, as: asUser(id) })).connections;
    }),
  get: (userId, connectionId, options) =>
    asOperation('connections.get', async () => {
      const id = oneUserId(userId, 'connections.get');
      return api.getConnection(id, connectionId, { ...options, as: asUser(id) });
    }),
  delete: (userId, connectionId, { signal } = {}) =>
    asOperation('connections.delete', async () => {
      const id = oneUserId(userId, 'connections.delete');
      try {
        await api.deleteConnection(id, connectionId, { as: asUser(id), signal });
        return { existed: true };
      } catch (error) {
        if (AuthError.is(error, 'not_found')) return { existed: false };
        throw error;
      }
    }),
  deleteAll: (userId, { signal } = {}) =>
    asOperation('connections.deleteAll', async () => {
      await api.deleteConnectionsByHash({ as: asUser(oneUserId(userId, 'connections.deleteAll')), signal });
    }),
});
