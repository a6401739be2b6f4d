/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Field, OptionsSchema, Outgoing, ProviderPlugin, ProviderRuntime, User } from '@auth/core';
import { AuthError, systemClock } from '@auth/core';
import {
  asOperation,
  createHttp,
  definePlugin,
  learningFetch,
  normalizedBaseUrl,
  optionsSchema,
  parser,
  type RequestAuthority,
  readErrorAnswer,
  readSecret,
  requestAuthority,
  runtimeFetch,
  type SecretSource,
  secretOption,
  serverClock,
  textOption,
} from '@auth/core/kit';
import * as v from 'valibot';
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

const parseUser: (body: unknown) => User = parser(
  v.pipe(
    v.object({ data: v.object({ id: v.pipe(v.string(), v.regex(/^\d+$/)) }) }),
    v.transform(({ data }) => ({ id: data.id, createdAt: null })),
  ),
);

const create = ({
  appId,
  secret,
  privateKey,
  baseUrl: given,
  fetch = runtimeFetch,
  clock: own = systemClock,
}: SignedRequestsOptions): SignedRequestsProvider => {
  const baseUrl = normalizedBaseUrl(given);
  const clock = serverClock(own);
  const keys = async (): Promise<Readonly<Record<string, string>>> => ({
    accept: 'application/json',
    'app-id': appId,
    secret: await readSecret(secret, SECRET),
  });
  const headersOf = async (request: Outgoing): Promise<Readonly<Record<string, string>>> => {
    const pem = await readSecret(privateKey, PRIVATE_KEY);
    return { ...(await keys()), ...(await signatureOf(request, { pem, now: clock.now(), option: PRIVATE_KEY.option })) };
  };
  const as = requestAuthority({
    provider: 'signed-requests',
    baseUrl,
    // Nothing else tells the vendor's time, which signatures expire by.
    transport: learningFetch(fetch, clock),
    account: JSON.stringify(['signed-requests', baseUrl, appId]),
    headersOf,
    isWorthRepeating: async (response, { headers }) => {
      const reason = response.ok ? undefined : codeOf((await readErrorAnswer(response.clone())).body);
      if (reason === 'SignatureExpired') return true;
      return reason === 'WrongKeys' && (await keys())['secret'] !== headers['secret'];
    },
  });
  const http = createHttp({ provider: 'signed-requests', baseUrl, fetch: as.transport, headers: {}, headersOf: () => ({}), explain });

  return {
    id: 'signed-requests',
    contract: 1,
    baseUrl,
    application: as,
    asUser: (customerId) => {
      pathOf(customerId, 'asUser');
      return as;
    },
    users: {
      create: ({ reference }, { signal } = {}) =>
        http.request({
          operation: 'users.create',
          method: 'POST',
          path: 'customers',
          json: () => ({ data: { identifier: reference } }),
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
        asOperation('users.delete', async () => {
          const path = pathOf(userId, 'users.delete');
          return http.request({ operation: 'users.delete', method: 'DELETE', path, as, signal, parse: () => {} }).then(
            () => ({ existed: true }),
            (error: unknown) => {
              if (AuthError.is(error, 'not_found')) return { existed: false };
              throw error;
            },
          );
        }),
    },
    [Symbol.asyncDispose]: as[Symbol.asyncDispose],
  };
};

const pathOf = (customerId: string, operation: string): string => {
  if (/^\d+$/.test(customerId)) return `customers/${customerId}`;
  throw new AuthError('A customer id consists of digits, as users.create returned it. Nothing was sent.', {
    code: 'invalid_request',
    provider: 'signed-requests',
    operation,
  });
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
