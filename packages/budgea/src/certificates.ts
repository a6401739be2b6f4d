import { asOperation } from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';
import type { BearerOptions, ExpandOptions } from './call-options.ts';
import type { BudgeaCertificate } from './resource-schemas.ts';

/** Certificates of the domain. Which types there are and who may ask is not documented. */
export interface Certificates {
  /** The latest of a type. They concern no user, so you say on whose behalf you ask. Rejects with `not_found`. */
  readonly get: (type: string, options: BearerOptions & ExpandOptions) => Promise<BudgeaCertificate>;
}

/** The capability, over the vendor's operations. */
export const createCertificates = (api: BudgeaApi): Certificates => ({
  get: (type, options) => asOperation('certificates.get', () => api.getCertificate(type, options)),
});
