import type { Authority, Authorization } from '../authority.ts';
import { type Clock, systemClock } from '../clock.ts';
import { headerValues, isEcho } from '../echo.ts';
import { AuthError } from '../errors.ts';
import { type ErrorAnswer, type HttpOptions, readErrorAnswer, retryAfterOf } from './http.ts';

/** What an authority needs to explain the answers that are not a success. */
export interface ErrorOfOptions {
  readonly provider: string;
  /** What the vendor means by an answer: the function that `createVendor` takes too. */
  readonly explain: HttpOptions['explain'];
  /** Tells the vendor's time, for a `Retry-After` that is a date. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * Makes an authority's `errorOf`. `sent` answers the credentials that were sent last: none of them may come back in the error. Without a
 * token, a 401 is about the credentials themselves.
 */
export const errorOfAnswer = (
  { provider, explain, clock = systemClock }: ErrorOfOptions,
  sent: () => Authorization | undefined,
  hasToken: boolean,
): Authority['errorOf'] => {
  const harmless = (text: string | undefined): string | undefined => {
    const { headers, bodyFields } = sent() ?? {};
    return text !== undefined && isEcho(text, [...headerValues(headers), ...Object.values(bodyFields ?? {})]) ? undefined : text;
  };

  return async (response) => {
    const facts: { provider: string; operation: string; status?: number } = { provider, operation: 'authorizedFetch' };
    // From JavaScript, anything may come.
    try {
      facts.status = response.status;
      const { code, message, vendorCode, requestId } = explain({ ...(await answerOf(response)), hasToken });
      const retryAfter = retryAfterOf(response.headers, clock);
      return new AuthError(message, { ...facts, code, vendorCode: harmless(vendorCode), requestId: harmless(requestId), retryAfter });
    } catch {
      const how = facts.status === undefined ? 'without a status' : `with status ${facts.status}`;
      return new AuthError(`${provider} answered ${how}, which could not be explained. Look at the answer itself.`, {
        ...facts,
        code: 'invalid_response',
      });
    }
  };
};

/** Of a body that somebody has read, or is reading, nothing is taken. */
const answerOf = async (response: Response): Promise<ErrorAnswer> => {
  const { bodyUsed, body, status, headers } = response;
  if (bodyUsed || body?.locked) return { operation: 'authorizedFetch', hasToken: true, status, headers, body: null };
  return readErrorAnswer(response.clone());
};
