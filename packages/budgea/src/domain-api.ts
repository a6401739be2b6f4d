import type { ApiPromise } from '@auth/core';
import type { Http } from '@auth/core/kit';
import type { BearerOptions, ExpandOptions, ListOptions } from './call-options.ts';
import { withExpanded } from './expand.ts';
import { idPart, namePart, targetOf } from './path.ts';
import {
  type BudgeaCertificate,
  type BudgeaClient,
  type BudgeaConnectorList,
  type BudgeaPublicKey,
  parseCertificate,
  parseClient,
  parseConnectorList,
  parsePublicKey,
} from './resource-schemas.ts';

/** What belongs to the domain, and to no user. */
export interface DomainApi {
  /** `GET /certificate/{type}`: the latest of this type. Which types there are and who may ask is not documented. */
  readonly getCertificate: (type: string, options: BearerOptions & ExpandOptions) => ApiPromise<BudgeaCertificate>;
  /** `GET /clients/{id_client}`, as the administrator or the config token. */
  readonly getClient: (idClient: string, options: BearerOptions & ExpandOptions) => ApiPromise<BudgeaClient>;
  /** `GET /connectors`: the banks. Nobody has to prove anything; `as` is there for domains that ask all the same. */
  readonly getConnectors: (options?: Partial<BearerOptions> & ListOptions) => ApiPromise<BudgeaConnectorList>;
  /** `GET /publickey`: what credentials of users are encrypted with, end to end. Not documented by the vendor; nobody has to prove anything. */
  readonly getPublicKey: (options?: Partial<BearerOptions>) => ApiPromise<BudgeaPublicKey>;
}

/** The operations over one HTTP interface. */
export const createDomainApi = (http: Http): DomainApi => ({
  getCertificate: (type, { as, expand, signal }) =>
    http.request({
      ...targetOf('api.getCertificate', ['certificate', namePart(type, 'type of a certificate', 'api.getCertificate')]),
      method: 'GET',
      query: { expand },
      as,
      parse: withExpanded(parseCertificate, { expand }),
      signal,
    }),
  getClient: (idClient, { as, expand, signal }) =>
    http.request({
      ...targetOf('api.getClient', ['clients', idPart(idClient, 'client application', 'api.getClient')]),
      method: 'GET',
      query: { expand },
      as,
      parse: withExpanded(parseClient, { expand }),
      signal,
    }),
  getConnectors: ({ as, signal, expand, limit, offset } = {}) =>
    http.request({
      operation: 'api.getConnectors',
      method: 'GET',
      path: 'connectors',
      query: { expand, limit, offset },
      as,
      parse: parseConnectorList({ expand }),
      signal,
    }),
  getPublicKey: ({ as, signal } = {}) =>
    http.request({ operation: 'api.getPublicKey', method: 'GET', path: 'publickey', as, parse: parsePublicKey, signal }),
});
