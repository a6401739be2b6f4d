import type { ApiPromise } from '@auth/core';
import type { BearerOptions, OperationTable } from '@auth/core/kit';
import type { ExpandOptions, ListOptions } from './parameters.ts';
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

/** The request of each of these operations. */
export const DOMAIN: OperationTable<DomainApi> = {
  getCertificate: { method: 'GET', path: 'certificate/{type}', query: ['expand'], answer: parseCertificate },
  getClient: { method: 'GET', path: 'clients/{idClient}', query: ['expand'], answer: parseClient },
  getConnectors: { method: 'GET', path: 'connectors', token: 'optional', query: ['expand', 'limit', 'offset'], answer: parseConnectorList },
  getPublicKey: { method: 'GET', path: 'publickey', token: 'optional', answer: parsePublicKey },
};
