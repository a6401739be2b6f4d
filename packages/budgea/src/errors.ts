import { AuthError, type AuthErrorCode } from '@auth/core';
import { type Explanation, type Refusal, readRefusal } from '@auth/core/kit';
import { failureOf } from './schemas.ts';

type Meaning = readonly [AuthErrorCode, string];

const WRONG_CREDENTIALS: Meaning = [
  'invalid_credentials',
  'Budgea refused the client. Check clientId (BUDGEA_CLIENT_ID) and clientSecret (BUDGEA_CLIENT_SECRET), and that they belong to this domain.',
];
const WRONG_TOKEN: Meaning = ['invalid_token', 'Budgea no longer accepts this token. Use asUser or application, which get another one.'];
const SPENT_CODE: Meaning = ['invalid_token', 'Budgea does not accept this code: it is unknown, expired or used. Get a new one.'];

/** What each code of the vendor means here. The vendor asks to branch on the code, not on the status. */
const CODES: Readonly<Record<string, Meaning>> = {
  missingParameter: ['invalid_request', 'Budgea misses a parameter.'],
  invalidValue: ['invalid_request', 'Budgea does not accept the value of a parameter.'],
  methodNotAllowed: ['invalid_request', 'Budgea does not know this operation. Is the base URL right?'],
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

const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'Budgea could not accept the request.'],
  404: ['not_found', 'Budgea does not know it, or not for this token. Check the id.'],
  408: ['timeout', 'Budgea timed out. Try again later.'],
  409: ['conflict', 'It conflicts with what is at Budgea already.'],
  429: ['rate_limited', 'Budgea limits the calls. Wait before the next.'],
};

/** Turns an answer that is no success into what an `AuthError` says. */
export const explain = (refusal: Refusal): Explanation => {
  const { vendorCode, requestId } = failureOf(refusal.body);
  const known = vendorCode !== undefined && Object.hasOwn(CODES, vendorCode) ? CODES[vendorCode] : undefined;
  const [code, message] = known ?? byStatus(refusal);
  return { code, message, vendorCode, requestId };
};

/** Whether the vendor refused the token that a call was made with, and not a gateway the call. */
export const isTokenRefusal = (error: unknown): boolean =>
  AuthError.is(error) && (error.status === 401 || error.status === 403) && error.code !== 'unavailable';

/** Whether this is the vendor's word about the token of a request, and no page of a gateway before it. */
export const isUnauthorized = async (response: Response): Promise<boolean> =>
  response.status === 401 && typeof (await readRefusal(response.clone())).body !== 'string';

/** Generations differ in 401 and 403, and only what the request proved itself with tells what was refused. */
const byStatus = ({ status, proved, body }: Refusal): Meaning => {
  const isBusy = status === 408 || status === 429;
  // Budgea answers in JSON. A gateway's page says nothing about credentials, tokens or users, so none of them is given up for it.
  if (typeof body === 'string' && !isBusy)
    return [
      'unavailable',
      `Something before Budgea answered with a page and status ${status}. Try again later; if it stays so, check the base URL.`,
    ];
  if (status === 401 || status === 403) {
    if (!proved) return WRONG_CREDENTIALS;
    return status === 401
      ? WRONG_TOKEN
      : ['forbidden', 'Budgea refused it: the token is not valid any more, or its scope does not cover this.'];
  }
  if (status >= 500) return ['unavailable', `Budgea failed with status ${status}. Try again later.`];
  return STATUSES[status] ?? ['invalid_response', `Budgea answered with status ${status}, which is not documented. Is the base URL right?`];
};
