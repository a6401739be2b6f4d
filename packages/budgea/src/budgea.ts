/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin, Token } from '@auth/core';
import { createVendor, definePlugin, type ManagedAuthority, normalizedBaseUrl, refuseBrowser, type SecretSource } from '@auth/core/kit';
import { type BudgeaApi, createApi } from './api/operations.ts';
import { createApplication } from './application.ts';
import { createUserAuthorities } from './as-user.ts';
import { type BudgeaCodes, createCodes } from './codes.ts';
import { type BudgeaConnect, createConnect } from './connect.ts';
import { type Connections, createConnections } from './connections.ts';
import { baseUrlOf, hostOf } from './domain.ts';
import { explain } from './errors.ts';
import { type BudgeaOptions, CLIENT_SECRET, fields, schema } from './options.ts';
import { createRevocation } from './revocation.ts';
import { createServiceTokens, type ServiceTokens } from './service-tokens.ts';
import { type BudgeaUserTokens, createUserTokens } from './user-tokens.ts';
import { type BudgeaUsers, createUsers } from './users.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';
import { webviewUrl, webviewUrlOf } from './webview.ts';

/** A configured provider for Budgea (Powens). */
export interface BudgeaProvider extends AuthProvider<'users' | 'userTokens' | 'codes' | 'revocation' | 'connect'> {
  readonly id: 'budgea';
  /** The authority of one user. The token is kept in the store; a new one is requested, once, when it is missing or refused. */
  readonly asUser: (userId: string) => ManagedAuthority;
  readonly users: BudgeaUsers;
  readonly userTokens: BudgeaUserTokens;
  readonly codes: BudgeaCodes;
  readonly connect: BudgeaConnect;
  readonly connections: Connections;
  readonly serviceTokens: ServiceTokens;
  readonly webhooks: Webhooks;
  readonly api: BudgeaApi;
}

/** Budgea with a manage token: this provider also has `application`. */
export interface BudgeaProviderWithApplication extends BudgeaProvider {
  /** The administrator's authority, by JWTs of an hour. A refused JWT is replaced once. Refusals of the manage token count for themselves. */
  readonly application: ManagedAuthority;
}

const HEADERS = { accept: 'application/json' };
const headersOf = ({ value }: Token): Readonly<Record<string, string>> => ({ authorization: `Bearer ${value}` });

const create = ({
  domain,
  clientId,
  clientSecret,
  manageToken,
  userTokenGrant = 'renew',
  baseUrl = baseUrlOf(domain),
  webviewUrl: givenWebviewUrl = webviewUrlOf(normalizedBaseUrl(baseUrl)),
  ...runtime
}: BudgeaOptions): BudgeaProvider => {
  refuseBrowser({ provider: 'budgea', secret: CLIENT_SECRET.option });
  const vendor = createVendor({ ...runtime, id: 'budgea', baseUrl, headers: HEADERS, headersOf, explain });
  const api = createApi(vendor, clientId);
  const account = vendor.account(clientId);
  const authorities = createUserAuthorities({ vendor, api, account, clientSecret, userTokenGrant });
  const application = manageToken === undefined ? undefined : createApplication({ vendor, api, clientId, manageToken });
  const { clock } = vendor;
  const options = { api, authorities, clock };
  const codes = createCodes(options);
  const host = { webviewUrl: normalizedBaseUrl(givenWebviewUrl), domain: hostOf(domain), clientId };
  const states = vendor.states(account);

  return {
    id: 'budgea',
    contract: 1,
    baseUrl: vendor.baseUrl,
    ...(application && { application: application.authority }),
    asUser: authorities.asUser,
    users: createUsers(options),
    userTokens: createUserTokens(options),
    codes,
    connect: createConnect({ ...options, codes, states, webview: (parameters) => webviewUrl(host, parameters) }),
    revocation: createRevocation(options),
    connections: createConnections(options),
    serviceTokens: createServiceTokens(options),
    webhooks: createWebhooks({ tokens: authorities.tokens, clock }),
    api,
    reset: async () => {
      await Promise.all([authorities.tokens.reset(), application?.authority.reset()]);
    },
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
 * With a manage token the provider has `application` too:
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
