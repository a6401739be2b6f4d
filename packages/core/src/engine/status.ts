import type { AuthorityStatus } from '../authority.ts';
import { isRefused } from './credential-guard.ts';
import { endOf, type Subject, stateOf, type Timing } from './subject.ts';

/** What a status is made of. */
export interface StatusFacts {
  readonly provider: string;
  readonly authority: string;
  readonly subject: Subject;
  readonly timing: Timing;
  readonly attemptsLeft: number | null;
}

/** The status for a health page. Times are shown by the wall clock, and counted by the monotonic one. */
export const statusOf = ({ provider, authority, subject, timing, attemptsLeft }: StatusFacts): AuthorityStatus => {
  const { token, activity } = subject;
  const { clock } = timing;
  const state = stateOf(subject, timing);
  const failure = activity?.failure;
  const offset = clock.now() - clock.monotonic();
  const isUsable = token !== undefined && state !== 'expired';
  const end = token === undefined ? null : endOf(token, subject, timing);
  return {
    provider,
    authority,
    state: failure && isRefused(failure.error) && !isUsable ? 'refused' : state,
    // Rounded up, because the subject holds whole milliseconds that were rounded down.
    expiresAt: end === null ? null : Math.ceil(offset + end),
    nextRefreshAt: end === null ? null : Math.round(offset + Math.max(subject.advisoryAt, failure?.retryAt ?? 0)),
    lastSuccessAt: token?.issuedAt ?? null,
    lastError: failure?.error.code ?? null,
    attemptsLeft,
    holdsLease: activity?.holdsLease ?? false,
  };
};
