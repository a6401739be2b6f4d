import type { Token } from '@auth/core';

const MINUTE = 60_000;

/** What differs between the vendor's regions. Times are in milliseconds. */
export interface Region {
  readonly baseUrl: string;
  /** The headers that carry the app key, in every request. */
  readonly keyHeaders: readonly string[];
  /** The headers that carry the app token, in every request that needs it. */
  readonly tokenHeaders: readonly string[];
  /** How long a token lives. From the documentation, because the vendor's answer does not say. */
  readonly lifetime: number;
  /** How long before its expiry a token is renewed in the background. */
  readonly advisory: number;
}

/** Each region by its name in the options. */
export const REGIONS: Readonly<Record<'us' | 'au', Region>> = {
  us: {
    baseUrl: 'https://api.finicity.com/',
    // The newer services on this host (webhook subscriptions, consents) look for the names without `finicity-`.
    keyHeaders: ['finicity-app-key', 'app-key'],
    tokenHeaders: ['finicity-app-token', 'app-token'],
    lifetime: 120 * MINUTE,
    // The vendor asks clients to renew a token from an age of 90 minutes.
    advisory: 30 * MINUTE,
  },
  au: {
    baseUrl: 'https://api.openbanking.mastercard.com.au/',
    keyHeaders: ['app-key'],
    tokenHeaders: ['app-token'],
    lifetime: 90 * MINUTE,
    // Not documented: a quarter of the lifetime, as in the US.
    advisory: 22.5 * MINUTE,
  },
};

/** The headers of every request, and those of a request with a token. Both ask for JSON; otherwise the vendor answers in XML. */
export const regionHeaders = (
  { keyHeaders, tokenHeaders }: Region,
  appKey: string,
): { readonly headers: Readonly<Record<string, string>>; readonly headersOf: (token: Token) => Readonly<Record<string, string>> } => {
  const headers = { accept: 'application/json', ...named(keyHeaders, appKey) };
  return { headers, headersOf: ({ value }) => ({ ...headers, ...named(tokenHeaders, value) }) };
};

const named = (names: readonly string[], value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, value]));
