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
  /**
   * Runs it, unless these credentials are known to be refused. Until they have been accepted once, attempts go one at a time,
   * so that a hundred users under one wrong secret cost one.
   */
  readonly attempt: <T>(plan: Attempt<T>) => Promise<T>;
  readonly reset: () => Promise<void>;
  /** How many more refusals it takes until nothing is tried. */
  readonly left: () => number;
}

/** One use of the credentials. */
export interface Attempt<T> {
  readonly fingerprint: string;
  /** Ends the attempt: the next one need not wait for it. */
  readonly signal: AbortSignal;
  readonly run: () => Promise<T>;
  /** Told of a definite refusal, and whether it spent the budget. */
  readonly refused: (error: AuthError, isSpent: boolean) => Promise<void>;
}

/** A guard that lives as long as the process. */
export const memoryGuard = (): Guard => {
  const refusals = new Map<string, AuthError>();
  let accepted: string | undefined;
  let proving: Promise<void> | undefined;

  const verdict = (fingerprint: string): AuthError | undefined => {
    const known = refusals.get(fingerprint);
    if (known !== undefined) return known;
    const [any] = refusals.values();
    return any !== undefined && refusals.size >= REFUSAL_BUDGET ? exhausted(any) : undefined;
  };

  return {
    attempt: async ({ fingerprint, signal, run, refused }) => {
      while (fingerprint !== accepted && proving !== undefined) await proving;
      const known = verdict(fingerprint);
      if (known !== undefined) throw known;

      const trial = async (): ReturnType<typeof run> => {
        try {
          const result = await run();
          accepted = fingerprint;
          refusals.clear();
          return result;
        } catch (error) {
          if (!AuthError.is(error) || !isDefiniteRefusal(error)) throw error;
          if (accepted === fingerprint) accepted = undefined;
          refusals.set(fingerprint, notTriedAgain(error));
          await refused(error, refusals.size === REFUSAL_BUDGET);
          throw error;
        }
      };
      if (fingerprint === accepted) return trial();
      const outcome = trial();
      // A source that ignores its signal must not hold up the next one for ever.
      const over = Promise.race([outcome.catch(() => {}), aborted(signal)]).then(() => {
        if (proving === over) proving = undefined;
      });
      proving = over;
      return outcome;
    },
    reset: async () => refusals.clear(),
    left: () => Math.max(0, REFUSAL_BUDGET - refusals.size),
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const notTriedAgain = (error: AuthError): AuthError =>
  new AuthError(`${error.message} These credentials are not tried again until they change or reset() is called.`, error);

const exhausted = (last: AuthError): AuthError =>
  new AuthError(
    `${last.provider} refused ${REFUSAL_BUDGET} different secrets, so none is tried any more, lest the account be locked. Check the credentials, then call reset().`,
    { code: 'attempts_exhausted', provider: last.provider, operation: last.operation },
  );
