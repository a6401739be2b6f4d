import type { Fetch } from '../authority.ts';
import { systemClock } from '../clock.ts';
import { ownMembers } from '../own-members.ts';
import type { ProviderRuntime } from '../provider-runtime.ts';
import type { ManagedOptions, TokenSource } from '../token-source.ts';
import { type ConnectStates, connectStates } from './connect-states.ts';
import { createHttp, type Http, type HttpOptions, runtimeFetch } from './http.ts';
import { type ManagedMany, managedMany } from './managed-many.ts';
import { normalizedBaseUrl } from './option-schemas.ts';
import { type ServerClock, serverClock } from './server-clock.ts';
import { type ManagedAuthority, type TokenAuthorityOptions, tokenAuthority } from './token-authority.ts';

/** One vendor as one product reaches it: what the parts of a provider share. */
export interface Vendor {
  /** The provider's id. */
  readonly id: string;
  /** Ends in a slash. */
  readonly baseUrl: string;
  readonly transport: Fetch;
  /** Tells the vendor's time, learnt from its answers. */
  readonly clock: ServerClock;
  readonly http: Http;
  /**
   * Names an account: this vendor, its base URL, and the parts that tell clients apart. Different parts never give the same name. What is
   * made here adds the tenant.
   */
  readonly account: (...parts: readonly string[]) => string;
  /** The tokens of an account's subjects, in the store and under the guard that the product chose. */
  readonly tokens: (account: string, sourceOf: (id: string) => TokenSource, options: TokensOptions) => ManagedMany;
  /** An authority that sends one of these tokens. */
  readonly authority: (
    tokens: TokenAuthorityOptions['tokens'],
    isTokenRefused: TokenAuthorityOptions['isTokenRefused'],
    isTokenEnded?: TokenAuthorityOptions['isTokenEnded'],
  ) => ManagedAuthority;
  /** The `state` of an account's sessions on the vendor's pages. */
  readonly states: (account: string) => ConnectStates;
}

/** What one kind of token needs beyond what its vendor knows. */
export type TokensOptions = Pick<ManagedOptions, 'fingerprint' | 'operation' | 'windows' | 'singleUse'>;

/** What makes a vendor: facts of the vendor's, and the runtime that the product passed. */
export interface VendorOptions extends ProviderRuntime, Pick<HttpOptions, 'headers' | 'explain'> {
  readonly id: string;
  readonly baseUrl: string;
  /** The credential headers of a token. A vendor without tokens has none. */
  readonly headersOf?: HttpOptions['headersOf'] | undefined;
  /** The members that a token adds to a JSON body, where the vendor wants it there. */
  readonly bodyFieldsOf?: TokenAuthorityOptions['bodyFieldsOf'];
}

/**
 * Gives the parts of a provider one clock, store, transport, and form of credentials.
 *
 * @example
 * ```ts
 * const vendor = createVendor({ store, clock, id: 'acme', baseUrl, headersOf, explain });
 * const account = vendor.account(clientId);
 * const fingerprint = () => fingerprintOf(account, clientSecret);
 * const tokens = vendor.tokens(account, () => source, { operation: 'application.token', fingerprint });
 * const application = vendor.authority(tokens.of(''), async ({ status }) => status === 401);
 * ```
 */
export const createVendor = (options: VendorOptions): Vendor => {
  const {
    id,
    baseUrl: given,
    headers,
    headersOf = () => ({}),
    bodyFieldsOf,
    explain,
    fetch: transport = runtimeFetch,
    clock: productClock = systemClock,
    store,
    tenant,
    whenStoreIsDown,
    waitUntil,
    observe,
  } = ownMembers(options);
  const baseUrl = normalizedBaseUrl(given);
  const clock = serverClock(productClock);
  return {
    id,
    baseUrl,
    transport,
    clock,
    http: createHttp({ provider: id, baseUrl, fetch: transport, headers, headersOf, explain, clock }),
    account: (...parts) => JSON.stringify([id, baseUrl, ...parts]),
    tokens: (account, sourceOf, kind) =>
      managedMany(sourceOf, { ...kind, store, tenant, whenStoreIsDown, waitUntil, observe, clock, key: account, account, provider: id }),
    authority: (tokens, isTokenRefused, isTokenEnded) =>
      tokenAuthority({
        provider: id,
        baseUrl,
        transport,
        tokens,
        headersOf,
        bodyFieldsOf,
        explain,
        clock,
        isTokenRefused,
        isTokenEnded,
      }),
    states: (account) => connectStates({ provider: id, account, store, tenant, clock }),
  };
};
