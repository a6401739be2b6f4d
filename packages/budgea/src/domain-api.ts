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

/** Operations on what belongs to the domain, not to a user. */
export interface DomainApi {
  /** `GET /certificate/{type}`: the latest certificate of this type. The vendor documents neither the types nor who may ask. */
  readonly getCertificate: (type: string, options: BearerOptions & ExpandOptions) => ApiPromise<BudgeaCertificate>;
  /** `GET /clients/{id_client}`, as the administrator or with the config token. */
  readonly getClient: (idClient: string, options: BearerOptions & ExpandOptions) => ApiPromise<BudgeaClient>;
  /** `GET /connectors`: the banks. Needs no credentials; `as` is there for domains that ask for them all the same. */
  readonly getConnectors: (options?: Partial<BearerOptions> & ListOptions) => ApiPromise<BudgeaConnectorList>;
  /** `GET /publickey`: the key that users' credentials are encrypted with, end to end. Undocumented. Needs no credentials. */
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
