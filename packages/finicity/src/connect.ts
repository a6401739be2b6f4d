import type { AuthErrorCode, Authority, CallOptions, Connect, Connected, ConnectRequest, ConnectSession } from '@auth/core';
import { AuthError } from '@auth/core';
import {
  asOperation,
  type CallbackParameters,
  type ConnectStates,
  checkedRedirectUri,
  readCallback,
  type ServerClock,
} from '@auth/core/kit';
import type { FinicityApi } from './api.ts';
import { oneCustomerId } from './customer-id.ts';
import type { ConnectLinkParameters, ConnectPageParameters, ConnectReportParameters } from './parameters.ts';

/** Who connects, and what the page offers. */
export interface FinicityConnectRequest extends ConnectRequest, ConnectPageParameters, ConnectReportParameters {
  /** To repair: the `institutionLoginId` of one of the customer's accounts. */
  readonly connectionId?: string | undefined;
  /** To connect this bank, without the search for one. */
  readonly institutionId?: string | undefined;
}

/** Connections of Finicity. */
export interface FinicityConnect extends Connect {
  /**
   * A page of Data Connect: to choose a bank, for the one of `institutionId`, or to repair `connectionId`. What goes into reports is for
   * the first of the three only: with the other two it is `invalid_request`. The session ends with its link, after two hours. Its `url` is
   * signed: hand it to this customer's browser only, and log it nowhere.
   *
   * @example
   * ```ts
   * const session = await provider.connect.start({ userId, redirectUri: 'https://app.example/callback', experience: 'default' });
   * ```
   * @see https://developer.mastercard.com/open-finance-us/documentation/connect/generate-2-connect-url-apis/
   */
  readonly start: (request: FinicityConnectRequest, options?: CallOptions) => Promise<ConnectSession>;
  /**
   * Checks `state` first, once and in constant time, on callbacks of failures too: `state_mismatch`. Rejects with `consent_denied` when
   * the customer left the page, `timeout` when it timed out, and `unavailable` when it failed. What the callback carries is hardly
   * documented, so one without a sign of failure is a success. It names no connections: ask `api.getCustomerAccounts`.
   */
  readonly complete: (callbackUrl: string, session: ConnectSession, options?: CallOptions) => Promise<Connected>;
}

/** What the capability works with. */
export interface ConnectOptions {
  readonly api: FinicityApi;
  /** The partner. */
  readonly as: Authority;
  readonly partnerId: string;
  readonly states: ConnectStates;
  readonly clock: ServerClock;
}

/** Milliseconds. The links of all published examples live that long; the documentation does not say. */
const LIFETIME = 2 * 60 * 60_000;

/** The capability, over the vendor's page. */
export const createConnect = ({ api, as, partnerId, states, clock }: ConnectOptions): FinicityConnect => ({
  start: async (request, { signal } = {}) => {
    const userId = oneCustomerId(request.userId, 'connect.start');
    const redirectUri = checkedRedirectUri(request.redirectUri, REDIRECT_RULES);
    const generate = linkTo(request, api);
    const state = states.create();
    const returnTo = `${redirectUri}?state=${state}`;
    const link = { ...request, partnerId, customerId: userId, redirectUri: returnTo };
    // Before the request: the link's life starts when the vendor makes it, not when the answer is here.
    const sentAt = clock.monotonic();
    const { link: url } = await asOperation('connect.start', () => generate(link, { as, signal })).catch(explained);
    return { url, state, userId, redirectUri, expiresAt: clock.at(sentAt) + lifetimeOf(url) };
  },
  complete: async (callbackUrl, { userId, ...session }) => {
    const callback = readCallback(withOneQuery(callbackUrl));
    await states.spend(callback, session, OPERATION);
    const failure = failureIn(callback);
    if (failure) throw failure;
    const customerId = oneCustomerId(userId, OPERATION);
    if (callback.values('customerId').some((named) => named !== customerId))
      throw fail('invalid_response', 'The callback names another customer than the session. Nothing was used of it. Start again.');
    return { userId: customerId, connectionIds: [] };
  },
});

const OPERATION = 'connect.complete';

/** For apps the vendor wants universal links and app links, which are https too. */
const REDIRECT_RULES = { provider: 'finicity', operation: 'connect.start', privateSchemes: false } as const;

type Generate = (
  link: ConnectLinkParameters,
  options: { readonly as: Authority; readonly signal: AbortSignal | undefined },
) => Promise<{ readonly link: string }>;

/** Which of the vendor's three links is meant. */
const linkTo = (request: FinicityConnectRequest, api: FinicityApi): Generate => {
  const { connectionId, institutionId } = request;
  if (connectionId === undefined && institutionId === undefined)
    return (link, options) => api.generateConnectUrl({ ...request, ...link }, options);
  if (connectionId !== undefined && institutionId !== undefined)
    throw refused('A page repairs connectionId or connects institutionId, not both. Leave one out.');
  const unused = REPORTS.filter((name) => request[name] !== undefined);
  if (unused.length > 0)
    throw refused(`A page for one bank takes no ${unused.join(', ')}. Leave it out, or institutionId and connectionId.`);
  if (connectionId !== undefined) {
    if (!isId(connectionId)) throw refused('A connection is named by the digits of an account’s institutionLoginId.');
    return (link, options) => api.generateFixConnectUrl({ ...link, institutionLoginId: connectionId }, options);
  }
  if (institutionId === undefined || !isId(institutionId)) throw refused('The id of an institution consists of digits.');
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

/** A link says when it was made and when it ends, by one clock, so that the difference holds for ours too. */
const lifetimeOf = (url: string): number => {
  const { searchParams } = new URL(url);
  const lifetime = Number(searchParams.get('ttl') ?? Number.NaN) - Number(searchParams.get('timestamp') ?? Number.NaN);
  return lifetime > 0 ? Math.min(lifetime, LIFETIME) : LIFETIME;
};

/** The vendor's examples add `/?` to the redirect URI. Where that has a query already, there would be two. */
const withOneQuery = (callbackUrl: string): string => {
  const start = callbackUrl.indexOf('?') + 1;
  return start === 0 ? callbackUrl : callbackUrl.slice(0, start) + callbackUrl.slice(start).replace(/\/?\?/g, '&');
};

type Failure = readonly [AuthErrorCode, string];

const LEFT: Failure = ['consent_denied', 'The customer left the page without connecting a bank. Offer to start again.'];
const TIMED_OUT: Failure = ['timeout', 'The customer took too long, and the page ended. Start again.'];
const FAILED: Failure = ['unavailable', 'Nothing was connected, as the page of Finicity failed. Try again later.'];

/** What the page says when nothing was connected, by number and in words. */
const FAILURES: ReadonlyMap<string, Failure> = new Map([
  ['100', LEFT],
  ['exit', LEFT],
  ['cancel', LEFT],
  ['cancelled', LEFT],
  ['access_denied', LEFT],
  ['1440', TIMED_OUT],
  ['timeout', TIMED_OUT],
  ['500', FAILED],
  ['error', FAILED],
]);

/** The oldest form of the callback says `success` and `reasonCode`, the vendor's SDKs say `code` and `reason`. */
const failureIn = (callback: CallbackParameters): AuthError | undefined => {
  const words = ['code', 'reason', 'reasonCode', 'error'].flatMap(callback.values).map((word) => word.toLowerCase());
  const known = words.map((word) => FAILURES.get(word)).find((failure) => failure !== undefined);
  const isFailure =
    known !== undefined ||
    callback.values('error').length > 0 ||
    callback.values('success').some((success) => success !== 'true') ||
    callback.values('code').some((code) => code !== '200');
  if (!isFailure) return undefined;
  const [code, message] = known ?? FAILED;
  // Whoever made the callback could write anything there.
  return fail(
    code,
    message,
    callback.values('code').find((word) => /^\d{1,10}$/.test(word)),
  );
};

/** One code stands for whatever is wrong with a field, an unknown customer too. */
const explained = (error: unknown): never => {
  throw AuthError.is(error, 'invalid_request') && error.vendorCode === '10010'
    ? new AuthError(
        'Finicity makes no such link. Check that this customer, and the connection or institution, exist at this partner, then the options.',
        error,
      )
    : error;
};

const refused = (message: string): AuthError =>
  new AuthError(`${message} Nothing was sent.`, { code: 'invalid_request', provider: 'finicity', operation: 'connect.start' });

const fail = (code: AuthErrorCode, message: string, vendorCode?: string): AuthError =>
  new AuthError(message, { code, provider: 'finicity', operation: OPERATION, vendorCode });
