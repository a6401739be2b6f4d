import { type ErrorAnswer, type Explanation, errorsOf, type MakeError, type Meaning } from '@auth/core/kit';
import { vendorCodeOf, vendorMessageOf } from './api/error-body.ts';

/** Every error that this package makes. */
export const fail: MakeError = errorsOf('finicity');

const WRONG_APP_KEY = 'Finicity does not know this app key. Check appKey (FINICITY_APP_KEY) in the developer dashboard.';
const NO_APP_KEY = 'The request had no app key. Send it through authorizedFetch; if you did, a proxy removed the header.';
const WRONG_VALUE = 'Finicity does not accept the value of a parameter. Check the parameters of the request.';
const NEW_TOKEN: Meaning = ['invalid_token', 'Finicity no longer accepts this app token. Use application or asUser, which get a new one.'];

/** What each vendor code means; the documentation shows this table. A lock arrives as HTTP 500, so the code decides before the status. */
export const CODES: Readonly<Record<string, Meaning>> = {
  '977': ['rate_limited', 'The bank accepts no more calls for now. Wait before you try again.'],
  '1000': ['invalid_request', WRONG_VALUE],
  '1503': NEW_TOKEN,
  '1504': ['invalid_request', NO_APP_KEY],
  '1618': ['invalid_request', WRONG_VALUE],
  '3003': ['not_found', 'Finicity does not know this institution login. Check the id.'],
  '3004': ['not_found', 'Finicity has no details of this institution login. Check the id.'],
  '4004': ['not_found', 'Finicity does not know this Connect experience. Check its name.'],
  '10001': [
    'invalid_credentials',
    'Finicity refused the partner secret. Check partnerSecret (FINICITY_PARTNER_SECRET): five refusals lock the partner.',
  ],
  '10005': ['invalid_request', 'A required parameter is missing or empty. Check the parameters of the request.'],
  '10010': ['invalid_request', 'Finicity could not validate a field of the request. Check the values, and that the partner ID is yours.'],
  '10021': ['invalid_credentials', 'Finicity does not authorise this partner. Check that partner ID, secret and app key belong together.'],
  '10022': NEW_TOKEN,
  '10023': NEW_TOKEN,
  '10024': ['invalid_request', 'The request had no app token. Send it through authorizedFetch; if you did, a proxy removed the header.'],
  '10025': ['invalid_request', 'The request changes nothing. Pass at least one field to change.'],
  '10026': ['invalid_request', NO_APP_KEY],
  '10027': ['invalid_credentials', WRONG_APP_KEY],
  '10030': ['timeout', 'Finicity timed out. Try again later.'],
  '10215': ['not_found', 'Finicity does not know this consent receipt. Check the id.'],
  '10405': ['forbidden', 'This customer has a security freeze. Ask the customer to lift it.'],
  '10406': ['forbidden', 'This customer has disputed the data. Ask the customer to settle the dispute first.'],
  '11000': ['conflict', 'This already exists at Finicity. Use the existing one.'],
  '12019': ['invalid_request', WRONG_VALUE],
  '12401': ['invalid_credentials', 'Finicity does not know this partner. Check partnerId (FINICITY_PARTNER_ID).'],
  '14001': ['not_found', 'Finicity found nothing under this id or path. Check the id and the path.'],
  '14003': ['not_found', 'Finicity does not know the partner of this Connect link. Check partnerId (FINICITY_PARTNER_ID).'],
  '14006': ['not_found', 'Finicity does not know this institution. Check the id.'],
  '14016': ['invalid_request', 'The type of a customer must be testing or active. Check the type.'],
  '14020': ['invalid_request', 'Finicity could not read the request. Check its parameters.'],
  '14023': ['invalid_request', 'A customer id must consist of digits. Check the id.'],
  '14025': ['invalid_request', 'Finicity cannot answer in the requested format. Change the accept header of the request.'],
  '18017': ['invalid_request', WRONG_VALUE],
  '20000': ['invalid_request', 'Finicity answers this operation in JSON only. Leave the accept header to authorizedFetch.'],
  '20400': ['forbidden', 'This customer has reached the limit of reports. Ask Finicity to raise the limit.'],
  '24302': [
    'locked',
    'Finicity has locked the partner after failed attempts. Only its support unlocks it: support.finicity.com, or your Client Success Manager.',
  ],
  '24437': [
    'invalid_request',
    'The new secret breaks the policy: 12 to 255 letters, digits and !@#$%&*_-+, at least one letter and one digit. Choose another.',
  ],
  '38007': ['not_found', 'The customer has no accounts of this institution login. Check both ids.'],
  '41003': ['invalid_request', 'Finicity counts from 1. Pass a start of 1 or more.'],
  '41004': ['invalid_request', 'A page has at least one entry. Pass a limit of 1 or more.'],
  '45003': ['invalid_request', 'A name contains a character that Finicity does not accept. Check the names.'],
  '50016': ['invalid_request', 'Finicity keeps the accounts of temporary customers itself. Do not delete them.'],
  '50051': ['not_found', 'This partner has no registered application. Register one first.'],
  '60013': ['not_found', 'The customer has no active subscription. Check the customer id.'],
  '110002': ['conflict', 'This username is taken at Finicity. Choose another, or find its customer with users.find.'],
  '110039': ['invalid_request', 'The username breaks the policy: 6 to 255 letters, digits and !@.#$%&*_-+. Choose another.'],
  '3300001': ['rate_limited', 'Finicity received too many calls of this kind. Wait before you try again.'],
};

/** What a status means where the vendor gives no code. */
export const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'Finicity could not accept the request. Check its parameters.'],
  401: ['forbidden', 'Finicity refused the call without blaming the token: your plan may lack this product. Ask Finicity to enable it.'],
  403: ['region_blocked', 'Finicity refused the IP address that the call came from. Call from the US, Canada, the UK or Australia.'],
  404: ['not_found', 'Finicity found nothing under this id or path. Check the id and the path.'],
  406: ['invalid_request', 'Finicity cannot answer in the requested format. Change the accept header of the request.'],
  408: ['timeout', 'Finicity timed out. Try again later.'],
  409: ['conflict', 'The request conflicts with what Finicity already has. Check what is there.'],
  429: [
    'rate_limited',
    'Finicity received too many calls with this app key. Wait; if even the first call fails, the app key (FINICITY_APP_KEY) is wrong.',
  ],
};

const TOKEN_REFUSALS: ReadonlySet<string | undefined> = new Set(['10022', '10023', '1503']);

/** Turns an error answer into what an `AuthError` says. */
export const explain = (answer: ErrorAnswer): Explanation => {
  const vendorCode = vendorCodeOf(answer.body);
  const [code, message] = (vendorCode && CODES[vendorCode]) || byMessage(answer) || byStatus(answer, vendorCode);
  return { code, message, vendorCode };
};

/** Whether a new token would help. A bare 401 is about the plan, and renewing the token would never end. */
export const isTokenRefusal = (answer: ErrorAnswer): boolean => {
  if (answer.status !== 401) return false;
  const vendorCode = vendorCodeOf(answer.body);
  return vendorCode !== undefined && vendorCode in CODES ? TOKEN_REFUSALS.has(vendorCode) : byMessage(answer) === NEW_TOKEN;
};

/**
 * Most services report a wrong app key as plain text, some as a message beside `errorCode: 401`. Neither is documented for tokens, but
 * those would look the same.
 */
const byMessage = ({ status, body }: ErrorAnswer): Meaning | undefined => {
  if (status !== 401) return undefined;
  const [, what] = /\b(?:Invalid|Expired) (?:parameter )?\(?(?:Finicity-)?App-(Key|Token)\b/.exec(vendorMessageOf(body)) ?? [];
  if (what === undefined) return undefined;
  return what === 'Key' ? ['invalid_credentials', WRONG_APP_KEY] : NEW_TOKEN;
};

const byStatus = ({ status, hasToken }: ErrorAnswer, vendorCode: string | undefined): Meaning => {
  // Finicity may have counted an attempt, so it counts here too: these credentials are not tried again until they change.
  if (status === 401 && !hasToken)
    return ['invalid_credentials', 'Finicity refused the credentials without a reason. Check partnerId, partnerSecret and appKey.'];
  // 403 with a code is about permission; the geographical block has none.
  if (status === 403 && vendorCode !== undefined)
    return ['forbidden', 'Finicity does not allow this partner to do that. Ask Finicity to enable it.'];
  if (status >= 500) return ['unavailable', `Finicity failed with status ${status}. Try again later.`];
  return STATUSES[status] ?? ['invalid_response', `Finicity answered with status ${status}, which is not documented. Check the base URL.`];
};
