import type { Token } from '../authority.ts';

/** Milliseconds left by the wall clock, but never more than the token was issued for: a clock that was set back gives no second life. */
export const lifeLeft = ({ issuedAt, expiresAt }: Token, now: number): number =>
  expiresAt === null ? Number.POSITIVE_INFINITY : Math.min(expiresAt - now, expiresAt - issuedAt);

/** Milliseconds. Clocks count whole ones, and a vendor's time is known to half a second. */
const SLACK = 1_000;

/**
 * The same for a token that was requested at wall time `wall`, `passed` milliseconds ago. The wall clock may have been set meanwhile, in
 * either direction: of its old and its new time, the one that puts `issuedAt` within the round trip counts. If neither does, the shorter
 * life counts.
 */
export const lifeLeftSince = (token: Token, wall: number, passed: number, now: number): number => {
  const half = passed / 2;
  const [old, current] = [wall + passed, now];
  if (Math.abs(old - half - token.issuedAt) <= half + SLACK) return lifeLeft(token, old);
  if (Math.abs(current - half - token.issuedAt) <= half + SLACK) return lifeLeft(token, current);
  return Math.min(lifeLeft(token, old), lifeLeft(token, current));
};
