import type { Authority, Authorization, Fetch, Outgoing } from './authority.ts';
import { checkAuthority, checkedFetchOptions } from './authorized-fetch-arguments.ts';
import { AuthError } from './errors.ts';

/** The fetch standard's limit. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Options that are left out come from the authority. */
export interface AuthorizedFetchOptions {
  /** Carries the requests instead of the authority's transport. */
  readonly fetch?: Fetch | undefined;
  /** Relative inputs are resolved against this URL. An origin other than the authority's is `misconfigured`. */
  readonly baseUrl?: string | undefined;
}

/**
 * A `fetch` that sends credentials: it adds the authority's headers, renews a refused token and repeats the request once. It
 * sends to the authority's origin only, and follows redirects only within that origin, so that none of your headers reaches another
 * host; anything else rejects with `foreign_origin`. Relative inputs are resolved against the authority's `baseUrl`. Your own `accept`
 * header is kept.
 *
 * In a browser no redirect is followed, because browsers do not reveal where a redirect leads: the response then has the type
 * `opaqueredirect`.
 *
 * A body that can be read only once (a stream) is not sent again: the refusal is returned, and the next call has a new token.
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
 */
export const authorizedFetch = (authority: Authority, options: AuthorizedFetchOptions = {}): Fetch => {
  checkAuthority(authority);
  const { fetch = authority.transport, baseUrl = authority.baseUrl } = checkedFetchOptions(options);
  const { origin } = new URL(authority.baseUrl);
  if (new URL(baseUrl).origin !== origin)
    throw refusal('misconfigured', `baseUrl is not on the authority's origin, ${origin}. Leave it out.`);
  const within = `${origin}/`;

  /** Returns the absolute URL. Throws unless it is on the authority's origin. */
  const resolve = (input: string | URL, base = baseUrl): string => {
    const text = String(input);
    // After this prefix everything is path, so there is nothing to parse.
    if (text.startsWith(within)) return text;
    let url: URL;
    try {
      url = new URL(text, base);
    } catch {
      throw new TypeError('The input or redirect is not a URL.');
    }
    // By `href`, not `origin`: a blob's origin is that of another URL, and the runtime's errors would quote credentials in a URL.
    if (url.href.startsWith(within)) return url.href;
    throw refusal(
      'foreign_origin',
      `Refused to send credentials to ${url.origin}: they are for ${origin} only. Use a plain fetch for other hosts.`,
    );
  };

  const authorize = async (request: Outgoing, signal: AbortSignal | null | undefined): Promise<Authorization> => {
    try {
      return await authority.authorize(request, signal ? { signal } : undefined);
    } catch (error) {
      // A fetch rejects with the signal's own reason.
      throw AuthError.is(error, 'aborted') && signal?.aborted ? signal.reason : error;
    }
  };

  return async (input, init) => {
    // Not by `instanceof`: polyfills and other realms have their own copy of the class.
    const request = typeof input === 'object' && 'clone' in input ? input : undefined;
    const signal = init?.signal ?? request?.signal;
    let url = resolve(request?.url ?? String(input));
    // This runtime's fetch does not know another copy's object.
    let target = input instanceof Request ? input : url;
    let method = normalized(init?.method ?? request?.method ?? 'GET');
    let body: BodyInit | null | undefined = init?.body;
    // Read once and sent from memory, so that it can be sent again.
    if (body === undefined && request?.body) body = await request.arrayBuffer();
    const redirect = init?.redirect ?? request?.redirect ?? 'follow';
    const own = init?.headers ?? request?.headers;
    let dropContentHeaders = false;

    const send = async (): Promise<{ readonly response: Response; readonly sent: Authorization }> => {
      const sent = await authorize(outgoing(method, url, init, own, body), signal);
      const response = await fetch(target, {
        ...init,
        method,
        ...(body === undefined ? {} : { body }),
        headers: own === undefined ? sent.headers : merged(own, sent.headers, dropContentHeaders),
        redirect: redirect === 'follow' ? 'manual' : redirect,
        ...(target === request || !signal ? {} : { signal }),
      });
      return { response, sent };
    };

    let repeated = false;
    for (let hops = 0; ; ) {
      const { response, sent } = await send();
      // The answer to the repeated request tells whether what was renewed helps.
      if ((repeated || !response.ok) && !REDIRECTS.has(response.status)) {
        const reason = await authority.shouldRetry(response, sent);
        if (reason !== null && !repeated) {
          repeated = true;
          if (isOneShot(body)) return response;
          discard(response);
          continue;
        }
      }
      const location = response.headers.get('location');
      if (redirect !== 'follow' || location === null || !REDIRECTS.has(response.status)) return response;
      hops += 1;
      if (hops > MOST_REDIRECTS) throw new TypeError(`More than ${MOST_REDIRECTS} redirects.`);
      discard(response);
      url = resolve(location, url);
      target = url;
      if (response.status === 303 ? method !== 'GET' && method !== 'HEAD' : response.status <= 302 && method === 'POST') {
        method = 'GET';
        body = init?.body === undefined && request?.body === undefined ? undefined : null;
        dropContentHeaders = true;
      } else if (isOneShot(body)) throw new TypeError('A redirect cannot resend a stream. Buffer the body.');
    }
  };
};

/** What an authority may read. A `Request` is made only if it asks for one. */
const outgoing = (
  method: string,
  url: string,
  init: RequestInit | undefined,
  headers: HeadersInit = [],
  body?: BodyInit | null,
): Outgoing => ({
  method,
  url,
  // Without a body that can be read only once: the transport has to read that.
  clone: () => new Request(url, { ...init, method, headers, body: isOneShot(body) ? null : (body ?? null) }),
});

/** Normalises as the fetch standard does, so that what is signed is what is sent. */
const normalized = (method: string): string => (/^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method);

/** Releases the connection. Not awaited, because that would never settle while a clone is unread. */
const discard = (response: Response): void => {
  response.body?.cancel().catch(() => {});
};

const isOneShot = (body: BodyInit | null | undefined): boolean =>
  typeof body === 'object' && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);

const merged = (own: HeadersInit, credentials: Readonly<Record<string, string>>, dropContentHeaders: boolean): Headers => {
  const headers = new Headers(own);
  if (dropContentHeaders) for (const name of [...headers.keys()]) if (name.startsWith('content-')) headers.delete(name);
  for (const [name, value] of Object.entries(credentials)) {
    // What the caller accepts (a PDF) has nothing to do with credentials.
    if (name !== 'accept' || !headers.has(name)) headers.set(name, value);
  }
  return headers;
};

const refusal = (code: 'misconfigured' | 'foreign_origin', message: string): AuthError =>
  new AuthError(message, { code, provider: 'core', operation: 'authorizedFetch' });
