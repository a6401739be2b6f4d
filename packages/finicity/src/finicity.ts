/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin, Token } from '@auth/core';
import { AuthError, systemClock } from '@auth/core';
import { createHttp, definePlugin, type ManagedAuthority, normalizedBaseUrl, runtimeFetch, serverClock } from '@auth/core/kit';
import { createApi, type FinicityApi } from './api.ts';
import { createApplication } from './application.ts';
import { explain } from './errors.ts';
import { type FinicityOptions, fields, schema } from './options.ts';
import { createSecret, type FinicitySecret } from './secret.ts';

const BASE_URL = 'https://api.finicity.com/';

/** Finicity, configured. */
export interface FinicityProvider extends AuthProvider<'application' | 'secret'> {
  readonly id: 'finicity';
  /** The partner. One token serves all calls: it lives two hours and is renewed from 90 minutes of age. `reset()` lifts the guard. */
  readonly application: ManagedAuthority;
  /** A customer. The partner's token covers every customer, so this is `application`; the id goes into your paths. */
  readonly asUser: (customerId: string) => ManagedAuthority;
  readonly secret: FinicitySecret;
  readonly api: FinicityApi;
}

const create = ({
  partnerId,
  partnerSecret,
  appKey,
  baseUrl = BASE_URL,
  fetch = runtimeFetch,
  clock: given = systemClock,
  ...runtime
}: FinicityOptions): FinicityProvider => {
  const base = normalizedBaseUrl(baseUrl);
  const headers = { accept: 'application/json', 'finicity-app-key': appKey };
  const proof = (token: Token): Readonly<Record<string, string>> => ({ ...headers, 'finicity-app-token': token.value });
  const clock = serverClock(given);
  const http = createHttp({ provider: 'finicity', baseUrl: base, fetch, headers, proof, explain, clock });
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
    proof,
  });

  return {
    id: 'finicity',
    contract: 1,
    baseUrl: base,
    application: application.authority,
    asUser: (customerId) => {
      if (!/^\d+$/.test(customerId))
        throw new AuthError('A customer id consists of digits, as users.create returned it.', {
          code: 'invalid_request',
          provider: 'finicity',
          operation: 'asUser',
        });
      return application.authority;
    },
    secret: createSecret(api, partnerId),
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
