/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin } from '@auth/core';
import { createVendor, definePlugin, type ManagedAuthority, refuseBrowser } from '@auth/core/kit';
import { oneCustomerId } from './api/ids.ts';
import { createApi, type FinicityApi } from './api/operations.ts';
import { createApplication } from './application.ts';
import { createConnect, type FinicityConnect } from './connect.ts';
import { explain } from './errors.ts';
import { type FinicityOptions, fields, PARTNER_SECRET, schema } from './options.ts';
import { partnerSecretOf } from './partner-secret.ts';
import { REGIONS, regionHeaders } from './region.ts';
import { createSecret, type FinicitySecret } from './secret.ts';
import { createUsers, type FinicityUsers } from './users.ts';
import { createWebhooks, type FinicityWebhooks } from './webhooks.ts';

/** Finicity, configured. */
export interface FinicityProvider extends AuthProvider<'application' | 'secret' | 'users' | 'connect'> {
  readonly id: 'finicity';
  /**
   * The partner. One token serves all calls. It lives two hours and is renewed from an age of 90 minutes; in Australia it lives 90 minutes
   * and is renewed from 67.
   */
  readonly application: ManagedAuthority;
  /**
   * A customer. The partner's token covers every customer, so this is `application`, after a check of the id. The id goes into the paths of
   * your requests. Throws `invalid_request` for an id that does not consist of digits.
   */
  readonly asUser: (customerId: string) => ManagedAuthority;
  readonly secret: FinicitySecret;
  readonly users: FinicityUsers;
  readonly connect: FinicityConnect;
  readonly webhooks: FinicityWebhooks;
  readonly api: FinicityApi;
}

const create = ({
  partnerId,
  partnerSecret: source,
  appKey,
  customers = 'active',
  region: regionName = 'us',
  baseUrl = REGIONS[regionName].baseUrl,
  ...runtime
}: FinicityOptions): FinicityProvider => {
  refuseBrowser({ provider: 'finicity', secret: PARTNER_SECRET.option });
  const region = REGIONS[regionName];
  const vendor = createVendor({ ...runtime, ...regionHeaders(region, appKey), id: 'finicity', baseUrl, explain });
  const account = vendor.account(partnerId, appKey);
  const partnerSecret = partnerSecretOf(source, vendor.clock);
  const api = createApi(vendor, partnerId);
  const { authority: as, attempt, dispose } = createApplication({ vendor, api, account, partnerSecret, region });

  return {
    id: 'finicity',
    contract: 1,
    baseUrl: vendor.baseUrl,
    application: as,
    asUser: (customerId) => {
      oneCustomerId(customerId, 'asUser');
      return as;
    },
    secret: createSecret({ api, partnerSecret, attempt, clock: vendor.clock }),
    users: createUsers({ api, as, customers }),
    connect: createConnect({ api, as, states: vendor.states(account), clock: vendor.clock }),
    webhooks: createWebhooks({ partnerSecret, clock: vendor.clock }),
    api,
    reset: as.reset,
    [Symbol.asyncDispose]: dispose,
  };
};

/** Finicity for `createRegistry`: its fields, their environment variables, and the factory. */
export const finicityPlugin: ProviderPlugin<'finicity', FinicityOptions, FinicityProvider> = definePlugin({
  id: 'finicity',
  fields,
  schema,
  create,
});

/**
 * Authentication to Finicity (Mastercard Open Finance US). Sends nothing until a token is needed. Throws `misconfigured`,
 * naming each wrong option and its environment variable.
 *
 * @example
 * ```ts
 * const provider = finicity({ partnerId, partnerSecret: () => vault.read('finicity'), appKey });
 * const fetch = authorizedFetch(provider.asUser(customerId));
 * const response = await fetch(`aggregation/v1/customers/${customerId}/accounts`);
 * ```
 * @see https://developer.mastercard.com/open-finance-us/documentation/onboarding/
 */
export const finicity = (options: FinicityOptions): FinicityProvider => finicityPlugin.create(options);
