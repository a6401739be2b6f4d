import type { Token } from '../../authority.ts';
import type { EngineContext } from '../context.ts';
import { lifeLeft } from '../lifetime.ts';
import { afterTakeOver } from '../refused-tokens.ts';
import type { Obtained } from '../renewal.ts';
import type { Subject } from '../subject.ts';

/**
 * Makes a stored token the subject's current one if it is new to this process. Returns `undefined` if it is not, or must be renewed
 * first.
 */
export const takeOver = (
  { timing, report }: EngineContext,
  id: string,
  subject: Subject,
  { token, vain }: { readonly token: Token | null; readonly vain: number },
): Obtained | undefined => {
  const { clock, time } = timing;
  if (token === null || subject.isForgotten() || !subject.isNews(token)) return undefined;
  const now = clock.now();
  const left = lifeLeft(token, now);
  if (left <= 0) return undefined;
  const isFirst = subject.token === undefined;
  subject.setToken(token, time.now() + left, timing);
  const refusals = afterTakeOver(subject.activity?.refusals, vain, now - token.issuedAt, clock.monotonic());
  if (refusals) subject.activityOrNew().refusals = refusals;
  const state = subject.state(timing);
  // A token that is due for renewal is good enough for a subject that has none.
  if (state !== 'fresh' && !(isFirst && state === 'advisory')) return undefined;
  report(id, { type: 'adopted' });
  return { token, issued: undefined };
};
