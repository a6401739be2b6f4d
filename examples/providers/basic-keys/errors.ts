import { type ErrorAnswer, type Explanation, errorsOf, type MakeError, type Meaning } from '@auth/core/kit';

/** Every error that this provider makes. */
export const fail: MakeError = errorsOf('basic-keys');

/** What each status of this vendor means. It sends no codes. */
export const STATUSES: Readonly<Record<number, Meaning>> = {
  400: ['invalid_request', 'The vendor could not accept the request. Check its parameters.'],
  401: ['invalid_credentials', 'The vendor refused the keys. Check clientId (BASIC_KEYS_CLIENT_ID) and apiKey (BASIC_KEYS_API_KEY).'],
  403: ['forbidden', 'The vendor does not let this client do it. Ask it to enable the product, and your address.'],
  404: ['not_found', 'The vendor does not know it. Check the id.'],
  409: ['conflict', 'The vendor has a user of this reference already. Use that one.'],
  429: ['rate_limited', 'The vendor limits the calls. Wait before the next.'],
};

/** Turns an answer that is no success into what an `AuthError` says. */
export const explain = ({ status }: ErrorAnswer): Explanation => {
  if (status >= 500) return { code: 'unavailable', message: `The vendor failed with status ${status}. Try again later.` };
  const [code, message] = STATUSES[status] ?? [
    'invalid_response',
    `The vendor answered with status ${status}, which is not documented. Is the base URL right?`,
  ];
  return { code, message };
};

/** Whether the keys were refused, and not by a gateway's page. */
export const isRefusal = async ({ status, headers }: Response): Promise<boolean> =>
  status === 401 && (headers.get('content-type') ?? '').includes('json');
