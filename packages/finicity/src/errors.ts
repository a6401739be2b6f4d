import type { AuthErrorCode } from '@auth/core';
import type { Explanation, Refusal } from '@auth/core/kit';
import { vendorCodeOf, vendorMessageOf } from './schemas.ts';

const WRONG_APP_KEY = 'Finicity does not know this app key. Check appKey (FINICITY_APP_KEY) in the developer dashboard.';
const NEW_TOKEN = 'Finicity no longer accepts this app token. A new one is needed.';

/** What each code of the vendor means here. A lock arrives as HTTP 500, so the code is looked at before the status. */
const CODES: Readonly<Record<string, readonly [AuthErrorCode, string]>> = {
  '10001': [
    'invalid_credentials',
    'Finicity refused the partner secret. Check partnerSecret (FINICITY_PARTNER_SECRET): five refusals lock the partner.',
  ],
  '10005': ['invalid_request', 'Finicity misses a parameter. Check that no option is blank.'],
  '10010': ['invalid_request', 'Finicity could not validate a field of the request.'],
  '10021': ['invalid_credentials', 'Finicity does not authorise this partner. Check that partner ID, secret and app key belong together.'],
  '10022': ['invalid_token', NEW_TOKEN],
  '10023': ['invalid_token', NEW_TOKEN],
  '10024': ['invalid_request', 'The request carried no app token. Send it through authorizedFetch.'],
  '10026': ['invalid_request', 'The request carried no app key. Send it through authorizedFetch.'],
  '10027': ['invalid_credentials', WRONG_APP_KEY],
  '10030': ['timeout', 'Finicity timed out. Try again later.'],
  '11000': ['conflict', 'It exists already at Finicity.'],
  '12401': ['invalid_credentials', 'Finicity does not know this partner. Check partnerId (FINICITY_PARTNER_ID).'],
  '14001': ['not_found', 'Finicity does not know it. Check the id and the path.'],
  '14006': ['not_found', 'Finicity does not know this institution. Check the id.'],
  '14020': ['invalid_request', 'Finicity could not read the request.'],
  '14025': ['invalid_request', 'Finicity cannot answer in the format that was asked for.'],
  '1503': ['invalid_token', NEW_TOKEN],
  '1504': ['invalid_request', 'The request carried no app key. Send it through authorizedFetch.'],
  '20000': ['invalid_request', 'Finicity answers this operation in JSON only.'],
  '24302': [
    'locked',
    'Finicity has locked the partner after failed attempts. Only its support unlocks it: support.finicity.com, or your Client Success Manager.',
  ],
  '24437': [
    'invalid_request',
    'The new secret breaks the policy: 12 to 255 letters, digits and !@#$%&*_-+, at least one letter and one digit.',
  ],
  '110002': ['conflict', 'This username is taken at Finicity. Choose another.'],
  '3300001': ['rate_limited', 'Finicity limits this call. Wait before the next.'],
};

const STATUSES: Readonly<Record<number, readonly [AuthErrorCode, string]>> = {
  400: ['invalid_request', 'Finicity could not accept the request.'],
  401: ['forbidden', 'Finicity refused it without blaming the token: your plan may lack this product.'],
  403: ['region_blocked', 'Finicity refused the address that the call came from. Call it from the US, Canada, the UK or Australia.'],
  404: ['not_found', 'Finicity does not know it. Check the id and the path.'],
  408: ['timeout', 'Finicity timed out. Try again later.'],
  409: ['conflict', 'It conflicts with what is at Finicity already.'],
  429: [
    'rate_limited',
    'Finicity limits the calls of this app key. Wait; if it says so from the first call on, the app key (FINICITY_APP_KEY) is wrong.',
  ],
};

const TOKEN_REFUSALS: ReadonlySet<string | undefined> = new Set(['10022', '10023', '1503']);

/** Turns an answer that is no success into what an `AuthError` says. */
export const explain = (refusal: Refusal): Explanation => {
  const vendorCode = vendorCodeOf(refusal.body);
  const [code, message] = (vendorCode && CODES[vendorCode]) || byMessage(refusal) || byStatus(refusal, vendorCode);
  return { code, message, vendorCode };
};

/** Only these codes say that a new token would help; a bare 401 is about the plan, and renewing would never end. */
export const isTokenRefusal = ({ status, body }: Refusal): boolean => status === 401 && TOKEN_REFUSALS.has(vendorCodeOf(body));

/** A wrong app key is plain text from most services, and a message beside `errorCode: 401` from some. */
const byMessage = ({ status, body }: Refusal): readonly [AuthErrorCode, string] | undefined =>
  status === 401 && /Invalid \(?Finicity-App-Key\b/.test(vendorMessageOf(body)) ? ['invalid_credentials', WRONG_APP_KEY] : undefined;

const byStatus = ({ status, proved }: Refusal, vendorCode: string | undefined): readonly [AuthErrorCode, string] => {
  // It may have counted as an attempt, so it counts here too: nothing is tried again until the credentials change.
  if (status === 401 && !proved)
    return ['invalid_credentials', 'Finicity refused the credentials without a word. Check partnerId, partnerSecret and appKey.'];
  // 403 with a code is about permission; the geographical block has none.
  if (status === 403 && vendorCode !== undefined) return ['forbidden', 'Finicity does not allow this partner to do it.'];
  if (status >= 500) return ['unavailable', `Finicity failed with status ${status}. Try again later.`];
  return (
    STATUSES[status] ?? ['invalid_response', `Finicity answered with status ${status}, which is not documented. Is the base URL right?`]
  );
};
