/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, ProviderPlugin, Token } from '@auth/core';
import { createVendor, definePlugin, type ManagedAuthority, refuseBrowser } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import { type AcmeApi, createApi } from './api/operations.ts';
import { createApplication } from './application.ts';
import { explain } from './errors.ts';
import { type AcmeOptions, CLIENT_SECRET, fields, schema } from './options.ts';

// What the vendor does not have stays absent, here and in the fixture of conformance.test.ts. Delete a line when it is decided.
// TODO: `secret`: can the secret be changed by API? Write src/secret.ts, as in packages/finicity.
// TODO: `users`: can users be created, read and deleted? Write src/users.ts, as in packages/budgea.
// TODO: `userTokens`: has each user a token of its own that can be passed on? Write src/user-tokens.ts, as in packages/budgea.
// TODO: `codes`: are there short-lived codes that stand for a user? Write src/codes.ts, as in packages/budgea.
// TODO: `revocation`: can a user's token be ended? Write src/revocation.ts, as in packages/budgea.
// TODO: `connect`: is there a page where a user connects a bank? Write src/connect.ts, as in both packages.

/** Acme, configured. */
export interface AcmeProvider extends AuthProvider<'application'> {
  readonly id: 'acme';
  /** The client. One token serves all calls. */
  readonly application: ManagedAuthority;
  /** A user. The client's token covers every user, so this is `application`; the id goes into your paths. */
  readonly asUser: (userId: string) => ManagedAuthority;
  readonly api: AcmeApi;
}

// TODO: where the vendor is, with the API version, ending in a slash; and the headers that carry the token, in `headersOf`.
const BASE_URL = 'https://api.acme.example/';
const HEADERS = { accept: 'application/json' };
const headersOf = ({ value }: Token): Readonly<Record<string, string>> => ({ ...HEADERS, authorization: `Bearer ${value}` });

const create = ({ clientId, clientSecret, baseUrl = BASE_URL, ...runtime }: AcmeOptions): AcmeProvider => {
  refuseBrowser({ provider: 'acme', secret: CLIENT_SECRET.option });
  const vendor = createVendor({ ...runtime, id: 'acme', baseUrl, headers: HEADERS, headersOf, explain });
  const api = createApi(vendor, clientId);
  const { authority, dispose } = createApplication({ vendor, api, clientId, clientSecret });

  return {
    id: 'acme',
    contract: 1,
    baseUrl: vendor.baseUrl,
    application: authority,
    asUser: (userId) => {
      oneUserId(userId, 'asUser');
      return authority;
    },
    api,
    reset: authority.reset,
    [Symbol.asyncDispose]: dispose,
  };
};

/** Acme for `createRegistry`: its fields, their environment variables, and the factory. */
export const acmePlugin: ProviderPlugin<'acme', AcmeOptions, AcmeProvider> = definePlugin({ id: 'acme', fields, schema, create });

/**
 * Authentication to Acme. Sends nothing until a token is needed. Throws `misconfigured`, naming each wrong option and its environment
 * variable.
 *
 * @example
 * ```ts
 * const provider = acme({ clientId, clientSecret });
 * const response = await authorizedFetch(provider.asUser(userId))(`users/${userId}/accounts`);
 * ```
 */
// TODO: `@see` with the page of the vendor's documentation.
export const acme = (options: AcmeOptions): AcmeProvider => acmePlugin.create(options);
