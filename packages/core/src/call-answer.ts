import type { Authorization } from './authority.ts';
import { type AuthorizedCall, isOneShot } from './authorized-call.ts';
import { isEcho, valuesOf } from './echo.ts';
import { AuthError, type AuthErrorFacts, copyOf } from './errors.ts';
import { foreignOrigin } from './foreign-origin.ts';
import { checkIntegrity } from './integrity.ts';

// Loaded when an answer is not a plain success. Most are.

/** The fetch standard's limit. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What the caller gets for this answer. `undefined` if the call goes on: it has become the next request. */
export const outcomeOf = async (call: AuthorizedCall, response: Response, sent: Authorization): Promise<Response | undefined> => {
  if (response.redirected) {
    discard(response);
    throw refusal('misconfigured', FOLLOWED);
  }
  const location = REDIRECTS.has(response.status) && call.redirect === 'follow' ? response.headers.get('location') : null;
  if (location !== null) return follow(call, response, location);
  const isFirstSuccess = response.ok && call.repeatedFor.size === 0;
  // The answer to a repeated request tells whether what was renewed helps.
  if (isFirstSuccess || isRedirect(response) || !(await mayRepeat(call, response, sent))) return ended(call, response);
  return discard(response);
};

/** Node up to 24.14 rejects when a streamed body is answered with 401, so nobody else learns that the token was refused. */
export const failureOf = async (call: AuthorizedCall, error: unknown, sent: Authorization): Promise<unknown> => {
  // Not by `instanceof`: a test runner has errors of its own.
  if (Object(Object(error).cause).message !== 'expected non-null body source') return error;
  await call.wait(call.plan.authority.shouldRetry(Response.error(), sent));
  return refusal('invalid_token', HIDDEN);
};

const mayRepeat = async (call: AuthorizedCall, response: Response, sent: Authorization): Promise<boolean> => {
  const reason = await call.wait(call.plan.authority.shouldRetry(response, sent));
  if (!reason || response.ok || call.repeatedFor.has(reason) || isOneShot(call.body)) return false;
  call.repeatedFor.add(reason);
  return true;
};

const follow = (call: AuthorizedCall, response: Response, location: string): undefined => {
  discard(response);
  call.hops += 1;
  if (call.hops > MOST_REDIRECTS) throw new TypeError(`More than ${MOST_REDIRECTS} redirects.`);
  const { checked, origin } = call.plan;
  const [text, from] = [utf8Of(location), call.url];
  const url = checked(text, from);
  if (url === undefined) throw foreignOrigin(text, from, origin);
  call.url = url;
  const { status } = response;
  const { method, body, headers } = call;
  if (status === 303 ? method !== 'GET' && method !== 'HEAD' : status <= 302 && method === 'POST') {
    call.method = 'GET';
    call.body = body === undefined ? undefined : null;
    call.headers = headers && [...new Headers(headers)].filter(([name]) => !name.startsWith('content-'));
  } else if (isOneShot(body)) throw new TypeError('A redirect cannot resend a stream. Buffer the body.');
};

/** The error for a transport that answered with something else than a response. */
export const noResponse = (): AuthError =>
  new AuthError('The fetch that carries the requests answered with something else than a Response. Let it answer as fetch does.', {
    code: 'misconfigured',
    provider: 'core',
    operation: 'authorizedFetch',
  });

const ended = async (call: AuthorizedCall, response: Response): Promise<Response> => {
  const { authority, throwHttpErrors } = call.plan;
  // Each hop was a request of its own, so the runtime does not know.
  if (call.hops > 0) Object.defineProperty(response, 'redirected', { value: true });
  if (call.integrity) await call.wait(checkIntegrity(response, call.integrity));
  // A redirect that the caller asked to see, or that a browser does not let us follow.
  const isWanted = isRedirect(response) && (call.redirect === 'manual' || response.status === 0);
  if (response.ok || !throwHttpErrors || isWanted) return response;
  try {
    const error = await call.wait(authority.errorOf(response));
    // A copy, whose stack leads to the caller.
    throw copyOf(error, unlessSent(error, call));
  } finally {
    discard(response);
  }
};

/** What a vendor repeats of the caller's own request may be a secret too, such as a bank's password. */
const unlessSent = ({ vendorCode, requestId }: AuthError, { url, body }: AuthorizedCall): Partial<AuthErrorFacts> => {
  const text = body instanceof ArrayBuffer ? new TextDecoder().decode(body) : body;
  const sent = valuesOf({ url, init: typeof text === 'string' ? { body: text } : undefined });
  const own = (fact: string | undefined): string | undefined => (fact !== undefined && isEcho(fact, sent) ? undefined : fact);
  return { vendorCode: own(vendorCode), requestId: own(requestId) };
};

/** Browsers show that there was one, and nothing of it. */
const isRedirect = ({ status, type }: Response): boolean => REDIRECTS.has(status) || (status === 0 && type === 'opaqueredirect');

/** Headers are read as Latin-1, where servers write addresses in UTF-8. */
const utf8Of = (location: string): string => {
  if (!/[\x80-\xff]/.test(location) || /[\u0100-\uffff]/.test(location)) return location;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(location, (one) => one.charCodeAt(0)));
  } catch {
    return location;
  }
};

/** Releases the connection. Not awaited, because that would never settle while a clone is unread. */
const discard = (response: Response): undefined => {
  response.body?.cancel().catch(() => {});
};

const FOLLOWED =
  'The fetch of the options followed a redirect by itself, so your credentials may have reached another host. ' +
  "Pass a fetch that honours redirect: 'manual', and consider the token leaked.";

const HIDDEN =
  'The vendor answered 401 to a streamed body, and this version of Node hides the answer. The token was given up if that can help: ' +
  'send the request again with a new stream. Buffer the body, or use Node 24.21 or later, to see the answer.';

const refusal = (code: 'misconfigured' | 'invalid_token', message: string): AuthError =>
  new AuthError(message, { code, provider: 'core', operation: 'authorizedFetch' });
