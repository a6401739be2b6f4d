import type { Authority, CallOptions, Fetch, Token } from '../authority.ts';
import { authorizedFetch } from '../authorized-fetch.ts';
import { type Clock, systemClock } from '../clock.ts';
import { isControlFlow } from '../control-flow.ts';
import { isEcho, type SentRequest, valuesOf } from '../echo.ts';
import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';
import type { ApiPromise, ApiResponse } from '../provider.ts';
import { deadline } from '../wait.ts';
import { apiPromise } from './api-promise.ts';
import { originGuard } from './authority-checks.ts';
import { Mismatch } from './schema-parser.ts';
import type { ServerClock } from './server-clock.ts';
import { type TransportFailure, transportFailureOf } from './transport-failure.ts';

/** In bytes. No genuine answer about authentication is larger. */
const LARGEST_BODY = 1_048_576;
const TIMEOUT = 30_000;

/** How to talk to one vendor. */
export interface HttpOptions {
  readonly provider: string;
  /** Ends in a slash; paths are relative to it. */
  readonly baseUrl: string;
  /** Called as a plain function, with a URL and options, never with a `Request`: any other copy of `fetch` can take that. */
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
 * `fetch` is called with a URL and options, always with a signal and, where the runtime has caches, with `cache: 'no-store'`: frameworks that
 * patch `fetch` must neither share nor keep answers with codes and tokens.
 *
 * @example
 * ```ts
 * const http = createHttp({ provider: 'acme', baseUrl: 'https://api.acme.example/', fetch, headersOf, explain });
 * const { token } = await http.request({ operation: 'api.createToken', method: 'POST', path: 'token', json, parse: parseToken });
 * ```
 */
export const createHttp = ({ provider, baseUrl, fetch, headers = {}, headersOf, explain, clock, timeout = TIMEOUT }: HttpOptions): Http => {
  const time = clock ?? systemClock;
  const { host } = new URL(baseUrl);
  const checkOrigin = originGuard(provider, baseUrl);

  const send = async <T>(request: HttpRequest<T>): Promise<ApiResponse<T>> => {
    const { operation, method, path, query, json, form, as, idempotent = true, signal, parse } = request;
    const sent: SentRequest[] = [];
    const errors = requestErrors(provider, operation, idempotent, sent);
    const { fail, unclear } = errors;

    if (signal?.aborted) throw leftBeforeSent(errors);
    const address = typeof path === 'function' ? path() : path;
    const searchParams = query && definedOf(typeof query === 'function' ? query() : query);
    const content = json && definedOf(json());
    const fields = form && definedOf(form());
    let sentAt: number | undefined;
    let response: Response | undefined;
    let text: string;
    try {
      const carry: Fetch = (input, init) => {
        checkOrigin(String(input));
        sentAt = time.monotonic();
        sent.push({ url: String(input), init });
        return fetch(input, init);
      };
      const ask = (ended: AbortSignal): Promise<Response> =>
        answerTo({
          baseUrl,
          address,
          method,
          searchParams,
          headers: { ...headers, ...(as === undefined || isAuthority(as) ? {} : headersOf(as)), ...typeOf(content, fields) },
          body: content ? JSON.stringify(content) : fields && String(new URLSearchParams(fields)),
          transport: as !== undefined && isAuthority(as) ? authorizedFetch(as, { fetch: carry }) : carry,
          signal: ended,
        });
      response = await deadline(time, timeout, ask, { signal, ref: true, timeoutError });
      if (sentAt !== undefined) clock?.learn(response.headers, sentAt);
      text = await textOf(response, time, timeout, signal);
    } catch (error) {
      if (response) discard(response);
      if (AuthError.is(error) || isControlFlow(error)) throw error;
      const waited = { signal, timeout, host, isAnswered: response !== undefined };
      throw sentAt === undefined ? unsent(errors, error, waited) : broken(errors, error, waited);
    }

    const { status } = response;
    if (response.redirected)
      throw unclear(
        'misconfigured',
        "The fetch option followed a redirect, which can take secrets to another host. It has to heed redirect: 'manual'.",
      );
    // Only a proxy answers so, and the vendor has not seen the request.
    if (status === 407)
      throw fail(
        'unavailable',
        `The proxy in front of ${host} wants credentials. Nothing was sent. Put them into the address of the proxy.`,
        { status },
      );
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

type MakeRequestError = (
  code: AuthErrorCode,
  message: string,
  facts?: Partial<Explanation> & { readonly status?: number; readonly retryAfter?: number | undefined },
) => AuthError;

/** The errors of one request. */
interface RequestErrors {
  readonly provider: string;
  readonly isRepeatable: boolean;
  readonly fail: MakeRequestError;
  /** For what the vendor may have carried out: `outcome_unknown` if a second call would have a further effect. */
  readonly unclear: MakeRequestError;
  /** Why the transport rejected, without a code that repeats what was sent. */
  readonly failureOf: (error: unknown) => TransportFailure;
  /** Ends a message. */
  readonly later: string;
}

const requestErrors = (provider: string, operation: string, isRepeatable: boolean, sent: readonly SentRequest[]): RequestErrors => {
  /** What a vendor repeats of a request may be a secret, and errors are logged. */
  const unlessSent = (text: string | undefined): string | undefined =>
    text !== undefined && isEcho(text, sent.flatMap(valuesOf)) ? undefined : text;
  const fail: MakeRequestError = (code, message, { vendorCode, requestId, ...facts } = {}) =>
    new AuthError(message, { ...facts, vendorCode: unlessSent(vendorCode), requestId: unlessSent(requestId), code, provider, operation });
  const unclear: MakeRequestError = (_, message, facts) =>
    fail('outcome_unknown', `${message} The request may have taken effect, so it is not repeated. Find out before you try again.`, facts);
  const failureOf = (error: unknown): TransportFailure => {
    const failure = transportFailureOf(error);
    return { ...failure, code: unlessSent(failure.code) };
  };
  return {
    provider,
    isRepeatable,
    fail,
    unclear: isRepeatable ? fail : unclear,
    failureOf,
    later: isRepeatable ? ' Try again later.' : '',
  };
};

/** What a failure is judged by, beside itself. */
interface Waited {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly host: string;
  /** Whether an answer had begun: whatever fails after that, the request had left. */
  readonly isAnswered: boolean;
}

const leftBeforeSent = ({ fail }: RequestErrors): AuthError => fail('aborted', 'The caller aborted the request before it was sent.');

/** The error of a request that the transport was never called with. */
const unsent = (errors: RequestErrors, error: unknown, { signal, timeout, host }: Waited): AuthError => {
  const { fail, failureOf } = errors;
  if (signal?.aborted) return leftBeforeSent(errors);
  if (error instanceof TooSlow)
    return fail('timeout', `The request could not be sent within ${timeout / 1000} s. Nothing was sent. Try again later.`);
  const { code: vendorCode } = failureOf(error);
  return fail('unavailable', `The request to ${host} could not be made${quoted(vendorCode)}. Nothing was sent. Try again later.`, {
    vendorCode,
  });
};

/** The error of a request that the transport was called with, and that got no whole answer. */
const broken = (
  { provider, isRepeatable, fail, unclear, failureOf, later }: RequestErrors,
  error: unknown,
  { signal, timeout, host, isAnswered }: Waited,
): AuthError => {
  if (signal?.aborted)
    return unclear('aborted', isRepeatable ? 'The caller aborted the request.' : 'The caller aborted the request after it was sent.');
  if (error instanceof TooSlow) return unclear('timeout', `${provider} did not answer within ${timeout / 1000} s.${later}`);
  if (error instanceof NoResponse)
    return unclear('misconfigured', 'The fetch option answered with something else than a Response. Let it answer as fetch does.');
  if (error instanceof TooLarge)
    return unclear('invalid_response', `${provider} answered with more than ${LARGEST_BODY} bytes. Check the base URL.`);
  const { code: vendorCode, unsent: phase } = failureOf(error);
  if (!phase || isAnswered) return unclear('unavailable', `The connection to ${host} broke${quoted(vendorCode)}.${later}`, { vendorCode });
  const what = `${host} cannot be reached: ${phase.problem}${quoted(vendorCode)}`;
  return fail('unavailable', `${what}. Nothing was sent. ${phase.advice}`, { vendorCode });
};

const quoted = (code: string | undefined): string => (code === undefined ? '' : ` (${code})`);

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
class NoResponse extends Error {}
const timeoutError = (): Error => new TooSlow();

const isAuthority = (as: Authority | Token): as is Authority => 'authorize' in as;

const definedOf = <V>(values: Readonly<Record<string, V | undefined>>): Record<string, V> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined));

/** One request as ky makes it, and the transport carries it. */
interface Call {
  readonly baseUrl: string;
  readonly address: string;
  readonly method: string;
  readonly searchParams: Record<string, string | number | boolean> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly transport: Fetch;
  readonly signal: AbortSignal;
}

const answerTo = async ({ baseUrl, address, method, searchParams, headers, body, transport, signal }: Call): Promise<Response> => {
  // Loaded with the first request: ky makes a `Request` when it is loaded, and that starts the runtime's whole HTTP client. Each call asks for
  // itself, because a promise of another request may never settle in a worker.
  const { default: ky } = await import('ky');
  signal.throwIfAborted();
  const response = await ky(address, {
    baseUrl,
    method,
    headers,
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    ...(searchParams ? { searchParams } : {}),
    ...(body === undefined ? {} : { body }),
    fetch: (made) => {
      // ky passes the `Request` that it has made of all this, never one of the other inputs of `fetch`.
      const request = made as Request;
      const answered = transport(request.url, {
        method,
        headers: Object.fromEntries(request.headers),
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        signal,
        // workerd throws on it where it has no such option.
        ...('cache' in Request.prototype ? { cache: 'no-store' } : {}),
      });
      return checked(answered);
    },
  });
  // A transport that does not know signals may answer when nobody waits any more.
  if (signal.aborted) discard(response);
  return response;
};

/** From JavaScript, and in tests, a `fetch` may answer anything. */
const checked = async (answered: Promise<Response>): Promise<Response> => {
  const response = await answered;
  if (typeof response?.status !== 'number' || !('body' in response) || !('headers' in response)) throw new NoResponse();
  return response;
};

const typeOf = (content: unknown, fields: unknown): { readonly 'content-type'?: string } =>
  content ? { 'content-type': 'application/json' } : fields ? { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' } : {};

/** Releases the connection. Rejects while a reader is at work, which releases it by itself. */
const discard = ({ body }: Response): void => {
  body?.cancel().catch(() => {});
};

/** Bounded in size and in time. */
const textOf = async ({ body }: Response, clock: Clock, timeout = TIMEOUT, signal?: AbortSignal): Promise<string> =>
  body === null ? '' : deadline(clock, timeout, (ended) => read(body, ended), { signal, ref: true, timeoutError });

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
export const retryAfterOf = (headers: Headers, clock: Clock): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  // By the vendor's own clock, if the answer has a date: ours may differ.
  const sentAt = Date.parse(headers.get('date') ?? '') || clock.now();
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - sentAt;
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? milliseconds : undefined;
};
