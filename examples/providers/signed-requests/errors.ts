import { type ErrorAnswer, type Explanation, errorsOf, type MakeError, type Meaning } from '@auth/core/kit';

/** Every error that this provider makes. */
export const fail: MakeError = errorsOf('signed-requests');

const KEYS = 'Check appId (SIGNED_REQUESTS_APP_ID), secret (SIGNED_REQUESTS_SECRET) and privateKey (SIGNED_REQUESTS_PRIVATE_KEY).';

/** What each of the vendor's error classes means. */
export const CODES: Readonly<Record<string, Meaning>> = {
  WrongKeys: ['invalid_credentials', `The vendor refused the app. ${KEYS}`],
  WrongSignature: [
    'invalid_credentials',
    `The vendor could not verify the signature. ${KEYS} A proxy that changes URL or body breaks it too.`,
  ],
  SignatureExpired: ['unavailable', "The vendor's clock and this machine's differ. Check the time of this machine."],
  CustomerNotFound: ['not_found', 'The vendor does not know this customer. Check the id.'],
  DuplicatedCustomer: ['conflict', 'The vendor has a customer of this reference already. Use that one.'],
  ActionNotAllowed: ['forbidden', 'The vendor does not let this app do it. Ask it to enable the product.'],
};

/** The vendor's class of an error, if it is a known one. */
export const codeOf = (body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return typeof body.error === 'string' && Object.hasOwn(CODES, body.error) ? body.error : undefined;
};

/** Turns an answer that is no success into what an `AuthError` says. */
export const explain = ({ status, body }: ErrorAnswer): Explanation => {
  const vendorCode = codeOf(body);
  const known = vendorCode === undefined ? undefined : CODES[vendorCode];
  if (known !== undefined) return { code: known[0], message: known[1], vendorCode };
  if (status === 429) return { code: 'rate_limited', message: 'The vendor limits the calls. Wait before the next.' };
  if (status >= 500) return { code: 'unavailable', message: `The vendor failed with status ${status}. Try again later.` };
  return {
    code: 'invalid_response',
    message: `The vendor answered with status ${status}, which is not documented. Is the base URL right?`,
  };
};
