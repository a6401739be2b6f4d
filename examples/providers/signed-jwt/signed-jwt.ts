/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Field, OptionsSchema, ProviderPlugin, ProviderRuntime, Token } from '@auth/core';
import { AuthError, managed, systemClock } from '@auth/core';
import {
  definePlugin,
  fingerprintOf,
  learningFetch,
  type ManagedAuthority,
  normalizedBaseUrl,
  optionsSchema,
  readErrorAnswer,
  readSecret,
  runtimeFetch,
  type SecretSource,
  type ServerClock,
  secretOption,
  serverClock,
  textOption,
  tokenAuthority,
} from '@auth/core/kit';
import { importPKCS8, SignJWT } from 'jose';
import { explain, isTokenRefusal } from './errors.ts';

/** An application and its private key, and where to reach the vendor. */
export interface SignedJwtOptions extends ProviderRuntime {
  /** Goes into the header of every JWT as `kid`. */
  readonly applicationId: string;
  /** PKCS #8, PEM, RSA; or a function that gives it: then a changed key is picked up without a restart. */
  readonly privateKey: SecretSource;
  readonly baseUrl: string;
}

/** A vendor that takes JWTs which the application signs itself, like Enable Banking: a token costs no request. */
export interface SignedJwtProvider extends AuthProvider<'application'> {
  readonly id: 'signed-jwt';
  readonly application: ManagedAuthority;
  /** The application's token is good for every session, whose id goes into your paths. */
  readonly asUser: (sessionId: string) => ManagedAuthority;
}

/** Milliseconds. The vendor takes JWTs of at most a day; a stolen one should not last that long. */
const LIFETIME = 60 * 60_000;
/** Milliseconds. Clocks that differ by less than the vendor's `Date` can tell must not make it a JWT from the future. */
const LEEWAY = 10_000;

const fields: readonly Field[] = [
  { name: 'applicationId', variable: 'SIGNED_JWT_APPLICATION_ID', label: 'Application ID', secret: false, required: true, choices: [] },
  { name: 'privateKey', variable: 'SIGNED_JWT_PRIVATE_KEY', label: 'Private key (PEM)', secret: true, required: true, choices: [] },
  { name: 'baseUrl', variable: 'SIGNED_JWT_BASE_URL', label: 'Base URL', secret: false, required: true, choices: [] },
];
const PRIVATE_KEY = { provider: 'signed-jwt', option: 'privateKey (SIGNED_JWT_PRIVATE_KEY)' } as const;
const schema: OptionsSchema = optionsSchema({
  applicationId: textOption(/^[\w-]+$/, 'must be the ID of your application'),
  privateKey: secretOption,
});

/** What a JWT is made of. */
interface Claims {
  readonly applicationId: string;
  readonly audience: string;
  readonly privateKey: SecretSource;
  readonly clock: ServerClock;
}

const signedToken = async ({ applicationId, audience, privateKey, clock }: Claims): Promise<Token> => {
  const pem = await readSecret(privateKey, PRIVATE_KEY);
  // By the vendor's time, in whole seconds, as JWTs count.
  const issuedAt = Math.floor(clock.now() / 1000) * 1000;
  const expiresAt = issuedAt + LIFETIME;
  const key = await importPKCS8(pem, 'RS256').catch(() => {
    throw notAKey();
  });
  const value = await new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: applicationId })
    .setIssuer(applicationId)
    .setAudience(audience)
    .setIssuedAt((issuedAt - LEEWAY) / 1000)
    // RS256 is deterministic: without it, one signed within the second of a refused one would be the same, and refused too.
    .setJti(crypto.randomUUID())
    .setExpirationTime(expiresAt / 1000)
    .sign(key);
  return { value, issuedAt, expiresAt };
};

/** What the library threw is left out: it may quote the key. */
const notAKey = (): AuthError =>
  new AuthError(`${PRIVATE_KEY.option} is no RSA key in PKCS #8 PEM. Line breaks may be lost. Nothing was sent.`, {
    code: 'misconfigured',
    provider: 'signed-jwt',
    operation: 'application.token',
  });

const create = ({
  applicationId,
  privateKey,
  baseUrl: given,
  fetch = runtimeFetch,
  clock: own = systemClock,
  store,
  tenant,
  whenStoreIsDown,
  waitUntil,
  observe,
}: SignedJwtOptions): SignedJwtProvider => {
  const baseUrl = normalizedBaseUrl(given);
  const clock = serverClock(own);
  const account = JSON.stringify(['signed-jwt', baseUrl, applicationId]);
  const claims = { applicationId, audience: new URL(baseUrl).host, privateKey, clock };
  const tokens = managed(
    { token: () => signedToken(claims) },
    {
      store,
      tenant,
      whenStoreIsDown,
      waitUntil,
      key: account,
      clock,
      observe,
      fingerprint: async () => fingerprintOf(account, await readSecret(privateKey, PRIVATE_KEY)),
      provider: 'signed-jwt',
      operation: 'application.token',
    },
  );
  const authority = tokenAuthority({
    provider: 'signed-jwt',
    baseUrl,
    transport: learningFetch(fetch, clock),
    tokens,
    headersOf: ({ value }) => ({ accept: 'application/json', authorization: `Bearer ${value}` }),
    explain,
    clock,
    isTokenRefused: async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
  });
  return {
    id: 'signed-jwt',
    contract: 1,
    baseUrl,
    application: authority,
    asUser: (sessionId) => {
      if (/^[\w-]+$/.test(sessionId)) return authority;
      throw new AuthError('A session id is letters, digits and hyphens. Nothing was sent.', {
        code: 'invalid_request',
        provider: 'signed-jwt',
        operation: 'asUser',
      });
    },
    reset: tokens.reset,
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

export const signedJwtPlugin: ProviderPlugin<'signed-jwt', SignedJwtOptions, SignedJwtProvider> = definePlugin({
  id: 'signed-jwt',
  fields,
  schema,
  create,
});

/**
 * @example
 * ```ts
 * const provider = signedJwt({ applicationId, privateKey: () => readFile('key.pem', 'utf8'), baseUrl: 'https://api.vendor.example/' });
 * const response = await authorizedFetch(provider.asUser(sessionId))(`sessions/${sessionId}`);
 * ```
 */
export const signedJwt = (options: SignedJwtOptions): SignedJwtProvider => signedJwtPlugin.create(options);
