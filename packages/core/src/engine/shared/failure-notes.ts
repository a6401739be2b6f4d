import type { AuthErrorCode, AuthErrorFacts } from '../../errors.ts';
import { AuthError } from '../../errors.ts';
import { type EngineErrors, isRefused } from '../engine-errors.ts';

/** Failures after which nobody knows whether a refresh token was spent. */
const UNCLEAR: ReadonlySet<AuthErrorCode> = new Set(['outcome_unknown', 'timeout', 'aborted', 'invalid_response', 'store_unavailable']);

/** Failures that mean nothing to other processes, whose configuration, store and credentials may be right. */
const OWN: ReadonlySet<AuthErrorCode> = new Set(['misconfigured', 'aborted', 'store_unavailable', 'outcome_unknown']);

/** Whether nobody knows if the refresh token was spent. */
export const isUnclear = ({ code }: AuthError): boolean => UNCLEAR.has(code);

/** Whether other processes would fail in the same way. */
export const isShared = (error: AuthError): boolean => !OWN.has(error.code) && !isRefused(error);

/** A failure as text, for the processes that waited for it. */
export const encodeFailure = ({ message, code, status, vendorCode, retryAfter, requestId }: AuthError): string =>
  JSON.stringify({ message, code, status, vendorCode, retryAfter, requestId });

/** `undefined` for what cannot be read. */
export const decodeFailure = (text: string, { provider, operation }: EngineErrors): AuthError | undefined => {
  try {
    const { message, ...facts } = JSON.parse(text) as AuthErrorFacts & { readonly message: string }; // written by the function above
    return new AuthError(message, { ...facts, provider, operation });
  } catch {
    return undefined;
  }
};
