import type { AuthError } from '../errors.ts';
import { isRefused } from './engine-errors.ts';

/** The last failure, until a success. */
export interface Failure {
  readonly error: AuthError;
  readonly streak: number;
  /** No call before this time while there is a token to serve. In the engine's time. */
  readonly retryAt: number;
  /** The same while there is no token: callers that wait get another try sooner. */
  readonly coldRetryAt: number;
}

/** Milliseconds. One bogus header must not stop all calls until a restart. */
export const MOST_RETRY_AFTER: number = 60 * 60_000;

/** What a failure means for the next tries. `random` from 0 to 1. */
export const failureAfter = (previous: Failure | undefined, error: AuthError, now: number, random: () => number): Failure => {
  const streak = (previous?.streak ?? 0) + 1;
  // The guard remembers refusals and sends nothing. Credentials that were fixed must not wait for a pause of the old ones.
  // An error may come from another copy of this package, which did not check it: NaN would never let another call go.
  const retryAfter = isRefused(error) ? 0 : Math.min(error.retryAfter || 0, MOST_RETRY_AFTER);
  return {
    error,
    streak,
    retryAt: now + Math.max(retryAfter, backOff(streak, random())),
    coldRetryAt: now + Math.max(retryAfter, error.retryable ? 250 + 750 * random() : 1_000 + 4_000 * random()),
  };
};

/** 30 to 60 s, doubled with every failure in a row, at most 10 minutes. */
const backOff = (streak: number, random: number): number => Math.min(30_000 * (1 + random) * 2 ** Math.min(streak - 1, 10), 600_000);
