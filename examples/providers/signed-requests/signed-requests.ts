/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Field, OptionsSchema, ProviderPlugin, ProviderRuntime } from '@auth/core';
import { AuthError } from '@auth/core';
import {
  asOperation,
  createVendor,
  definePlugin,
  learningFetch,
  optionsSchema,
  type RequestAuthority,
  readErrorAnswer,
  readSecret,
  requestAuthority,
  type SecretSource,
  secretOption,
  textOption,
} from '@auth/core/kit';
import { oneCustomerId } from './api/ids.ts';
import { createApi } from './api/operations.ts';
import { codeOf, explain } from './errors.ts';
import { signatureOf } from './signature.ts';

/** An app, its secret and its private key, and where to reach the vendor. */
export interface SignedRequestsOptions extends ProviderRuntime {
  readonly appId: string;
  readonly secret: SecretSource;
  /** PKCS #8, PEM, RSA; or a function that gives it. */
  readonly privateKey: SecretSource;
  readonly baseUrl: string;
}

/** A vendor that wants every request signed over method, URL and body, like Salt Edge. There is no token. */
export interface SignedRequestsProvider extends AuthProvider<'application' | 'users'> {
  readonly id: 'signed-requests';
  readonly application: RequestAuthority;
  readonly asUser: (customerId: string) => RequestAuthority;
}

const fields: readonly Field[] = [
  { name: 'appId', variable: 'SIGNED_REQUESTS_APP_ID', label: 'App ID', secret: false, required: true, choices: [] },
  { name: 'secret', variable: 'SIGNED_REQUESTS_SECRET', label: 'Secret', secret: true, required: true, choices: [] },
  { name: 'privateKey', variable: 'SIGNED_REQUESTS_PRIVATE_KEY', label: 'Private key (PEM)', secret: true, required: true, choices: [] },
  { name: 'baseUrl', variable: 'SIGNED_REQUESTS_BASE_URL', label: 'Base URL', secret: false, required: true, choices: [] },
];
const SECRET = { provider: 'signed-requests', option: 'secret (SIGNED_REQUESTS_SECRET)' } as const;
const PRIVATE_KEY = { provider: 'signed-requests', option: 'privateKey (SIGNED_REQUESTS_PRIVATE_KEY)' } as const;
const schema: OptionsSchema = optionsSchema({
  appId: textOption(/^[\x21-\x7e]+$/, 'must be the ID of your app'),
  secret: secretOption,
  privateKey: secretOption,
});

const create = ({ appId, secret, privateKey, baseUrl, ...runtime }: SignedRequestsOptions): SignedRequestsProvider => {
  const vendor = createVendor({ ...runtime, id: 'signed-requests', baseUrl, explain });
  const api = createApi(vendor);
  const keys = async (): Promise<Readonly<Record<string, string>>> => ({
    accept: 'application/json',
    'app-id': appId,
    secret: await readSecret(secret, SECRET),
  });
  const as = requestAuthority({
    ...runtime,
    provider: vendor.id,
    baseUrl: vendor.baseUrl,
    // Nothing else tells the vendor's time, which signatures expire by.
    transport: learningFetch(vendor.transport, vendor.clock),
    account: vendor.account(appId),
    headersOf: async (request) => {
      const pem = await readSecret(privateKey, PRIVATE_KEY);
      return { ...(await keys()), ...(await signatureOf(request, { pem, now: vendor.clock.now(), option: PRIVATE_KEY.option })) };
    },
    explain,
    shouldRetry: async (response, { headers }) => {
      const reason = codeOf((await readErrorAnswer(response.clone())).body);
      // The answer told the vendor's time.
      if (reason === 'SignatureExpired') return 'clock';
      return reason === 'WrongKeys' && (await keys())['secret'] !== headers['secret'] ? 'token' : null;
    },
  });

  return {
    id: 'signed-requests',
    contract: 1,
    baseUrl: vendor.baseUrl,
    application: as,
    asUser: (customerId) => {
      oneCustomerId(customerId, 'asUser');
      return as;
    },
    users: {
      create: (user, { signal } = {}) => asOperation('users.create', () => api.createCustomer(user, { as, signal })),
      get: (userId, { signal } = {}) => asOperation('users.get', () => api.getCustomer(userId, { as, signal })),
      delete: (userId, { signal } = {}) =>
        asOperation('users.delete', () =>
          api.deleteCustomer(userId, { as, signal }).then(
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

export const signedRequestsPlugin: ProviderPlugin<'signed-requests', SignedRequestsOptions, SignedRequestsProvider> = definePlugin({
  id: 'signed-requests',
  fields,
  schema,
  create,
});

/**
 * @example
 * ```ts
 * const provider = signedRequests({ appId, secret, privateKey: () => vault.read('key'), baseUrl: 'https://api.vendor.example/' });
 * const fetch = authorizedFetch(provider.asUser(customerId));
 * const response = await fetch('connections', { method: 'POST', body: JSON.stringify({ data: { customer_id: customerId } }) });
 * ```
 */
export const signedRequests = (options: SignedRequestsOptions): SignedRequestsProvider => signedRequestsPlugin.create(options);
