import type { AuthorityStatus } from '../provider.ts';
import { type Entry, endOf, stateOf, type Timing } from './entry.ts';
import { isRefused } from './guard.ts';

/** What a status is made of. */
export interface StatusFacts {
  readonly provider: string;
  readonly authority: string;
  readonly entry: Entry;
  readonly timing: Timing;
  readonly attemptsLeft: number | null;
}

/** What a health page shows. Times are told by the wall clock, and counted by the monotonic one. */
export const statusOf = ({ provider, authority, entry, timing, attemptsLeft }: StatusFacts): AuthorityStatus => {
  const { token, episode } = entry;
  const { clock } = timing;
  const state = stateOf(entry, timing);
  const failure = episode?.failure;
  const offset = clock.now() - clock.monotonic();
  const isUsable = token !== undefined && state !== 'expired';
  const end = token === undefined ? null : endOf(token, entry, timing);
  return {
    provider,
    authority,
    state: failure && isRefused(failure.error) && !isUsable ? 'refused' : state,
    // Up, as the entry holds whole milliseconds that were rounded down.
    expiresAt: end === null ? null : Math.ceil(offset + end),
    nextRefreshAt: end === null ? null : Math.round(offset + Math.max(entry.advisoryAt, failure?.retryAt ?? 0)),
    lastSuccessAt: token?.issuedAt ?? null,
    lastError: failure?.error.code ?? null,
    attemptsLeft,
    holdsLease: episode?.holdsLease ?? false,
  };
};
