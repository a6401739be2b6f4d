import type { ApiPromise, CallOptions } from '@auth/core';
import type { Http } from '@auth/core/kit';
import { type AccessToken, parseAccessToken, parseNothing } from './schemas.ts';

const AUTHENTICATION = 'aggregation/v2/partners/authentication';

/** What `createToken` sends. */
export interface PartnerCredentials {
  readonly partnerId: string;
  readonly partnerSecret: string;
}

/** What `modifyPartnerSecret` sends. */
export interface PartnerCredentialsWithNewSecret extends PartnerCredentials {
  /** 12 to 255 letters, digits and `!@#$%&*_-+`, with at least one letter and one digit. */
  readonly newPartnerSecret: string;
  /** `true`, the vendor's default, ends the old secret at once; `false` keeps it for 30 days. */
  readonly immediate?: boolean | undefined;
}

/** The vendor's operations, one to one and with all parameters. They hold no state: tokens for calls come from `application`. */
export interface FinicityApi {
  /**
   * Create Access Token. Counts as an attempt at the vendor: five wrong ones lock the partner.
   *
   * @see https://developer.mastercard.com/open-finance-us/documentation/onboarding/
   */
  readonly createToken: (credentials: PartnerCredentials, options?: CallOptions) => ApiPromise<AccessToken>;
  /** Modify Partner Secret. Never repeated by itself; `secret.rotate` is the crash-safe form of it. */
  readonly modifyPartnerSecret: (credentials: PartnerCredentialsWithNewSecret, options?: CallOptions) => ApiPromise<void>;
}

/** The operations over one HTTP interface. */
export const createApi = (http: Http): FinicityApi => ({
  createToken: ({ partnerId, partnerSecret }, { signal } = {}) =>
    http.request({
      operation: 'api.createToken',
      method: 'POST',
      path: AUTHENTICATION,
      json: () => ({ partnerId, partnerSecret }),
      parse: parseAccessToken,
      signal,
    }),
  modifyPartnerSecret: ({ partnerId, partnerSecret, newPartnerSecret, immediate }, { signal } = {}) =>
    http.request({
      operation: 'api.modifyPartnerSecret',
      method: 'PUT',
      path: AUTHENTICATION,
      json: () => ({ partnerId, partnerSecret, newPartnerSecret, immediate }),
      parse: parseNothing,
      once: true,
      signal,
    }),
});
