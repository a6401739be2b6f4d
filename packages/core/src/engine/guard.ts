import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';

/** Definite refusals before no secret is tried at all. Finicity locks the account at five. */
export const REFUSAL_BUDGET = 3;

/** Only a vendor's word about the credentials counts; networks, 5xx and 429 never do. */
const DEFINITE: ReadonlySet<AuthErrorCode> = new Set(['invalid_credentials', 'locked']);

export const isDefiniteRefusal = (error: AuthError): boolean => DEFINITE.has(error.code);

/** Whether only somebody who changes the credentials, or resets the guard, can put it right. */
export const isRefused = (error: AuthError): boolean => isDefiniteRefusal(error) || error.code === 'attempts_exhausted';

/**
 * Remembers which credentials an account was refused with, so that no vendor locks it: the same secret is never tried
 * twice, and after three different wrong ones none is. It belongs to the account, not to one token.
 */
export interface Guard {
  /** The error to reject with instead of trying these credentials, if there is one. */
  readonly verdict: (fingerprint: string) => Promise<AuthError | undefined>;
  /** Resolves to whether this used up the budget. */
  readonly refused: (fingerprint: string, error: AuthError) => Promise<boolean>;
  readonly accepted: () => Promise<void>;
  readonly reset: () => Promise<void>;
  /** How many more refusals it takes until nothing is tried. */
  readonly left: () => number;
}

/** A guard that lives as long as the process. */
export const memoryGuard = (): Guard => {
  const refusals = new Map<string, AuthError>();
  return {
    verdict: async (fingerprint) => {
      const known = refusals.get(fingerprint);
      if (known !== undefined) return known;
      const [any] = refusals.values();
      return any !== undefined && refusals.size >= REFUSAL_BUDGET ? exhausted(any) : undefined;
    },
    refused: async (fingerprint, error) => {
      refusals.set(fingerprint, notTriedAgain(error));
      return refusals.size === REFUSAL_BUDGET;
    },
    accepted: async () => refusals.clear(),
    reset: async () => refusals.clear(),
    left: () => Math.max(0, REFUSAL_BUDGET - refusals.size),
  };
};

const notTriedAgain = (error: AuthError): AuthError =>
  new AuthError(`${error.message} These credentials are not tried again until they change or reset() is called.`, error);

const exhausted = (last: AuthError): AuthError =>
  new AuthError(
    `${last.provider} refused ${REFUSAL_BUDGET} different secrets, so none is tried any more, lest the account be locked. Check the credentials, then call reset().`,
    { code: 'attempts_exhausted', provider: last.provider, operation: last.operation },
  );
