import type { AuthErrorCode } from '@auth/core';
import type { ErrorAnswer, Explanation } from '@auth/core/kit';
import { vendorCodeOf, vendorMessageOf } from './error-body.ts';

type Meaning = readonly [code: AuthErrorCode, message: string];

const WRONG_APP_KEY = 'Finicity does not know this app key. Check appKey (FINICITY_APP_KEY) in the developer dashboard.';
const NO_APP_KEY = 'The request carried no app key. Send it through authorizedFetch; if it was, a proxy removed the header.';
const NEW_TOKEN: Meaning = ['invalid_token', 'Finicity no longer accepts this app token. A new one is needed.'];

/** What each code of the vendor means here; the documentation shows this table. A lock arrives as HTTP 500, so the code is looked at before the status. */
export const CODES: Readonly<Record<string, Meaning>> = {
  '977': ['rate_limited', 'The bank takes no more calls for now. Wait before the next.'],
  '1503': NEW_TOKEN,
  '1504': ['invalid_request', NO_APP_KEY],
  '10001': [
    'invalid_credentials',
    'Finicity refused the partner secret. Check partnerSecret (FINICITY_PARTNER_SECRET): five refusals lock the partner.',
  ],
  '10005': ['invalid_request', 'Finicity misses a parameter. Check that none is left out or blank.'],
  '10010': ['invalid_request', 'Finicity could not validate a field of the request. Check its values, and that the partner ID is yours.'],
  '10021': ['invalid_credentials', 'Finicity does not authorise this partner. Check that partner ID, secret and app key belong together.'],
  '10022': NEW_TOKEN,
  '10023': NEW_TOKEN,
  '10024': ['invalid_request', 'The request carried no app token. Send it through authorizedFetch; if it was, a proxy removed the header.'],
  '10026': ['invalid_request', NO_APP_KEY],
  '10027': ['invalid_credentials', WRONG_APP_KEY],
  '10030': ['timeout', 'Finicity timed out. Try again later.'],
  '10405': ['forbidden', 'This customer has a security freeze. Ask the customer to lift it.'],
  '10406': ['forbidden', 'This customer has disputed the data. Ask the customer to settle it first.'],
  '11000': ['conflict', 'It exists already at Finicity. Use the one that is there.'],
  '12401': ['invalid_credentials', 'Finicity does not know this partner. Check partnerId (FINICITY_PARTNER_ID).'],
  '14001': ['not_found', 'Finicity does not know it. Check the id and the path.'],
  '14003': ['not_found', 'Finicity does not know the partner of this Connect link. Check partnerId (FINICITY_PARTNER_ID).'],
  '14006': ['not_found', 'Finicity does not know this institution. Check the id.'],
  '14016': ['invalid_request', 'Finicity knows customers of the types testing and active only. Check the type.'],
  '14020': ['invalid_request', 'Finicity could not read the request. Check its parameters.'],
  '14023': ['invalid_request', 'A customer id consists of digits. Check the id.'],
  '14025': ['invalid_request', 'Finicity cannot answer in the format that was asked for. Change the accept header of this request.'],
  '20000': ['invalid_request', 'Finicity answers this operation in JSON only. Leave the accept header to authorizedFetch.'],
  '24302': [
    'locked',
    'Finicity has locked the partner after failed attempts. Only its support unlocks it: support.finicity.com, or your Client Success Manager.',
  ],
  '24437': [
    'invalid_request',
    'The new secret breaks the policy: 12 to 255 letters, digits and !@#$%&*_-+, at least one letter and one digit. Choose another.',
  ],
  '41003': ['invalid_request', 'Finicity counts from 1. Check start.'],
  '41004': ['invalid_request', 'A page of Finicity has at least one entry. Check limit.'],
  '45003': ['invalid_request', 'A name has a character that Finicity does not take. Check the names.'],
  '110002': ['conflict', 'This username is taken at Finicity. Choose another, or look for its customer with users.find.'],
  '110039': ['invalid_request', 'The username breaks the policy: 6 to 255 letters, digits and !@.#$%&*_-+. Choose another.'],
  '3300001': ['rate_limited', 'Finicity limits this call. Wait before the next.'],
};

/** What a status means where the vendor gives no code. */
export const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'Finicity could not accept the request. Check its parameters.'],
  401: ['forbidden', 'Finicity refused it without blaming the token: your plan may lack this product. Ask Finicity to enable it.'],
  403: ['region_blocked', 'Finicity refused the address that the call came from. Call it from the US, Canada, the UK or Australia.'],
  404: ['not_found', 'Finicity does not know it. Check the id and the path.'],
  406: ['invalid_request', 'Finicity cannot answer in the format that was asked for. Change the accept header of this request.'],
  408: ['timeout', 'Finicity timed out. Try again later.'],
  409: ['conflict', 'It conflicts with what is at Finicity already. Look at what is there.'],
  429: [
    'rate_limited',
    'Finicity limits the calls of this app key. Wait; if it says so from the first call on, the app key (FINICITY_APP_KEY) is wrong.',
  ],
};

const TOKEN_REFUSALS: ReadonlySet<string | undefined> = new Set(['10022', '10023', '1503']);

/** Turns an answer that is no success into what an `AuthError` says. */
export const explain = (answer: ErrorAnswer): Explanation => {
  const vendorCode = vendorCodeOf(answer.body);
  const [code, message] = (vendorCode && CODES[vendorCode]) || byMessage(answer) || byStatus(answer, vendorCode);
  return { code, message, vendorCode };
};

/** Only these answers say that a new token would help; a bare 401 is about the plan, and renewing would never end. */
export const isTokenRefusal = (answer: ErrorAnswer): boolean => {
  if (answer.status !== 401) return false;
  const vendorCode = vendorCodeOf(answer.body);
  return vendorCode !== undefined && vendorCode in CODES ? TOKEN_REFUSALS.has(vendorCode) : byMessage(answer) === NEW_TOKEN;
};

/** A wrong app key is plain text from most services, and a message beside `errorCode: 401` from some. Nothing says that of tokens, but it would be alike. */
const byMessage = ({ status, body }: ErrorAnswer): Meaning | undefined => {
  if (status !== 401) return undefined;
  const [, what] = /\b(?:Invalid|Expired) (?:parameter )?\(?(?:Finicity-)?App-(Key|Token)\b/.exec(vendorMessageOf(body)) ?? [];
  if (what === undefined) return undefined;
  return what === 'Key' ? ['invalid_credentials', WRONG_APP_KEY] : NEW_TOKEN;
};

const byStatus = ({ status, hasToken }: ErrorAnswer, vendorCode: string | undefined): Meaning => {
  // It may have counted as an attempt, so it counts here too: nothing is tried again until the credentials change.
  if (status === 401 && !hasToken)
    return ['invalid_credentials', 'Finicity refused the credentials without a word. Check partnerId, partnerSecret and appKey.'];
  // 403 with a code is about permission; the geographical block has none.
  if (status === 403 && vendorCode !== undefined)
    return ['forbidden', 'Finicity does not allow this partner to do it. Ask Finicity to enable it.'];
  if (status >= 500) return ['unavailable', `Finicity failed with status ${status}. Try again later.`];
  return (
    STATUSES[status] ?? ['invalid_response', `Finicity answered with status ${status}, which is not documented. Is the base URL right?`]
  );
};
