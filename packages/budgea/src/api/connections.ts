import type { ApiPromise } from '@auth/core';
import type { BearerOptions, OperationTable } from '@auth/core/kit';
import { pageQuery } from './page-query.ts';
import type { ExpandOptions, ListOptions } from './parameters.ts';
import {
  type BudgeaConnection,
  type BudgeaConnectionList,
  parseConnection,
  parseConnectionList,
  parseDeletedConnection,
  parseWebauthUrl,
} from './resource-schemas.ts';
import { parseNothing } from './schemas.ts';
import type { UserSelector } from './users.ts';

/** The parameters of a bank's own page. Ids are text. */
export interface WebauthParameters {
  /** Default: the provider's. */
  readonly clientId?: string | undefined;
  /** Absolute, without a query, and on the client application's list. */
  readonly redirectUri: string;
  /** The bank, by its id in your domain. */
  readonly idConnector?: string | undefined;
  /** The bank, by its id in all domains. */
  readonly connectorUuid?: string | undefined;
  /** A connection to repair. */
  readonly idConnection?: string | undefined;
  /** A transfer to carry out; older generations only. */
  readonly idTransfer?: string | undefined;
  /** Comes back unchanged. */
  readonly state?: string | undefined;
  /** Lower-case letters: `openapi`, `directaccess`, `fallback`. */
  readonly source?: string | undefined;
  /** Older generations only, which do not document its form. */
  readonly fields?: string | undefined;
  /** Values for the connector's own fields on this page, by field name. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** Operations on a user's connections to banks, and the bank's page that makes a connection. */
export interface ConnectionsApi {
  /**
   * `GET /webauth`, which is for a browser: returns the URL and sends nothing. `token` is a temporary code of the user. The URL contains
   * the code: give it to this user's browser only, and never log it.
   */
  readonly webauthUrl: (parameters: WebauthParameters & { readonly token?: string | undefined }) => URL;
  /** `GET /webauth-url`, as the user: asks the vendor for the page. Rejects with `conflict` when the connection needs no repair. */
  readonly getWebauthUrl: (parameters: WebauthParameters, options: BearerOptions) => ApiPromise<URL>;
  /** `GET /users/{id_user}/connections`. */
  readonly getConnections: (idUser: UserSelector, options: BearerOptions & ListOptions) => ApiPromise<BudgeaConnectionList>;
  /** `GET /users/{id_user}/connections/{id_connection}`. */
  readonly getConnection: (
    idUser: UserSelector,
    idConnection: string,
    options: BearerOptions & ExpandOptions,
  ) => ApiPromise<BudgeaConnection>;
  /** `DELETE /users/{id_user}/connections/{id_connection}`. Older generations return the connection, newer ones nothing. */
  readonly deleteConnection: (
    idUser: UserSelector,
    idConnection: string,
    options: BearerOptions & ExpandOptions,
  ) => ApiPromise<BudgeaConnection | null>;
  /** `DELETE /users/{id_user}/connections`: all of them. Older generations are documented to return one of them, newer ones nothing. */
  readonly deleteConnections: (idUser: UserSelector, options: BearerOptions & ExpandOptions) => ApiPromise<BudgeaConnection | null>;
  /** `DELETE /hash`: all connections of the token's user. Missing from the vendor's newer documentation. */
  readonly deleteConnectionsByHash: (options: BearerOptions) => ApiPromise<void>;
}

/** The request of each of these operations. A path without an id means all connections, so an empty id must not count as a missing one. */
export const CONNECTIONS: OperationTable<Omit<ConnectionsApi, 'webauthUrl'>> = {
  getWebauthUrl: { method: 'GET', path: 'webauth-url', query: (parameters) => webauthQuery(parameters), answer: parseWebauthUrl },
  getConnections: {
    method: 'GET',
    path: 'users/{idUser}/connections',
    query: ['expand', 'limit', 'offset'],
    answer: parseConnectionList,
  },
  getConnection: { method: 'GET', path: 'users/{idUser}/connections/{idConnection}', query: ['expand'], answer: parseConnection },
  deleteConnection: {
    method: 'DELETE',
    path: 'users/{idUser}/connections/{idConnection}',
    query: ['expand'],
    answer: parseDeletedConnection,
  },
  deleteConnections: { method: 'DELETE', path: 'users/{idUser}/connections', query: ['expand'], answer: parseDeletedConnection },
  deleteConnectionsByHash: { method: 'DELETE', path: 'hash', answer: parseNothing },
};

/** The one operation that a browser carries out. */
export const webauthUrl =
  (baseUrl: string, clientId: string): ConnectionsApi['webauthUrl'] =>
  ({ token, ...parameters }) => {
    const url = new URL('webauth', baseUrl);
    url.search = pageQuery({ ...webauthQuery({ ...parameters, clientId: parameters.clientId ?? clientId }), token });
    return url;
  };

const webauthQuery = ({ values, ...parameters }: WebauthParameters): Readonly<Record<string, string | undefined>> => ({
  // These come first, so that no field of a bank can replace what the vendor needs.
  ...values,
  client_id: parameters.clientId,
  redirect_uri: parameters.redirectUri,
  id_connector: parameters.idConnector,
  connector_uuid: parameters.connectorUuid,
  id_connection: parameters.idConnection,
  id_transfer: parameters.idTransfer,
  state: parameters.state,
  source: parameters.source,
  fields: parameters.fields,
});
