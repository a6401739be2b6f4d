import type { AuthorityStatus } from '../authority.ts';
import type { EngineContext } from './context.ts';
import { isRefused } from './engine-errors.ts';
import type { Subject } from './subject.ts';

/** The status for a health page. Times are shown by the wall clock, and kept in the engine's own. */
export const statusOf = (
  { timing, errors }: EngineContext,
  subject: Subject,
  facts: Pick<AuthorityStatus, 'authority' | 'attemptsLeft'>,
): AuthorityStatus => {
  const { token, activity } = subject;
  const { clock, time } = timing;
  const state = subject.state(timing);
  const failure = activity?.failure;
  const offset = clock.now() - time.now();
  const isUsable = token !== undefined && state !== 'expired';
  const end = token === undefined ? null : subject.end(token, timing);
  return {
    ...facts,
    provider: errors.provider,
    state: failure && isRefused(failure.error) && !isUsable ? 'refused' : state,
    // Rounded up, because the subject holds whole milliseconds that were rounded down.
    expiresAt: end === null ? null : Math.ceil(offset + end),
    nextRefreshAt: end === null ? null : Math.round(offset + Math.max(subject.advisoryAt, failure?.retryAt ?? 0)),
    lastSuccessAt: token?.issuedAt ?? null,
    lastError: failure?.error.code ?? null,
    holdsLease: activity?.holdsLease ?? false,
  };
};
