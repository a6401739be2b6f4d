import { asOperation } from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';
import type { BearerOptions, ExpandOptions } from './call-options.ts';
import type { BudgeaCertificate } from './resource-schemas.ts';

/** Certificates of the domain. The vendor documents neither the types nor who may ask. */
export interface Certificates {
  /** The latest certificate of a type. Certificates concern no user, so `as` says on whose behalf you ask. Rejects with `not_found`. */
  readonly get: (type: string, options: BearerOptions & ExpandOptions) => Promise<BudgeaCertificate>;
}

/** The capability, over the vendor's operations. */
export const createCertificates = (api: BudgeaApi): Certificates => ({
  get: (type, options) => asOperation('certificates.get', () => api.getCertificate(type, options)),
});
