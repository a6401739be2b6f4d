import { type ErrorAnswer, type Explanation, errorsOf, type MakeError, type Meaning } from '@auth/core/kit';
import { vendorCodeOf } from './api/error-body.ts';

/** Every error that this package makes. */
export const fail: MakeError = errorsOf('acme');

// TODO: one line for each code in the vendor's documentation. `invalid_credentials` and `locked` stop all further attempts, so only a word about
// the credentials may have them; a message says what happened, to what, and what to do next, and quotes nothing of the answer.

/** What each code of the vendor means here. */
const CODES: Readonly<Record<string, Meaning>> = {
  invalid_client: [
    'invalid_credentials',
    'Acme refused the client. Check clientId (ACME_CLIENT_ID) and clientSecret (ACME_CLIENT_SECRET).',
  ],
  invalid_token: ['invalid_token', 'Acme no longer accepts this token. Use asUser or application, which get a new one.'],
};

const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'Acme could not accept the request. Check its parameters.'],
  401: ['forbidden', 'Acme refused the call without blaming the token: your plan may lack this product. Ask Acme to enable it.'],
  403: ['forbidden', 'Acme does not allow this client to do that. Ask Acme to enable it.'],
  404: ['not_found', 'Acme found nothing under this id or path. Check the id and the path.'],
  408: ['timeout', 'Acme timed out. Try again later.'],
  409: ['conflict', 'The request conflicts with what is already at Acme. Check what is there.'],
  429: ['rate_limited', 'Acme limits how often it is called. Wait before the next call.'],
};

/** Turns an answer that is not a success into what an `AuthError` says. */
export const explain = (answer: ErrorAnswer): Explanation => {
  const vendorCode = vendorCodeOf(answer.body);
  const known = vendorCode !== undefined && Object.hasOwn(CODES, vendorCode) ? CODES[vendorCode] : undefined;
  const [code, message] = known ?? byStatus(answer);
  return { code, message, vendorCode: known && vendorCode };
};

// TODO: which answers mean that a new token would help? A 401 about a plan or a permission must not, because renewing would never end.

/** Whether the vendor refused the token of the call. */
export const isTokenRefusal = ({ status, body }: ErrorAnswer): boolean => status === 401 && vendorCodeOf(body) === 'invalid_token';

const byStatus = ({ status, hasToken, body }: ErrorAnswer): Meaning => {
  if (status >= 500) return ['unavailable', `Acme failed with status ${status}. Try again later.`];
  // A gateway's page says nothing about credentials.
  if (status === 401 && !hasToken && typeof body !== 'string')
    return ['invalid_credentials', 'Acme refused the client without a reason. Check clientId and clientSecret.'];
  return STATUSES[status] ?? ['invalid_response', `Acme answered with status ${status}, which is not documented. Check the base URL.`];
};
