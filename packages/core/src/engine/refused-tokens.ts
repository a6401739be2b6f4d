import type { Token } from '../authority.ts';
import type { EngineContext } from './context.ts';
import type { Refusals, Subject } from './subject.ts';

/*
 * A token that is refused is given up, and the next one is tried. If that one is refused too, the renewal was in vain, and another would
 * most likely be in vain as well: the endpoint may refuse everybody, or the vendor may need a moment. So each token of such a streak is
 * kept for a pause, and the pauses grow.
 */

/** Milliseconds. */
const [SECOND, MINUTE] = [1_000, 60_000];

/** Milliseconds without a refusal, after which the refusals before mean nothing. */
const QUIET = 10 * MINUTE;

/** Tokens without an end stay valid at the vendor after they were given up, so fewer of them are requested. */
const PERMANENT: readonly number[] = [0, SECOND, 10 * MINUTE, 60 * MINUTE];

/** The pause after this many tokens were given up, in milliseconds. */
const pauseAfter = (streak: number, { expiresAt }: Token): number =>
  expiresAt === null ? (PERMANENT[Math.min(streak, PERMANENT.length - 1)] ?? 0) : streak && Math.min(SECOND * 2 ** (streak - 1), MINUTE);

/** What the streak counts now. */
const streakAt = (refusals: Refusals | undefined, now: number): number =>
  refusals && now - refusals.refusedAt < QUIET ? refusals.streak : 0;

/**
 * What it counts for the current token. At least 1: even after a long time without a refusal a new token is tried for a moment, because
 * some vendors accept each new one late.
 */
const streakOf = (refusals: Refusals): number => streakAt(refusals, refusals.since) || Math.min(refusals.streak, 1);

/**
 * Learns that the vendor refused a token. Resolves to what to remember when it is given up, or to `null` if it stays, because a renewal
 * would be in vain. `isEnded` asks the vendor about this very token.
 */
export const learnRefusal = async (
  { timing, report }: EngineContext,
  id: string,
  subject: Subject,
  token: Token,
  isEnded: ((token: Token) => Promise<boolean>) | undefined,
): Promise<Refusals | undefined | null> => {
  const { monotonic } = timing.clock;
  const isHeld = (): boolean => subject.token?.value === token.value;
  const before = subject.activity?.refusals;
  if (!isHeld()) return before;
  const now = monotonic();
  if (before && subject.token) {
    const streak = streakOf(before);
    const pause = before.since + pauseAfter(streak, subject.token) - now;
    if (pause > 0) {
      subject.activityOrNew().refusals = { ...before, streak, refusedAt: now, isReported: true };
      if (!before.isReported) report(id, { type: 'renewal_in_vain', pause: Math.ceil(pause) });
      return null;
    }
    if (isEnded && !(await isEnded(token).catch(() => false))) {
      // Meanwhile it may have been given up for another reason.
      if (!isHeld()) return subject.activity?.refusals;
      subject.activityOrNew().refusals = { streak: 0, since: before.since, refusedAt: now, isReported: false };
      return null;
    }
  }
  return { streak: streakAt(before, now) + 1, since: now, refusedAt: now, isReported: false };
};

/**
 * The streak after another process's token was taken over, `age` milliseconds after it was issued. `vain` is what that process knew. A
 * first refusal only counts: the next token may be good, so a refusal of it is not in vain yet.
 */
export const afterTakeOver = (own: Refusals | undefined, vain: number, age: number, now: number): Refusals | undefined => {
  if (!own && vain === 0) return undefined;
  const since = now - Math.max(age, own || vain > 1 ? 0 : SECOND);
  return { streak: Math.max(own ? streakOf(own) : 0, vain), since, refusedAt: since, isReported: false };
};

/** The streak to store beside a new token. `vain` is what others have stored meanwhile. */
export const streakToStore = (own: Refusals | undefined, vain: number, now: number): number => Math.max(streakAt(own, now), vain);
