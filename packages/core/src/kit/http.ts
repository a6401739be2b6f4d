import ky from 'ky';
import type { Authority, CallOptions, Fetch, Token } from '../authority.ts';
import { authorizedFetch } from '../authorized-fetch.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';
import type { ApiPromise, ApiResponse } from '../provider.ts';
import { deadline } from '../wait.ts';
import { apiPromise } from './api-promise.ts';
import { isEcho, type SentRequest } from './echo.ts';
import { Mismatch } from './schema-parser.ts';
import type { ServerClock } from './server-clock.ts';

/** In bytes. No genuine answer about authentication is larger. */
const LARGEST_BODY = 1_048_576;
const TIMEOUT = 30_000;

/** How to talk to one vendor. */
export interface HttpOptions {
  readonly provider: string;
  /** Ends in a slash; paths are relative to it. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The credential headers of a token. */
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
  /** What the vendor means by an answer that is not a success. */
  readonly explain: (answer: ErrorAnswer) => Explanation;
  /** Learns the vendor's time from the answers. */
  readonly clock?: ServerClock | undefined;
  /** How long the headers of an answer may take, and then its body, in milliseconds. Default 30 000. */
  readonly timeout?: number | undefined;
}

/** An answer that is not a success, as far as it could be read. */
export interface ErrorAnswer {
  /** What was asked: `api.createToken`. */
  readonly operation: string;
  /** Whether the request carried a token: then a 401 is about the token, otherwise about the credentials in the request. */
  readonly hasToken: boolean;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it was JSON, else the text. */
  readonly body: unknown;
}

/** What an `AuthError` is made of. The message ends with what to do next, and quotes nothing of the answer but codes. */
export interface Explanation {
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly vendorCode?: string | undefined;
  readonly requestId?: string | undefined;
}

/** The parameters in an address. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One operation of the vendor. */
export interface HttpRequest<T> extends CallOptions {
  /** Named in errors: `api.createToken`. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL. What a function throws becomes the rejection. */
  readonly path: string | (() => string);
  /** Members that are `undefined` are left out, here and below. */
  readonly query?: Query | (() => Query) | undefined;
  /** Sent as JSON. */
  readonly json?: (() => Readonly<Record<string, unknown>>) | undefined;
  /** Sent instead of `json`, as the form that OAuth token endpoints expect. */
  readonly form?: (() => Readonly<Record<string, string | undefined>>) | undefined;
  /** On whose behalf: an authority renews a refused token once, a token is sent as it is. */
  readonly as?: Authority | Token | undefined;
  /**
   * `false` if a second identical call would have a further effect: an unclear outcome is then `outcome_unknown`. Default `true`.
   * @see RFC 9110, section 9.2.2
   */
  readonly idempotent?: boolean | undefined;
  /** Gets the parsed JSON, `null` for an empty body. */
  readonly parse: (body: unknown) => T;
}

/** A vendor's HTTP interface. */
export interface Http {
  /** Sends the request and parses the answer. Rejects with `AuthError` only, except for what a function of the request throws. */
  readonly request: <T>(request: HttpRequest<T>) => ApiPromise<T>;
}

/**
 * A client for one vendor. It is the only place that sees errors of ky, which carry the request with its secrets, and lets none of them
 * out. Nothing is retried and no redirect is followed; what may be repeated is the engine's decision.
 *
 * @example
 * ```ts
 * const http = createHttp({ provider: 'acme', baseUrl: 'https://api.acme.example/', fetch, headersOf, explain });
 * const { token } = await http.request({ operation: 'api.createToken', method: 'POST', path: 'token', json, parse: parseToken });
 * ```
 */
export const createHttp = ({ provider, baseUrl, fetch, headers = {}, headersOf, explain, clock, timeout = TIMEOUT }: HttpOptions): Http => {
  const time = clock ?? systemClock;
  const client = ky.create({ baseUrl, headers, retry: 0, timeout: false, throwHttpErrors: false, redirect: 'manual' });

  const send = async <T>(request: HttpRequest<T>): Promise<ApiResponse<T>> => {
    const { operation, method, path, query, json, form, as, idempotent = true, signal, parse } = request;
    const sent: SentRequest[] = [];
    let content: Record<string, unknown> | undefined;
    let fields: Record<string, string> | undefined;
    /** What a vendor repeats of a request may be a secret, and errors are logged. */
    const unlessSent = (text: string | undefined): string | undefined =>
      text !== undefined && isEcho(text, sent, [content, fields]) ? undefined : text;
    const carry: Fetch = (input, init) => {
      sent.push({ input, init });
      return fetch(input, init);
    };
    const fail = (
      code: AuthErrorCode,
      message: string,
      { vendorCode, requestId, ...facts }: Partial<Explanation> & { status?: number; retryAfter?: number | undefined } = {},
    ): AuthError =>
      new AuthError(message, { ...facts, vendorCode: unlessSent(vendorCode), requestId: unlessSent(requestId), code, provider, operation });
    const unclear: typeof fail = (code, message, facts) =>
      idempotent
        ? fail(code, message, facts)
        : fail(
            'outcome_unknown',
            `${message} The request may have taken effect, so it is not repeated. Find out before you try again.`,
            facts,
          );

    const later = idempotent ? ' Try again later.' : '';

    if (signal?.aborted) throw fail('aborted', 'The caller aborted the request before it was sent.');
    const address = typeof path === 'function' ? path() : path;
    const searchParams = query && definedOf(typeof query === 'function' ? query() : query);
    content = json && definedOf(json());
    fields = form && definedOf(form());
    const sentAt = clock?.monotonic() ?? 0;
    let response: Response;
    let text: string;
    try {
      const ask = (ended: AbortSignal): Promise<Response> =>
        client(address, {
          method,
          ...(searchParams ? { searchParams } : {}),
          ...(content ? { json: content } : {}),
          ...(fields ? { body: new URLSearchParams(fields) } : {}),
          fetch: as !== undefined && isAuthority(as) ? authorizedFetch(as, { fetch: carry }) : carry,
          ...(as === undefined || isAuthority(as) ? {} : { headers: { ...headers, ...headersOf(as) } }),
          signal: ended,
        });
      response = await deadline(time, timeout, ask, { signal, ref: true, timeoutError });
      clock?.learn(response.headers, sentAt);
      text = await textOf(response, time, timeout);
    } catch (error) {
      if (AuthError.is(error)) throw error;
      if (signal?.aborted)
        throw idempotent
          ? fail('aborted', 'The caller aborted the request.')
          : unclear('aborted', 'The caller aborted the request after it was sent.');
      if (error instanceof TooSlow) throw unclear('timeout', `${provider} did not answer within ${timeout / 1000} s.${later}`);
      if (error instanceof TooLarge)
        throw unclear('invalid_response', `${provider} answered with more than ${LARGEST_BODY} bytes. Check the base URL.`);
      if (wasNotSent(error))
        throw fail('unavailable', `${new URL(baseUrl).host} cannot be reached. Nothing was sent. Check the base URL and the network.`);
      throw unclear('unavailable', `The connection to ${new URL(baseUrl).host} broke.${later}`);
    }

    const { status } = response;
    const retryAfter = retryAfterOf(response.headers, time);
    const body = parsed(text);
    if (!response.ok) {
      const { code, message, ...facts } = explain({ operation, hasToken: as !== undefined, status, headers: response.headers, body });
      // A failure, or a gateway's answer, does not say what the service did before. A vendor's own refusal does, and so does 503.
      if (status !== 503 && (code === 'unavailable' || code === 'timeout')) throw unclear(code, message, { ...facts, status, retryAfter });
      throw fail(code, message, { ...facts, status, retryAfter });
    }
    try {
      return { data: parse(body), status, headers: response.headers };
    } catch (error) {
      const what = error instanceof Mismatch ? error.message : 'it could not be read';
      throw unclear('invalid_response', `The answer of ${provider} does not have the documented shape: ${what}. Check the base URL.`, {
        status,
      });
    }
  };

  return { request: (request) => apiPromise(send(request)) };
};

/** Reads the answer to an authorised request as `explain` gets it. Consumes the body: pass a clone. */
export const readErrorAnswer = async (response: Response): Promise<ErrorAnswer> => ({
  operation: 'authorizedFetch',
  hasToken: true,
  status: response.status,
  headers: response.headers,
  // A body that is too large, too slow or broken says nothing; the caller still has the response.
  body: await textOf(response, systemClock).then(parsed, () => null),
});

/** The runtime's own `fetch`, looked up at each call, so that instrumentation that replaces it later takes effect. */
export const runtimeFetch: Fetch = (input, init) => globalThis.fetch(input, init);

class TooLarge extends Error {}
class TooSlow extends Error {}
const timeoutError = (): Error => new TooSlow();

const isAuthority = (as: Authority | Token): as is Authority => 'authorize' in as;

const definedOf = <V>(values: Readonly<Record<string, V | undefined>>): Record<string, V> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined));

/** Bounded in size and in time. */
const textOf = async ({ body }: Response, clock: Clock, timeout = TIMEOUT): Promise<string> =>
  body === null ? '' : deadline(clock, timeout, (signal) => read(body, signal), { ref: true, timeoutError });

const read = async (body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> => {
  const reader = body.getReader();
  // Not awaited: on a clone it would wait for the other copy.
  const stop = (): void => {
    reader.cancel().catch(() => {});
  };
  signal.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > LARGEST_BODY) {
      stop();
      throw new TooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
};

const parsed = (text: string): unknown => {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** The header holds seconds or a date; the result is in milliseconds from now. */
const retryAfterOf = (headers: Headers, clock: Clock): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  // By the vendor's own clock, if the answer has a date: ours may differ.
  const sentAt = Date.parse(headers.get('date') ?? '') || clock.now();
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - sentAt;
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? milliseconds : undefined;
};

/** Error codes of Node, Bun and Deno for failures before a connection was made. */
const NOT_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
]);

const wasNotSent = (error: unknown, depth = 0): boolean => {
  if (typeof error !== 'object' || error === null || depth > 4) return false;
  if ('code' in error && NOT_SENT.has(error.code)) return true;
  return 'cause' in error && wasNotSent(error.cause, depth + 1);
};
