import type { Authority, CallOptions, Connect, Connected, ConnectRequest, ConnectSession } from '@auth/core';
import { AuthError } from '@auth/core';
import {
  asOperation,
  type CallbackParameters,
  type ConnectStates,
  callbackArgument,
  checkedRedirectUri,
  type Meaning,
  objectArgument,
  pageFailure,
  readCallback,
  type ServerClock,
} from '@auth/core/kit';
import { oneCustomerId } from './api/ids.ts';
import type { FinicityApi } from './api/operations.ts';
import type { ConnectLinkParameters, ConnectPageParameters, ConnectReportParameters } from './api/parameters.ts';
import { fail } from './errors.ts';

/** Who connects, and what the page offers. */
export interface FinicityConnectRequest extends ConnectRequest, ConnectPageParameters, ConnectReportParameters {
  /** The connection to repair: the `institutionLoginId` of one of the customer's accounts. */
  readonly connectionId?: string | undefined;
  /** The bank to connect, without a search on the page. */
  readonly institutionId?: string | undefined;
}

/** Connections at Finicity. */
export interface FinicityConnect extends Connect {
  /**
   * A Data Connect page: to choose a bank, to connect `institutionId`, or to repair `connectionId`. Only the first of the three accepts
   * parameters of reports; the other two reject them with `invalid_request`. The session ends with its link, after two hours. Its `url` is
   * signed: give it to this customer's browser only, and never log it.
   *
   * @example
   * ```ts
   * const session = await provider.connect.start({ userId, redirectUri: 'https://app.example/callback', experience: 'default' });
   * ```
   * @see https://developer.mastercard.com/open-finance-us/documentation/connect/generate-2-connect-url-apis/
   */
  readonly start: (request: FinicityConnectRequest, options?: CallOptions) => Promise<ConnectSession>;
  /**
   * Checks `state` first, once and in constant time, on error callbacks too. Rejects with `state_mismatch` if that fails, `consent_denied`
   * if the customer left the page, `timeout` if the page timed out, and `unavailable` if it failed. The parameters of the callback are
   * hardly documented, so a callback without a sign of failure is a success. It names no connections: call `api.getCustomerAccounts`.
   */
  readonly complete: (callbackUrl: string, session: ConnectSession, options?: CallOptions) => Promise<Connected>;
}

/** What the capability works with. */
export interface ConnectOptions {
  readonly api: FinicityApi;
  /** The partner. */
  readonly as: Authority;
  readonly states: ConnectStates;
  readonly clock: ServerClock;
}

/** The lifetime of a link, in milliseconds. Not documented; all published examples have it. */
const LIFETIME = 2 * 60 * 60_000;

/** The capability, over the vendor's page. */
export const createConnect = ({ api, as, states, clock }: ConnectOptions): FinicityConnect => ({
  start: async (request, { signal } = {}) => {
    const { userId: given } = objectArgument(request, 'connect.start({ userId, redirectUri })', fail);
    const userId = oneCustomerId(given, 'connect.start');
    const redirectUri = checkedRedirectUri(request.redirectUri, REDIRECT_RULES);
    const generate = linkTo(request, api);
    const state = states.create();
    const returnTo = `${redirectUri}?state=${state}`;
    // Nobody else's partner: the request may have come from outside.
    const link = { ...request, partnerId: undefined, customerId: userId, redirectUri: returnTo };
    // Taken before the request: the link's life starts when the vendor makes it, not when the answer arrives.
    const sentAt = clock.monotonic();
    const { link: url } = await asOperation('connect.start', () => generate(link, { as, signal })).catch(explained);
    return { url, state, userId, redirectUri, expiresAt: clock.at(sentAt) + lifetimeOf(url) };
  },
  complete: async (callbackUrl, session) => {
    // An untyped session store returns nothing for a browser that never started a session.
    const { userId, ...given } = session ?? NO_SESSION;
    const callback = readCallback(withOneQuery(callbackArgument(callbackUrl, OPERATION, fail)));
    await states.spend(callback, given, OPERATION);
    const failure = failureIn(callback, session);
    if (failure) throw failure;
    const customerId = oneCustomerId(userId, OPERATION);
    if (callback.values('customerId').some((named) => named !== customerId))
      throw fail('invalid_response', OPERATION, 'The callback names a different customer from the session. It was ignored. Start again.');
    return { userId: customerId, connectionIds: [] };
  },
});

const OPERATION = 'connect.complete';
const NO_SESSION: ConnectSession = { url: '', state: '', userId: '', redirectUri: '', expiresAt: 0 };

/** For mobile apps the vendor wants universal links and app links, which are https too. */
const REDIRECT_RULES = { provider: 'finicity', operation: 'connect.start', privateSchemes: false } as const;

type Generate = (
  link: ConnectLinkParameters,
  options: { readonly as: Authority; readonly signal: AbortSignal | undefined },
) => Promise<{ readonly link: string }>;

/** Chooses one of the vendor's three links. */
const linkTo = (request: FinicityConnectRequest, api: FinicityApi): Generate => {
  const { connectionId, institutionId } = request;
  if (connectionId === undefined && institutionId === undefined)
    return (link, options) => api.generateConnectUrl({ ...request, ...link }, options);
  if (connectionId !== undefined && institutionId !== undefined)
    throw refused('A page repairs connectionId or connects institutionId, not both. Leave one out.');
  const unused = REPORTS.filter((name) => request[name] !== undefined);
  if (unused.length > 0)
    throw refused(`A page for one bank does not accept ${unused.join(', ')}. Leave that out, or institutionId and connectionId.`);
  if (connectionId !== undefined) {
    if (!isId(connectionId)) throw refused('The connectionId must be the institutionLoginId of an account, which consists of digits.');
    return (link, options) => api.generateFixConnectUrl({ ...link, institutionLoginId: connectionId }, options);
  }
  if (institutionId === undefined || !isId(institutionId)) throw refused('The institutionId must consist of digits.');
  return (link, options) => api.generateLiteConnectUrl({ ...link, institutionId }, options);
};

const REPORTS: readonly (keyof ConnectReportParameters)[] = [
  'consumerId',
  'fromDate',
  'reportCustomFields',
  'optionalConsumerInfo',
  'institutionSettings',
];

const isId = (text: string): boolean => /^\d+$/.test(text);

/** A link says when it was made and when it ends, by the same clock, so the difference holds for our clock too. */
const lifetimeOf = (url: string): number => {
  const { searchParams } = new URL(url);
  const lifetime = Number(searchParams.get('ttl') ?? Number.NaN) - Number(searchParams.get('timestamp') ?? Number.NaN);
  return lifetime > 0 ? Math.min(lifetime, LIFETIME) : LIFETIME;
};

/** The vendor's examples append `/?` to the redirect URI. If the URI already has a query, that makes two. */
const withOneQuery = (callbackUrl: string): string => {
  const start = callbackUrl.indexOf('?') + 1;
  return start === 0 ? callbackUrl : callbackUrl.slice(0, start) + callbackUrl.slice(start).replace(/\/?\?/g, '&');
};

const LEFT: Meaning = ['consent_denied', 'The customer left the page without connecting a bank. Offer to start again.'];
const TIMED_OUT: Meaning = ['timeout', 'The customer took too long, and the page timed out. Start again.'];
const FAILED: Meaning = ['unavailable', 'The Finicity page failed, so nothing was connected. Try again later.'];

/** What the page reports when nothing was connected, as numbers and as words. */
const FAILURES: Readonly<Record<string, Meaning>> = {
  '100': LEFT,
  exit: LEFT,
  cancel: LEFT,
  cancelled: LEFT,
  access_denied: LEFT,
  '1440': TIMED_OUT,
  timeout: TIMED_OUT,
  '500': FAILED,
  error: FAILED,
};

/** The oldest form of the callback has `success` and `reasonCode`; the vendor's SDKs have `code` and `reason`. */
const failureIn = (callback: CallbackParameters, sent: ConnectSession): AuthError | undefined => {
  const words = ['code', 'reason', 'reasonCode', 'error'].flatMap(callback.values).map((word) => word.toLowerCase());
  const isFailure =
    words.some((word) => Object.hasOwn(FAILURES, word)) ||
    callback.values('error').length > 0 ||
    callback.values('success').some((success) => success !== 'true') ||
    callback.values('code').some((code) => code !== '200');
  if (!isFailure) return undefined;
  return pageFailure(words, { sent, fail, operation: OPERATION, known: FAILURES, otherwise: FAILED, wordsLike: /^\d{1,10}$/ });
};

/** One code covers everything that can be wrong with a field, including an unknown customer. */
const explained = (error: unknown): never => {
  throw AuthError.is(error, 'invalid_request') && error.vendorCode === '10010'
    ? new AuthError(
        'Finicity refused the link. Check that this customer, and the connection or institution, exist at this partner, then the options.',
        error,
      )
    : error;
};

const refused = (message: string): AuthError => fail('invalid_request', 'connect.start', `${message} Nothing was sent.`);
