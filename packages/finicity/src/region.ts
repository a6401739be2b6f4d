import type { Token } from '@auth/core';

const MINUTE = 60_000;

/** What differs between the vendor's regions. Milliseconds. */
export interface Region {
  readonly baseUrl: string;
  /** Sent with every request. */
  readonly keyHeaders: readonly string[];
  /** Sent with every request that needs the app token. */
  readonly tokenHeaders: readonly string[];
  /** The answer says nothing about it, the documentation does. */
  readonly lifetime: number;
  /** How long before its end a token is renewed in the background. */
  readonly advisory: number;
}

/** Each region by its name in the options. */
export const REGIONS: Readonly<Record<'us' | 'au', Region>> = {
  us: {
    baseUrl: 'https://api.finicity.com/',
    // The newer services on this host (webhook subscriptions, consents) look for the names without the company.
    keyHeaders: ['finicity-app-key', 'app-key'],
    tokenHeaders: ['finicity-app-token', 'app-token'],
    lifetime: 120 * MINUTE,
    // The vendor asks for a new one from 90 minutes of age on.
    advisory: 30 * MINUTE,
  },
  au: {
    baseUrl: 'https://api.openbanking.mastercard.com.au/',
    keyHeaders: ['app-key'],
    tokenHeaders: ['app-token'],
    lifetime: 90 * MINUTE,
    // Nothing is documented: about the same part of the life as in the US.
    advisory: 22.5 * MINUTE,
  },
};

/** The headers of every request, and those of a request with a token, which wants JSON too: else the vendor answers in XML. */
export const regionHeaders = (
  { keyHeaders, tokenHeaders }: Region,
  appKey: string,
): { readonly headers: Readonly<Record<string, string>>; readonly headersOf: (token: Token) => Readonly<Record<string, string>> } => {
  const headers = { accept: 'application/json', ...named(keyHeaders, appKey) };
  return { headers, headersOf: ({ value }) => ({ ...headers, ...named(tokenHeaders, value) }) };
};

const named = (names: readonly string[], value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, value]));
