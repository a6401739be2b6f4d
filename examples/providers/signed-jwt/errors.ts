import type { ErrorAnswer, Explanation } from '@auth/core/kit';

/** Refusals that another JWT would mend, by then with the vendor's time in it. An unknown application or key would be refused again, however often it is signed. */
const TOKEN_REFUSALS: ReadonlySet<unknown> = new Set(['EXPIRED_TOKEN', 'NOT_YET_VALID', 'REVOKED_TOKEN']);

/** Whether the vendor refused this very token. */
export const isTokenRefusal = ({ body }: ErrorAnswer): boolean =>
  typeof body === 'object' && body !== null && 'error' in body && TOKEN_REFUSALS.has(body.error);

/** Turns an answer that is not a success into what an `AuthError` says. */
export const explain = (answer: ErrorAnswer): Explanation => {
  const { status } = answer;
  if (status === 401 && isTokenRefusal(answer))
    return { code: 'invalid_token', message: 'The vendor no longer accepts this token. Use application or asUser, which sign a new one.' };
  if (status === 401)
    return {
      code: 'invalid_credentials',
      message:
        'The vendor refused the application. Check applicationId (SIGNED_JWT_APPLICATION_ID) and privateKey (SIGNED_JWT_PRIVATE_KEY).',
    };
  if (status === 429) return { code: 'rate_limited', message: 'The vendor limits the calls. Wait before the next call.' };
  if (status >= 500) return { code: 'unavailable', message: `The vendor failed with status ${status}. Try again later.` };
  return {
    code: status === 404 ? 'not_found' : 'invalid_request',
    message: `The vendor refused the request with status ${status}. Check its path and parameters.`,
  };
};
