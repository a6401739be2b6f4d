import type { Authority, Authorization, Fetch } from './authority.ts';
import { AuthorizedCall, type CallPlan, isOneShot, isRequest } from './authorized-call.ts';
import { checkAuthority, checkedFetchOptions } from './authorized-fetch-arguments.ts';
import { AuthError } from './errors.ts';

/** Options that are left out come from the authority. */
export interface AuthorizedFetchOptions {
  /** Carries the requests instead of the authority's transport. */
  readonly fetch?: Fetch | undefined;
  /** Relative inputs go below this URL. An origin other than the authority's is `misconfigured`. */
  readonly baseUrl?: string | undefined;
  /** Rejects with `authority.errorOf(response)` for an answer that is not a success. Default `false`, as `fetch` does. */
  readonly throwHttpErrors?: boolean | undefined;
}

/**
 * A `fetch` that sends credentials: it adds the authority's headers, renews a refused token and repeats the request, once for each reason.
 * It sends to the authority's origin only, and follows redirects only within that origin, so that none of your headers reaches another
 * host; anything else rejects with `foreign_origin`. Your own `accept` header is kept.
 *
 * Relative inputs go below the authority's `baseUrl`, with or without a leading slash: `users/me` and `/users/me` are the same request. A path
 * that begins with the whole path of the base URL (`/2.0/users/me`) stays as it is.
 *
 * Rejects with an `AuthError`, with the signal's reason, or with what the transport rejects with. An error of the transport may carry more
 * than its message: for an answer that is not HTTP, Node's has the raw answer in `cause.data`. Log `error.message`, not the object.
 *
 * The transport gets a URL and an `init`, never a `Request`. What a `Request` hides (the dispatcher of undici) has to be in `init`.
 *
 * In a browser no redirect is followed, because browsers do not reveal where a redirect leads: the response then has the type
 * `opaqueredirect`.
 *
 * A body that can be read only once (a stream) is not sent again: the refusal is returned, and the next call has a new token. A form is
 * read into memory, so that it is the same bytes each time.
 *
 * @example
 * ```ts
 * const fetch = authorizedFetch(provider.asUser(userId));
 * const response = await fetch('users/me/connections');
 * ```
 * @example
 * ```ts
 * const client = ky.create({ fetch: authorizedFetch(provider.asUser(userId)) });
 * ```
 * @example
 * ```ts
 * const fetch = authorizedFetch(provider.asUser(userId), { throwHttpErrors: true });
 * try {
 *   console.log(await (await fetch('users/me/connections')).json());
 * } catch (error) {
 *   if (!AuthError.is(error, 'rate_limited')) throw error;
 *   await retryLater(error.retryAfter);
 * }
 * ```
 */
export const authorizedFetch = (authority: Authority, options: AuthorizedFetchOptions = {}): Fetch => {
  checkAuthority(authority);
  const { fetch = authority.transport, baseUrl = authority.baseUrl, throwHttpErrors = false } = checkedFetchOptions(options);
  const { origin } = new URL(authority.baseUrl);
  const base = new URL(baseUrl);
  if (base.origin !== origin)
    throw new AuthError(`baseUrl is not on the authority's origin, ${origin}. Leave it out.`, {
      code: 'misconfigured',
      provider: 'core',
      operation: 'authorizedFetch',
    });
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const { href, pathname } = base;
  const within = `${origin}/`;
  const basePath = pathname.slice(0, -1);

  const checked: CallPlan['checked'] = (text, from) => {
    // After this prefix everything is path, so there is nothing to parse.
    if (text.startsWith(within)) return text;
    // By `href`, not `origin`: a blob's origin is that of another URL, and the runtime's errors would quote credentials in a URL.
    const url = URL.canParse(text, from) ? new URL(text, from).href : '';
    return url.startsWith(within) ? url : undefined;
  };

  /** A leading slash means "below the base URL", unless the base's own path, in whole segments, is there already. */
  const belowBase = (input: string): string => {
    const text = input.trim();
    const isPath = text.startsWith('/') && !/^[/\\]/.test(text.slice(1));
    const isWhole = text.startsWith(basePath) && /^(?:[/?#]|$)/.test(text.slice(basePath.length));
    return isPath && !isWhole ? `.${text}` : text;
  };

  const plan = { authority, transport: fetch, throwHttpErrors, origin, checked };
  return async (input, init) => {
    const request = isRequest(input) ? input : undefined;
    // Read once. This text is checked and sent, whatever else the object says.
    const text = belowBase(request ? request.url : String(input));
    const url = checked(text, href);
    if (url === undefined) throw (await import('./foreign-origin.ts')).foreignOrigin(text, href, origin);
    return answerTo(new AuthorizedCall(plan, url, request, init));
  };
};

const answerTo = async (call: AuthorizedCall): Promise<Response> => {
  const reading = call.readBody();
  if (reading) await reading;
  for (;;) {
    const { response, sent } = await exchange(call);
    const isFirst = call.hops === 0 && call.repeatedFor.size === 0;
    if (isFirst && response.ok && !response.redirected && !call.integrity) return response;
    const { outcomeOf } = await import('./call-answer.ts');
    const outcome = await outcomeOf(call, response, sent);
    if (outcome) return outcome;
  }
};

const exchange = async (call: AuthorizedCall): Promise<{ readonly response: Response; readonly sent: Authorization }> => {
  const { authority, transport } = call.plan;
  const { signal } = call;
  if (signal?.aborted) throw signal.reason;
  let sent: Authorization;
  try {
    sent = await authority.authorize(call.outgoing(), signal ? { signal } : undefined);
  } catch (error) {
    // A fetch rejects with the signal's own reason.
    throw AuthError.is(error, 'aborted') && signal?.aborted ? signal.reason : error;
  }
  const init = call.initWith(sent);
  if (sent.bodyFields) Object.assign(init, await (await import('./body-fields.ts')).withFields(init, sent.bodyFields));
  try {
    const answer = transport(call.url, init);
    // A transport may be deaf to signals.
    const response = await (signal ? call.wait(answer) : answer);
    // From JavaScript, and in tests, a `fetch` may answer anything.
    if (typeof response?.status !== 'number') throw (await import('./call-answer.ts')).noResponse();
    return { response, sent };
  } catch (error) {
    throw isOneShot(call.body) ? await (await import('./call-answer.ts')).failureOf(call, error, sent) : error;
  }
};
