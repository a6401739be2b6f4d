import { AuthError } from '@auth/core';
import { type ErrorAnswer, type Explanation, errorsOf, type MakeError, type Meaning, readErrorAnswer } from '@auth/core/kit';
import { failureOf } from './api/error-body.ts';
import { titleOf } from './api/gateway-page.ts';

/** Every error that this package makes. */
export const fail: MakeError = errorsOf('budgea');

const WRONG_CREDENTIALS: Meaning = [
  'invalid_credentials',
  'Budgea refused the client. Check clientId (BUDGEA_CLIENT_ID) and clientSecret (BUDGEA_CLIENT_SECRET): both must belong to this domain.',
];
const WRONG_TOKEN: Meaning = ['invalid_token', 'Budgea no longer accepts this token. Use asUser or application, which get a new one.'];
const WRONG_CODE_OR_CREDENTIALS: Meaning = [
  'invalid_token',
  'Budgea refused the code or the client, without saying which. Get a new code; if that is refused too, check clientId and clientSecret.',
];
const SPENT_CODE: Meaning = ['invalid_token', 'Budgea does not accept this code: it is unknown, expired or already used. Get a new one.'];

/** What each code of the vendor means here; the documentation shows this table. The vendor asks to branch on the code, not the status. */
export const CODES: Readonly<Record<string, Meaning>> = {
  missingParameter: ['invalid_request', 'A required parameter is missing. Check the parameters of this call.'],
  invalidValue: ['invalid_request', 'Budgea does not accept the value of a parameter. Check the parameters of this call.'],
  methodNotAllowed: ['invalid_request', 'Budgea does not know this operation. Check the base URL.'],
  // States of a connection, which some calls return as errors.
  SCARequired: ['reconnect_required', 'The bank wants the user to log in again. Repair the connection with connect.start.'],
  webauthRequired: ['reconnect_required', "The user has to log in on the bank's own page. Repair the connection with connect.start."],
  additionalInformationNeeded: [
    'reconnect_required',
    'The bank needs more information from the user. Repair the connection with connect.start.',
  ],
  decoupled: ['reconnect_required', 'The bank waits for a confirmation in its app. Ask the user to confirm there.'],
  passwordExpired: ['reconnect_required', 'The password at the bank has expired. Ask the user to change it there.'],
  validating: ['conflict', 'The bank is checking the connection. Try again when it has finished.'],
  rateLimiting: ['rate_limited', 'The bank limits how often it is called. Wait before the next call.'],
  config: ['invalid_request', 'The configuration of your domain does not allow this. Check it in the console.'],
  notSupported: ['invalid_request', 'Budgea does not support this. Do not repeat the call.'],
  dataError: ['invalid_request', 'Budgea could not use the data in the request. Check the parameters of this call.'],
  forbidden: ['forbidden', 'The scope of this token does not cover the call. Use a token with the right scope.'],
  connectionLocked: ['conflict', 'The connection is being synchronised. Try again when that has finished.'],
  tooManySync: ['rate_limited', 'The connection was synchronised too often. Wait before you try again.'],
  noAccount: ['not_found', 'The connection has no accounts. Ask the user to check at the bank.'],
  wrongpass: ['reconnect_required', 'The bank refused the login. Ask the user to connect again.'],
  actionNeeded: ['reconnect_required', 'The bank needs something from the user. Ask the user to connect again.'],
  bankMessage: ['reconnect_required', 'The bank has a message for the user. Ask the user to read it at the bank.'],
  websiteUnavailable: ['unavailable', 'The bank cannot be reached. Try again later.'],
  bug: ['unavailable', 'Budgea failed. Try again later.'],
  keymanager: ['unavailable', 'Budgea failed. Try again later.'],
  // Not in the vendor's documentation: the standard names of OAuth, in case the vendor uses them.
  invalid_client: WRONG_CREDENTIALS,
  invalid_grant: SPENT_CODE,
};

/** What `forbidden` means when no token was sent. */
const CLIENT_MAY_NOT: Meaning = ['forbidden', 'Budgea does not allow your client to do this. Check its rights in the console.'];

/** What `invalidValue` means with status 409. */
const CONFLICT: Meaning = [
  'conflict',
  'Its state does not allow this: the connection may need no repair, for example. Check the state before you try again.',
];

/** What a status means when the vendor gives no code. */
export const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'Budgea did not accept the request. Check the parameters of this call.'],
  404: ['not_found', 'Budgea found nothing there, or nothing that this token may see. Check the id.'],
  408: ['timeout', 'Budgea timed out. Try again later.'],
  409: ['conflict', 'The request conflicts with what is already at Budgea. Check what is there.'],
  429: ['rate_limited', 'Budgea limits how often it is called. Wait before the next call.'],
};

/** Turns an answer that is not a success into what an `AuthError` says. */
export const explain = (answer: ErrorAnswer): Explanation => {
  const { vendorCode, requestId } = failureOf(answer.body);
  const known = vendorCode !== undefined && Object.hasOwn(CODES, vendorCode) ? CODES[vendorCode] : undefined;
  const [code, message] = special(vendorCode, answer) ?? known ?? byStatus(answer);
  return { code, message, vendorCode, requestId };
};

const special = (vendorCode: string | undefined, { hasToken, status }: ErrorAnswer): Meaning | undefined => {
  if (vendorCode === 'forbidden' && !hasToken) return CLIENT_MAY_NOT;
  return vendorCode === 'invalidValue' && status === 409 ? CONFLICT : undefined;
};

/** Whether the vendor refused the token of a call. A gateway that refused the call does not count. */
export const isTokenRefusal = (error: unknown): boolean =>
  AuthError.is(error) && (error.status === 401 || error.status === 403) && error.code !== 'unavailable';

/** Whether the vendor itself answered 401, which is about the token of the request. The page of a gateway in front of it does not count. */
export const isUnauthorized = async (response: Response): Promise<boolean> =>
  response.status === 401 && typeof (await readErrorAnswer(response.clone())).body !== 'string';

/** Generations differ in 401 and 403, so only the credentials that the request carried tell what was refused. */
const byStatus = (answer: ErrorAnswer): Meaning => {
  const { status, body } = answer;
  const isBusy = status === 408 || status === 429;
  // Budgea answers in JSON. A gateway's page says nothing about credentials, tokens or users, so none of them is given up because of it.
  if (typeof body === 'string' && !isBusy) return ['unavailable', gatewayMessage(status, body)];
  if (status === 401 || status === 403) return byWhatWasRefused(answer);
  if (status >= 500) return ['unavailable', `Budgea failed with status ${status}. Try again later.`];
  return STATUSES[status] ?? ['invalid_response', `Budgea sent an undocumented answer with status ${status}. Check the base URL.`];
};

const gatewayMessage = (status: number, page: string): string => {
  const title = titleOf(page);
  const shown = title === undefined ? 'a page' : `the page "${title}"`;
  return `A proxy in front of Budgea answered with ${shown} and status ${status}. Try again later; if that fails, check the base URL.`;
};

const byWhatWasRefused = ({ operation, status, hasToken }: ErrorAnswer): Meaning => {
  if (hasToken && status === 401) return WRONG_TOKEN;
  if (hasToken)
    return [
      'forbidden',
      'Budgea refused the call: the token is no longer valid, or its scope does not cover the call. Check the scope, or get a new token.',
    ];
  // Anyone can bring a code: a refused code must not pass for a wrong secret, which would stop all users.
  if (operation === 'api.exchangeCode') return WRONG_CODE_OR_CREDENTIALS;
  if (operation === 'api.createServiceToken' && status === 403)
    return ['forbidden', 'Budgea refused the service token: this client may not have these scopes. Check its rights in the console.'];
  return WRONG_CREDENTIALS;
};
