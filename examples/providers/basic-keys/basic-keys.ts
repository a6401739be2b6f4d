/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Field, OptionsSchema, ProviderPlugin, ProviderRuntime, User } from '@auth/core';
import { AuthError } from '@auth/core';
import {
  asOperation,
  createHttp,
  definePlugin,
  normalizedBaseUrl,
  optionsSchema,
  parser,
  type RequestAuthority,
  readSecret,
  requestAuthority,
  runtimeFetch,
  type SecretSource,
  secretOption,
  textOption,
} from '@auth/core/kit';
import * as v from 'valibot';
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

const parseUser: (body: unknown) => User = parser(
  v.pipe(
    v.object({ user: v.object({ guid: v.pipe(v.string(), v.regex(/^USR-[\w-]+$/)) }) }),
    v.transform(({ user }) => ({ id: user.guid, createdAt: null })),
  ),
);

const create = ({ clientId, apiKey, baseUrl: given, fetch = runtimeFetch }: BasicKeysOptions): BasicKeysProvider => {
  const baseUrl = normalizedBaseUrl(given);
  const headers = { accept: 'application/json' };
  const headersOf = async (): Promise<Readonly<Record<string, string>>> => ({
    ...headers,
    authorization: `Basic ${btoa(`${clientId}:${await readSecret(apiKey, API_KEY)}`)}`,
  });
  const as = requestAuthority({
    provider: 'basic-keys',
    baseUrl,
    transport: fetch,
    account: JSON.stringify(['basic-keys', baseUrl, clientId]),
    headersOf,
    // The same key would be refused again.
    isWorthRepeating: async (response, sent) =>
      (await isRefusal(response)) && (await headersOf())['authorization'] !== sent.headers['authorization'],
  });
  const http = createHttp({ provider: 'basic-keys', baseUrl, fetch, headers, headersOf: () => ({}), explain });

  return {
    id: 'basic-keys',
    contract: 1,
    baseUrl,
    application: as,
    asUser: (userId) => {
      pathOf(userId, 'asUser');
      return as;
    },
    users: {
      create: ({ reference }, { signal } = {}) =>
        http.request({
          operation: 'users.create',
          method: 'POST',
          path: 'users',
          json: () => ({ user: { id: reference } }),
          as,
          signal,
          idempotent: false,
          parse: parseUser,
        }),
      get: (userId, { signal } = {}) =>
        asOperation('users.get', () =>
          http.request({ operation: 'users.get', method: 'GET', path: pathOf(userId, 'users.get'), as, signal, parse: parseUser }),
        ),
      delete: (userId, { signal } = {}) =>
        asOperation('users.delete', () =>
          http
            .request({ operation: 'users.delete', method: 'DELETE', path: pathOf(userId, 'users.delete'), as, signal, parse: () => {} })
            .then(
              () => ({ existed: true }),
              (error: unknown) => {
                if (AuthError.is(error, 'not_found')) return { existed: false };
                throw error;
              },
            ),
        ),
    },
    [Symbol.asyncDispose]: as[Symbol.asyncDispose],
  };
};

const pathOf = (userId: string, operation: string): string => {
  if (/^USR-[\w-]+$/.test(userId)) return `users/${userId}`;
  throw new AuthError('A user id begins with USR-, as users.create returned it. Nothing was sent.', {
    code: 'invalid_request',
    provider: 'basic-keys',
    operation,
  });
};

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
