/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Field, OptionsSchema, ProviderPlugin, ProviderRuntime } from '@auth/core';
import { AuthError } from '@auth/core';
import {
  asOperation,
  createVendor,
  definePlugin,
  optionsSchema,
  type RequestAuthority,
  readSecret,
  requestAuthority,
  type SecretSource,
  secretOption,
  textOption,
} from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import { createApi } from './api/operations.ts';
import { explain, isRefusal } from './errors.ts';

/** The keys of one client, sent with every request by HTTP Basic, and where to reach the vendor. */
export interface BasicKeysOptions extends ProviderRuntime {
  readonly clientId: string;
  /** The key, or a function that gives it: the vendor ends the old one at once, so a function is asked again after a refusal. */
  readonly apiKey: SecretSource;
  readonly baseUrl: string;
}

/** A vendor without tokens, like MX: no life, no renewal, nothing in the store. */
export interface BasicKeysProvider extends AuthProvider<'application' | 'users'> {
  readonly id: 'basic-keys';
  readonly application: RequestAuthority;
  /** The keys are good for every user, whose id goes into your paths. */
  readonly asUser: (userId: string) => RequestAuthority;
}

const fields: readonly Field[] = [
  { name: 'clientId', variable: 'BASIC_KEYS_CLIENT_ID', label: 'Client ID', secret: false, required: true, choices: [] },
  { name: 'apiKey', variable: 'BASIC_KEYS_API_KEY', label: 'API key', secret: true, required: true, choices: [] },
  { name: 'baseUrl', variable: 'BASIC_KEYS_BASE_URL', label: 'Base URL', secret: false, required: true, choices: [] },
];
const API_KEY = { provider: 'basic-keys', option: 'apiKey (BASIC_KEYS_API_KEY)' } as const;
// A colon would end the user's name in HTTP Basic.
const schema: OptionsSchema = optionsSchema({
  clientId: textOption(/^[\x21-\x39\x3b-\x7e]+$/, 'must be your client ID'),
  apiKey: secretOption,
});

const create = ({ clientId, apiKey, baseUrl, ...runtime }: BasicKeysOptions): BasicKeysProvider => {
  const vendor = createVendor({ ...runtime, id: 'basic-keys', baseUrl, headers: HEADERS, explain });
  const api = createApi(vendor);
  const headersOf = async (): Promise<Readonly<Record<string, string>>> => ({
    ...HEADERS,
    authorization: `Basic ${btoa(`${clientId}:${await readSecret(apiKey, API_KEY)}`)}`,
  });
  const as = requestAuthority({
    ...runtime,
    provider: vendor.id,
    baseUrl: vendor.baseUrl,
    transport: vendor.transport,
    account: vendor.account(clientId),
    headersOf,
    explain,
    // The same key would be refused again.
    shouldRetry: async (response, sent) =>
      (await isRefusal(response)) && (await headersOf())['authorization'] !== sent.headers['authorization'] ? 'token' : null,
  });

  return {
    id: 'basic-keys',
    contract: 1,
    baseUrl: vendor.baseUrl,
    application: as,
    asUser: (userId) => {
      oneUserId(userId, 'asUser');
      return as;
    },
    users: {
      create: (user, { signal } = {}) => asOperation('users.create', () => api.createUser(user, { as, signal })),
      get: (userId, { signal } = {}) => asOperation('users.get', () => api.getUser(userId, { as, signal })),
      delete: (userId, { signal } = {}) =>
        asOperation('users.delete', () =>
          api.deleteUser(userId, { as, signal }).then(
            () => ({ existed: true }),
            (error: unknown) => {
              if (AuthError.is(error, 'not_found')) return { existed: false };
              throw error;
            },
          ),
        ),
    },
    // Every request carries the keys, so refusals are not counted.
    reset: async () => {},
    [Symbol.asyncDispose]: as[Symbol.asyncDispose],
  };
};

const HEADERS = { accept: 'application/json' };

export const basicKeysPlugin: ProviderPlugin<'basic-keys', BasicKeysOptions, BasicKeysProvider> = definePlugin({
  id: 'basic-keys',
  fields,
  schema,
  create,
});

/**
 * @example
 * ```ts
 * const provider = basicKeys({ clientId, apiKey: () => vault.read('api-key'), baseUrl: 'https://api.vendor.example/' });
 * const response = await authorizedFetch(provider.asUser(userId))(`users/${userId}/accounts`);
 * ```
 */
export const basicKeys = (options: BasicKeysOptions): BasicKeysProvider => basicKeysPlugin.create(options);
