/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin, Token } from '@auth/core';
import { AuthError, systemClock } from '@auth/core';
import { createHttp, definePlugin, type ManagedAuthority, normalizedBaseUrl, runtimeFetch, serverClock } from '@auth/core/kit';
import { type AcmeApi, createApi } from './api.ts';
import { createApplication } from './application.ts';
import { explain } from './errors.ts';
import { type AcmeOptions, fields, schema } from './options.ts';

// What the vendor does not have stays absent, here and in the fixture of conformance.test.ts. Delete a line when it is decided.
// TODO: `secret`: can the secret be changed by API? Write src/secret.ts, as in packages/finicity.
// TODO: `users`: can users be created, read and deleted? Write src/users.ts, as in packages/budgea.
// TODO: `userTokens`: has each user a token of its own that can be handed on? Write src/user-tokens.ts, as in packages/budgea.
// TODO: `codes`: are there short-lived codes that stand for a user? Write src/codes.ts, as in packages/budgea.
// TODO: `revocation`: can a user's token be ended? Write src/revocation.ts, as in packages/budgea.
// TODO: `connect`: is there a page where a user connects a bank? Write src/connect.ts, as in both packages.

/** Acme, configured. */
export interface AcmeProvider extends AuthProvider<'application'> {
  readonly id: 'acme';
  /** The client. One token serves all calls. `reset()` lifts the guard. */
  readonly application: ManagedAuthority;
  /** A user. The client's token covers every user, so this is `application`; the id goes into your paths. */
  readonly asUser: (userId: string) => ManagedAuthority;
  readonly api: AcmeApi;
}

// TODO: where the vendor is, with the API version, ending in a slash; and the headers that carry the token, in `headersOf`.
const BASE_URL = 'https://api.acme.example/';

const create = ({
  clientId,
  clientSecret,
  baseUrl: given = BASE_URL,
  fetch = runtimeFetch,
  clock: own = systemClock,
  store,
  whenStoreIsDown,
  observe,
}: AcmeOptions): AcmeProvider => {
  const baseUrl = normalizedBaseUrl(given);
  const headers = { accept: 'application/json' };
  const headersOf = ({ value }: Token): Readonly<Record<string, string>> => ({ ...headers, authorization: `Bearer ${value}` });
  const clock = serverClock(own);
  const api = createApi(createHttp({ provider: 'acme', baseUrl, fetch, headers, headersOf, explain, clock }));
  const { authority, dispose } = createApplication({
    api,
    clientId,
    clientSecret,
    baseUrl,
    transport: fetch,
    headersOf,
    store,
    whenStoreIsDown,
    clock,
    observe,
  });

  return {
    id: 'acme',
    contract: 1,
    baseUrl,
    application: authority,
    asUser: (userId) => {
      checkUserId(userId);
      return authority;
    },
    api,
    [Symbol.asyncDispose]: dispose,
  };
};

// TODO: the form of the vendor's ids. An empty one, `..`, or one that means everybody must not pass.
const checkUserId = (userId: string): void => {
  if (/^\d+$/.test(userId)) return;
  throw new AuthError('A user id consists of digits. Nothing was sent.', {
    code: 'invalid_request',
    provider: 'acme',
    operation: 'asUser',
  });
};

/** Acme for `createRegistry`: its fields, their environment variables, and the factory. */
export const acmePlugin: ProviderPlugin<'acme', AcmeOptions, AcmeProvider> = definePlugin({ id: 'acme', fields, schema, create });

/**
 * Authentication to Acme. Sends nothing until a token is needed. Throws `misconfigured`, naming each wrong option and its environment
 * variable.
 *
 * @example
 * ```ts
 * const provider = acme({ clientId, clientSecret: () => vault.read('acme') });
 * const response = await authorizedFetch(provider.asUser(userId))(`users/${userId}/accounts`);
 * ```
 */
// TODO: `@see` with the page of the vendor's documentation.
export const acme = (options: AcmeOptions): AcmeProvider => acmePlugin.create(options);
