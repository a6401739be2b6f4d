import type { Token } from '../authority.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from './back-off.ts';
import type { Flight } from './flight.ts';
import { type TokenState, tokenState, type WindowOverrides, type Windows, windowsFor } from './token-state.ts';

/** One subject in memory. As small as possible, because there may be a hundred thousand. */
export interface Subject {
  token: Token | undefined;
  /** Until then the token is served without another look. Whole monotonic milliseconds, because those take no memory of their own. */
  advisoryAt: number;
  /** What is under way, and what is remembered besides the token. Most subjects have none. */
  activity: Activity | undefined;
}

/** State that most subjects do not have: a renewal under way, the last failure, discarded tokens. */
export interface Activity {
  flight: Flight<Token> | undefined;
  failure: Failure | undefined;
  /** Values of tokens that ended or were rejected: never taken from the store again. */
  discarded: readonly string[];
  /** The refresh token for the next call of the source, and whether the store has it. */
  refreshToken: KnownRefreshToken | undefined;
  holdsLease: boolean;
  /** The subject or its engine is gone. Another `Subject` may have taken its place. */
  isForgotten: boolean;
}

/** What a process knows about a refresh token. */
export interface KnownRefreshToken {
  readonly value: string | null;
  readonly isSaved: boolean;
  /** The store's mark that the refresh token was sent, if this process knows what the store does not: the outcome is `value`. */
  readonly mark?: string | undefined;
}

/** How many discarded values are remembered: more than can come back from a store in practice. */
const MOST_DISCARDED = 4;

/** A subject about which nothing is known yet. */
export const emptySubject = (): Subject => ({ token: undefined, advisoryAt: 0, activity: undefined });

/** The activity of a subject, a new one if it has none. */
export const activityOf = (subject: Subject): Activity => {
  subject.activity ??= {
    flight: undefined,
    failure: undefined,
    discarded: [],
    refreshToken: undefined,
    holdsLease: false,
    isForgotten: false,
  };
  return subject.activity;
};

/** Drops the activity when there is nothing in it. */
export const dropIdle = (subject: Subject): void => {
  const { activity } = subject;
  if (!activity || activity.failure || activity.refreshToken || activity.discarded.length > 0 || activity.isForgotten) return;
  if (isIdle(subject, 0)) subject.activity = undefined;
};

/** Whether nothing but the token needs to be kept. */
export const isIdle = ({ activity }: Subject, now: number): boolean =>
  !activity ||
  !(
    activity.flight ||
    activity.holdsLease ||
    activity.refreshToken?.isSaved === false ||
    (activity.failure && now < activity.failure.retryAt)
  );

/** Whether the subject, or the engine, is gone. */
export const isForgotten = ({ activity }: Subject): boolean => activity?.isForgotten ?? false;

/** Cuts the subject off: what is still under way for it no longer changes anything. */
export const forgetSubject = (subject: Subject): void => {
  activityOf(subject).isForgotten = true;
  subject.token = undefined;
  subject.advisoryAt = 0;
};

/** How an engine counts time: its clock, its windows, and its place in the fleet. */
export interface Timing {
  readonly clock: Clock;
  readonly overrides: WindowOverrides;
  /** From 0 to 1. */
  readonly jitter: number;
}

const windowsOf = ({ issuedAt, expiresAt }: Token, { overrides, jitter }: Timing): Windows =>
  windowsFor(expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - issuedAt, overrides, jitter);

/** Makes the token current. `until` is its end, in monotonic milliseconds. */
export const setToken = (subject: Subject, token: Token, until: number, timing: Timing): void => {
  subject.token = token;
  subject.advisoryAt = token.expiresAt === null ? Number.POSITIVE_INFINITY : Math.floor(until - windowsOf(token, timing).advisory);
  if (subject.activity) subject.activity.failure = undefined;
};

/** The end of the token in monotonic milliseconds, `null` if it does not end. */
export const endOf = (token: Token, { advisoryAt }: Subject, timing: Timing): number | null =>
  token.expiresAt === null ? null : advisoryAt + windowsOf(token, timing).advisory;

/** Discards the token with this value for good. */
export const discard = (subject: Subject, value: string): void => {
  const activity = activityOf(subject);
  activity.discarded = [...activity.discarded, value].slice(-MOST_DISCARDED);
  if (subject.token?.value === value) {
    subject.token = undefined;
    subject.advisoryAt = 0;
  }
};

/** How far the token of a subject is through its life. */
export const stateOf = (subject: Subject, timing: Timing): TokenState => {
  const { token } = subject;
  if (!token) return 'empty';
  return tokenState({ expiresAt: endOf(token, subject, timing) }, timing.clock.monotonic(), windowsOf(token, timing));
};

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
  const clocks = [wall + passed, now];
  const ending = clocks.find((end) => Math.abs(end - half - token.issuedAt) <= half + SLACK);
  return Math.min(...(ending === undefined ? clocks : [ending]).map((end) => lifeLeft(token, end)));
};

/** Whether a stored token is neither the current one nor a discarded one. */
export const isNews = ({ value }: Token, { token, activity }: Subject): boolean =>
  value !== token?.value && !activity?.discarded.includes(value);

/** Remembers a refresh token in this process, for when the store is down. */
export const remember = (subject: Subject, value: string | null, isSaved: boolean): void => {
  if (value !== null) activityOf(subject).refreshToken = { value, isSaved };
  else if (subject.activity !== undefined) subject.activity.refreshToken = undefined;
};
