import type { BudgeaConnection, ConnectionState } from './connection-state.ts';
import type { Connectors } from './connectors.ts';
import type { BudgeaProfile } from './errors.ts';
import type { Authentication } from './request.ts';

/** What the routes below `users/{id}/connections` work with. */
export interface ConnectionRouteOptions extends Authentication {
  readonly profile: BudgeaProfile;
  readonly connections: ConnectionState;
  readonly connectors: Connectors;
  /** A page of the bank's where the user lets a connection in. */
  readonly bankUrl: (origin: string, connection: BudgeaConnection) => string;
}
