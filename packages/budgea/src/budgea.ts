/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin, Token } from '@auth/core';
import { systemClock } from '@auth/core';
import {
  createHttp,
  definePlugin,
  type ManagedAuthority,
  normalizedBaseUrl,
  runtimeFetch,
  type SecretSource,
  serverClock,
} from '@auth/core/kit';
import { type BudgeaApi, createApi } from './api.ts';
import { createApplication } from './application.ts';
import { createUserAuthorities } from './as-user.ts';
import { type BudgeaCodes, createCodes } from './codes.ts';
import { baseUrlOf } from './domain.ts';
import { explain } from './errors.ts';
import { type BudgeaOptions, fields, schema } from './options.ts';
import { createRevocation } from './revocation.ts';
import { createUserTokens } from './user-tokens.ts';
import { createUsers } from './users.ts';

/** Budgea (Powens), configured. */
export interface BudgeaProvider extends AuthProvider<'users' | 'userTokens' | 'codes' | 'revocation'> {
  readonly id: 'budgea';
  /** A user. The token is kept in the store; one that is missing or refused is made anew, once. */
  readonly asUser: (userId: string) => ManagedAuthority;
  readonly codes: BudgeaCodes;
  readonly api: BudgeaApi;
}

/** Budgea with a manage token: the one that has `application`. */
export interface BudgeaProviderWithApplication extends BudgeaProvider {
  /** The administrator, by JWTs of an hour. A refused one is made anew, once. `reset()` lifts the guard of the manage token. */
  readonly application: ManagedAuthority;
}

const create = ({
  domain,
  clientId,
  clientSecret,
  manageToken,
  userTokenGrant = 'renew',
  baseUrl = baseUrlOf(domain),
  fetch = runtimeFetch,
  clock: given = systemClock,
  store,
  observe,
}: BudgeaOptions): BudgeaProvider => {
  const base = normalizedBaseUrl(baseUrl);
  const headers = { accept: 'application/json' };
  const proof = (token: Token): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token.value}` });
  const clock = serverClock(given);
  const api = createApi(createHttp({ provider: 'budgea', baseUrl: base, fetch, headers, proof, explain, clock }));
  const authorities = createUserAuthorities({
    api,
    clientId,
    clientSecret,
    userTokenGrant,
    baseUrl: base,
    transport: fetch,
    proof,
    store,
    clock,
    observe,
  });
  const application =
    manageToken === undefined
      ? undefined
      : createApplication({ api, clientId, manageToken, baseUrl: base, transport: fetch, proof, store, clock, observe });
  const options = { api, authorities, clientId, clientSecret, clock };

  return {
    id: 'budgea',
    contract: 1,
    baseUrl: base,
    ...(application && { application: application.authority }),
    asUser: authorities.asUser,
    users: createUsers(options),
    userTokens: createUserTokens(authorities),
    codes: createCodes(options),
    revocation: createRevocation(api, authorities),
    api,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([authorities.tokens[Symbol.asyncDispose](), application?.dispose()]);
    },
  };
};

/** Budgea for `createRegistry`: its fields, their environment variables, and the factory. */
export const budgeaPlugin: ProviderPlugin<'budgea', BudgeaOptions, BudgeaProvider> = definePlugin({ id: 'budgea', fields, schema, create });

/**
 * Authentication to Budgea (Powens). Sends nothing until a token is needed. Throws `misconfigured`, naming each wrong option and
 * its environment variable.
 *
 * @example
 * ```ts
 * const provider = budgea({ domain: 'demo-sandbox', clientId, clientSecret });
 * const user = await provider.users.create({ reference: 'customer-17' });
 * const fetch = authorizedFetch(provider.asUser(user.id));
 * const response = await fetch('users/me/connections');
 * ```
 *
 * With a manage token it has `application` too:
 *
 * ```ts
 * const { application } = budgea({ domain: 'demo-sandbox', clientId, clientSecret, manageToken });
 * const response = await authorizedFetch(application)(`clients/${clientId}`);
 * ```
 * @see https://docs.powens.com/api-reference/overview/authentication
 */
export const budgea: {
  (options: BudgeaOptions & { readonly manageToken: SecretSource }): BudgeaProviderWithApplication;
  (options: BudgeaOptions): BudgeaProvider;
} = (options) => budgeaPlugin.create(options) as BudgeaProviderWithApplication; // `application` is there exactly where the first overload says so
