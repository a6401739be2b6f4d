/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin } from '@auth/core';
import { systemClock } from '@auth/core';
import {
  connectStates,
  createHttp,
  definePlugin,
  type ManagedAuthority,
  normalizedBaseUrl,
  refuseBrowser,
  runtimeFetch,
  serverClock,
} from '@auth/core/kit';
import { createApi, type FinicityApi } from './api.ts';
import { createApplication } from './application.ts';
import { createConnect, type FinicityConnect } from './connect.ts';
import { oneCustomerId } from './customer-id.ts';
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
   * and is renewed from 67. `reset()` makes the guard forget the refusals.
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
  fetch = runtimeFetch,
  clock: given = systemClock,
  ...runtime
}: FinicityOptions): FinicityProvider => {
  refuseBrowser({ provider: 'finicity', secret: PARTNER_SECRET.option });
  const base = normalizedBaseUrl(baseUrl);
  const region = REGIONS[regionName];
  const { headers, headersOf } = regionHeaders(region, appKey);
  const clock = serverClock(given);
  const partnerSecret = partnerSecretOf(source, clock);
  const http = createHttp({ provider: 'finicity', baseUrl: base, fetch, headers, headersOf, explain, clock });
  const api = createApi(http);
  const application = createApplication({
    ...runtime,
    clock,
    api,
    partnerId,
    partnerSecret,
    appKey,
    baseUrl: base,
    transport: fetch,
    headersOf,
    lifetime: region.lifetime,
    advisory: region.advisory,
  });
  const { authority: as, account, attempt } = application;
  const states = connectStates({ provider: 'finicity', account, store: runtime.store, clock });

  return {
    id: 'finicity',
    contract: 1,
    baseUrl: base,
    application: as,
    asUser: (customerId) => {
      oneCustomerId(customerId, 'asUser');
      return as;
    },
    secret: createSecret({ api, partnerId, partnerSecret, attempt, clock }),
    users: createUsers({ api, as, customers }),
    connect: createConnect({ api, as, partnerId, states, clock }),
    webhooks: createWebhooks(partnerSecret, clock),
    api,
    [Symbol.asyncDispose]: application.dispose,
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
