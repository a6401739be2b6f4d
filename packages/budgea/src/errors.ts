import { AuthError, type AuthErrorCode } from '@auth/core';
import { type ErrorAnswer, type Explanation, readErrorAnswer } from '@auth/core/kit';
import { titleOf } from './gateway-page.ts';
import { failureOf } from './schemas.ts';

type Meaning = readonly [AuthErrorCode, string];

const WRONG_CREDENTIALS: Meaning = [
  'invalid_credentials',
  'Budgea refused the client. Check clientId (BUDGEA_CLIENT_ID) and clientSecret (BUDGEA_CLIENT_SECRET), and that they belong to this domain.',
];
const WRONG_TOKEN: Meaning = ['invalid_token', 'Budgea no longer accepts this token. Use asUser or application, which get another one.'];
const WRONG_CODE_OR_CREDENTIALS: Meaning = [
  'invalid_token',
  'Budgea refused the code, or the client: it does not say which. Get a new code; if that is refused too, check clientId and clientSecret.',
];
const SPENT_CODE: Meaning = ['invalid_token', 'Budgea does not accept this code: it is unknown, expired or used. Get a new one.'];

/** What each code of the vendor means here; the documentation shows this table. The vendor asks to branch on the code, not on the status. */
export const CODES: Readonly<Record<string, Meaning>> = {
  missingParameter: ['invalid_request', 'Budgea misses a parameter.'],
  invalidValue: ['invalid_request', 'Budgea does not accept the value of a parameter.'],
  methodNotAllowed: ['invalid_request', 'Budgea does not know this operation. Is the base URL right?'],
  // States of a connection, which some calls answer as errors.
  SCARequired: ['reconnect_required', 'The bank wants the user to log in again.'],
  webauthRequired: ['reconnect_required', "The user has to log in on the bank's own page."],
  additionalInformationNeeded: ['reconnect_required', 'The bank asks the user for more.'],
  decoupled: ['reconnect_required', "The user has to confirm it in the bank's app."],
  passwordExpired: ['reconnect_required', 'The password at the bank has expired. The user has to change it there.'],
  validating: ['conflict', 'The connection is being checked by the bank. Try again when it is done.'],
  rateLimiting: ['rate_limited', 'The bank limits the calls. Wait before the next.'],
  config: ['invalid_request', 'The configuration of your domain does not allow it. Look at it in the console.'],
  notSupported: ['invalid_request', 'Budgea does not support it.'],
  dataError: ['invalid_request', 'Budgea could not use the data of the request.'],
  forbidden: ['forbidden', 'The scope of this token does not cover it.'],
  connectionLocked: ['conflict', 'The connection is being synchronised. Try again when it is done.'],
  tooManySync: ['rate_limited', 'The connection was synchronised too often. Wait before the next.'],
  noAccount: ['not_found', 'The connection has no account.'],
  wrongpass: ['reconnect_required', 'The bank refused the login. The user has to connect again.'],
  actionNeeded: ['reconnect_required', 'The bank asks the user for something. The user has to connect again.'],
  bankMessage: ['reconnect_required', 'The bank has a message for the user, to be read at the bank.'],
  websiteUnavailable: ['unavailable', 'The bank cannot be reached. Try again later.'],
  bug: ['unavailable', 'Budgea failed. Try again later.'],
  keymanager: ['unavailable', 'Budgea failed. Try again later.'],
  // Not in the vendor's documentation; the standard names, if it uses them.
  invalid_client: WRONG_CREDENTIALS,
  invalid_grant: SPENT_CODE,
};

/** What the code means where no token was sent. */
const CLIENT_MAY_NOT: Meaning = ['forbidden', 'Budgea does not allow this to your client. Look at its rights in the console.'];

/** What a code means with this status only. */
const CONFLICT: Meaning = ['conflict', 'It is not in a state for this: a connection that needs no repair, for example.'];

/** What a status means where the vendor gives no code. */
export const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'Budgea could not accept the request.'],
  404: ['not_found', 'Budgea does not know it, or not for this token. Check the id.'],
  408: ['timeout', 'Budgea timed out. Try again later.'],
  409: ['conflict', 'It conflicts with what is at Budgea already.'],
  429: ['rate_limited', 'Budgea limits the calls. Wait before the next.'],
};

/** Turns an answer that is no success into what an `AuthError` says. */
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

/** Whether the vendor refused the token that a call was made with, and not a gateway the call. */
export const isTokenRefusal = (error: unknown): boolean =>
  AuthError.is(error) && (error.status === 401 || error.status === 403) && error.code !== 'unavailable';

/** Whether this is the vendor's word about the token of a request, and no page of a gateway before it. */
export const isUnauthorized = async (response: Response): Promise<boolean> =>
  response.status === 401 && typeof (await readErrorAnswer(response.clone())).body !== 'string';

/** Generations differ in 401 and 403, and only what the request proved itself with tells what was refused. */
const byStatus = (answer: ErrorAnswer): Meaning => {
  const { status, body } = answer;
  const isBusy = status === 408 || status === 429;
  // Budgea answers in JSON. A gateway's page says nothing about credentials, tokens or users, so none of them is given up for it.
  if (typeof body === 'string' && !isBusy) return ['unavailable', gatewayMessage(status, body)];
  if (status === 401 || status === 403) return byWhatWasRefused(answer);
  if (status >= 500) return ['unavailable', `Budgea failed with status ${status}. Try again later.`];
  return STATUSES[status] ?? ['invalid_response', `Budgea answered with status ${status}, which is not documented. Is the base URL right?`];
};

const gatewayMessage = (status: number, page: string): string => {
  const title = titleOf(page);
  const shown = title === undefined ? 'a page' : `the page «${title}»`;
  return `Something before Budgea answered with ${shown} and status ${status}. Try again later; if it stays so, check the base URL.`;
};

const byWhatWasRefused = ({ operation, status, hasToken }: ErrorAnswer): Meaning => {
  if (hasToken && status === 401) return WRONG_TOKEN;
  if (hasToken) return ['forbidden', 'Budgea refused it: the token is not valid any more, or its scope does not cover this.'];
  // Anybody can bring a code: one that is refused must not pass for a wrong secret, which would stop all users.
  if (operation === 'api.exchangeCode') return WRONG_CODE_OR_CREDENTIALS;
  if (operation === 'api.createServiceToken' && status === 403)
    return ['forbidden', 'Budgea refused it: this client may not have these scopes.'];
  return WRONG_CREDENTIALS;
};
