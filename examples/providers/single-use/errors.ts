import { type ErrorAnswer, type Explanation, errorsOf, type MakeError, type Meaning } from '@auth/core/kit';

/** Every error that this provider makes. */
export const fail: MakeError = errorsOf('single-use');

/** The codes of RFC 6749, section 5.2, as this vendor uses them. */
export const CODES: Readonly<Record<string, Meaning>> = {
  invalid_request: ['invalid_request', 'The vendor could not accept the request. Check its parameters.'],
  invalid_client: ['invalid_credentials', 'The vendor refused the client. Check clientId and clientSecret (SINGLE_USE_CLIENT_SECRET).'],
  // A code or a refresh token that was used, by whomever: nothing but the user can mend that.
  invalid_grant: [
    'reconnect_required',
    'The vendor no longer accepts the refresh token of this connection. The user has to connect again.',
  ],
  invalid_token: ['invalid_token', 'The vendor no longer accepts this token. Use asUser, which gets another one.'],
};

const STATUSES: Readonly<Record<number, Meaning>> = {
  401: ['forbidden', 'The vendor refused it without blaming the token. Ask it to enable the product.'],
  403: ['forbidden', 'The vendor does not let this client do it. Ask it to enable the product.'],
  404: ['not_found', 'The vendor does not know it. Check the path.'],
  429: ['rate_limited', 'The vendor limits the calls. Wait before the next.'],
};

const codeOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string' && Object.hasOwn(CODES, body.error)
    ? body.error
    : undefined;

/** Turns an answer that is no success into what an `AuthError` says. */
export const explain = ({ status, body }: ErrorAnswer): Explanation => {
  const vendorCode = codeOf(body);
  if (vendorCode === undefined && status >= 500)
    return { code: 'unavailable', message: `The vendor failed with status ${status}. Try again later.` };
  const [code, message] = (vendorCode && CODES[vendorCode]) ||
    STATUSES[status] || ['invalid_response', `The vendor answered with status ${status}, which is not documented. Is the base URL right?`];
  return { code, message, vendorCode };
};

/** Whether the vendor refused this very token. */
export const isTokenRefusal = ({ status, body }: ErrorAnswer): boolean => status === 401 && codeOf(body) === 'invalid_token';
