import type { AuthError, Clock } from '@auth/core';
import { asOperation, type ManagedMany, objectArgument, readSecret, type SecretSource } from '@auth/core/kit';
import { oneUserId } from './api/ids.ts';
import { parisTime } from './api/paris-time.ts';
import { fail } from './errors.ts';

/** Header fields as a `Request` or Node has them, with names in any case. */
export type WebhookHeaders = Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The current way: `BI-Signature` over path, date and body. */
export interface SignedWebhook {
  /** The path of your endpoint as the vendor calls it, or its URL: `/webhooks/budgea`. A query is ignored. */
  readonly path: string;
  /** The key of the webhook's authentication, from the console. Pass several while it is being changed: any of them may match. */
  readonly secret: SecretSource | readonly SecretSource[];
  /** How far `BI-Signature-Date` may be from now, in milliseconds. Default five minutes; `Infinity` takes replays and dates of any form. */
  readonly tolerance?: number | undefined;
}

/** The older way: the call carries the token of the user it is about. */
export interface BearerWebhook {
  /** The user that the body names. The token is compared with the stored one; no token is requested. */
  readonly userId: string;
}

/** The vendor's calls to your server. Their keys come from the console: this package keeps none. */
export interface Webhooks {
  /**
   * Whether a call comes from the vendor. Pass the body as it was received: once parsed and serialised again, it is a different body.
   * Compares in constant time; missing, repeated and malformed headers are `false`. Rejects with `misconfigured` if there is no key, with
   * `unavailable` if the function that returns the key fails, with `store_unavailable` if the stored token cannot be read, and with
   * `invalid_request` if `userId` is not a user id.
   *
   * @example
   * ```ts
   * const rawBody = await request.text();
   * const isGenuine = await provider.webhooks.verify(rawBody, request.headers, { path: '/webhooks/budgea', secret: webhookKey });
   * if (!isGenuine) return new Response(null, { status: 401 });
   * ```
   * @see https://docs.powens.com/documentation/integration-guides/webhooks
   */
  readonly verify: (
    rawBody: string | Uint8Array<ArrayBuffer>,
    headers: WebhookHeaders,
    how: SignedWebhook | BearerWebhook,
  ) => Promise<boolean>;
}

const FIVE_MINUTES = 300_000;
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** The capability, over the stored tokens of all users. */
export const createWebhooks = ({ tokens, clock }: { readonly tokens: ManagedMany; readonly clock: Clock }): Webhooks => ({
  verify: (rawBody, headers, how) =>
    asOperation('webhooks.verify', async () => {
      for (const given of [headers, how]) objectArgument(given, 'webhooks.verify(rawBody, request.headers, { path, secret })', fail);
      return 'userId' in how ? isTokenOf(tokens, headers, how) : isSigned(rawBody, headers, how, clock.now());
    }),
});

const isTokenOf = async (tokens: ManagedMany, headers: WebhookHeaders, { userId }: BearerWebhook): Promise<boolean> => {
  const held = await tokens.of(oneUserId(userId, 'webhooks.verify')).current();
  const [, given] = /^Bearer +(\S+)$/i.exec(headerOf(headers, 'authorization') ?? '') ?? [];
  if (held === undefined || given === undefined) return false;
  // Compares two hashes under a key that nobody knows: how far they agree says nothing about the token.
  const key = await keyOf(crypto.getRandomValues(new Uint8Array(32)));
  return crypto.subtle.verify('HMAC', key, await crypto.subtle.sign('HMAC', key, bytesOf(held.value)), bytesOf(given));
};

const isSigned = async (
  rawBody: string | Uint8Array<ArrayBuffer>,
  headers: WebhookHeaders,
  { path, secret, tolerance = FIVE_MINUTES }: SignedWebhook,
  now: number,
): Promise<boolean> => {
  const sources = [secret].flat();
  // A key that is missing from the environment arrives as `undefined`, whatever its type says.
  if (sources.length === 0 || !sources.every(isKey)) throw withoutKey();
  const secrets = await Promise.all(sources.map((source) => readSecret(source, SECRET)));
  const signature = signatureOf(headerOf(headers, 'bi-signature'));
  const date = headerOf(headers, 'bi-signature-date');
  if (signature === undefined || date === undefined || !isRecent(date, now, tolerance)) return false;
  const message = joined(bytesOf(`POST.${pathOf(path)}.${date}.`), typeof rawBody === 'string' ? bytesOf(rawBody) : rawBody);
  const verdicts = await Promise.all(
    secrets.map(async (value) => crypto.subtle.verify('HMAC', await keyOf(bytesOf(value)), signature, message)),
  );
  return verdicts.includes(true);
};

const SECRET = { provider: 'budgea', option: "the webhook's key" } as const;

const isKey = (source: unknown): boolean => typeof source === 'function' || (typeof source === 'string' && source.trim() !== '');

const withoutKey = (): AuthError =>
  fail('misconfigured', 'webhooks.verify', 'There is no key to check the webhook with. Pass the key from the console as `secret`.');

/** The only value of this header; `undefined` if there is none, or several. */
const headerOf = (headers: WebhookHeaders, name: string): string | undefined => {
  // Not `instanceof`: frameworks bring their own `Headers`.
  if (isHeaders(headers)) return headers.get(name) ?? undefined;
  const values = Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? (value ?? []) : []));
  return values.length === 1 ? values[0] : undefined;
};

const isHeaders = (headers: WebhookHeaders): headers is Pick<Headers, 'get'> => typeof headers.get === 'function';

/** The 32 bytes of a signature in base64. */
const signatureOf = (text = ''): Uint8Array<ArrayBuffer> | undefined =>
  /^[A-Za-z0-9+/]{43}=$/.test(text) ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0)) : undefined;

/** Without the query, which is not signed. */
const pathOf = (given: string): string => {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return new URL(given).pathname;
  return given.replace(/[?#].*$/s, '');
};

const isRecent = (date: string, now: number, tolerance: number): boolean =>
  tolerance === Number.POSITIVE_INFINITY || momentsOf(date).some((moment) => Math.abs(now - moment) <= tolerance);

const ZONED = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?$/;

/** The moments that a date can mean: no source documents its form. Without a zone it is UTC, or Paris time as in the rest of the API. */
const momentsOf = (date: string): readonly number[] => {
  const text = date.trim();
  if (/^\d{9,11}$/.test(text)) return [Number(text) * 1000];
  if (/^\d{12,14}$/.test(text)) return [Number(text)];
  if (ZONED.test(text) || /^[A-Z][a-z]{2}, .* GMT$/.test(text)) return [Date.parse(text)];
  if (WITHOUT_ZONE.test(text)) return [Date.parse(`${text.replace(' ', 'T')}Z`), parisTime(text.replace('T', ' ')) ?? Number.NaN];
  return [];
};

const keyOf = (secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', secret, HMAC, false, ['sign', 'verify']);

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const joined = (one: Uint8Array<ArrayBuffer>, other: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
};
