import type { Token } from '../authority.ts';
import type { Clock } from '../clock.ts';
import type { AuthError } from '../errors.ts';
import type { Flight } from './flight.ts';
import { type TokenState, tokenState, type WindowOverrides, type Windows, windowsFor } from './token-state.ts';

/** What one subject takes in memory. As small as can be, as there may be a hundred thousand. */
export interface Subject {
  token: Token | undefined;
  /** Monotonic milliseconds, whole ones, as these take no memory of their own: up to here the token is served without a further look. */
  advisoryAt: number;
  /** What goes on, and what is remembered beside the token. Most subjects have none. */
  activity: Activity | undefined;
}

/** What a subject has only at times. */
export interface Activity {
  flight: Flight<Token> | undefined;
  failure: Failure | undefined;
  /** Values that ended or were rejected: never taken back from the store. */
  discarded: readonly string[];
  /** What the source is called with next, and whether the store has it. */
  refreshToken: KnownRefreshToken | undefined;
  holdsLease: boolean;
  /** The subject is gone, or the engine is. Another entry may have taken its place. */
  isForgotten: boolean;
}

/** What a process knows of a refresh token. */
export interface KnownRefreshToken {
  readonly value: string | null;
  readonly isSaved: boolean;
  /** The mark in the store that says it was sent, where this process knows better: this is what came of it. */
  readonly mark?: string | undefined;
}

/** The last failure, until a success. */
export interface Failure {
  readonly error: AuthError;
  readonly streak: number;
  /** Monotonic milliseconds: no call before, while there is a token to serve. */
  readonly retryAt: number;
  /** The same where there is none: callers that wait get another try sooner. */
  readonly coldRetryAt: number;
}

/** So many dead values are remembered: more than can come back from a store in practice. */
const MOST_DISCARDED = 4;

/** A subject of which nothing is known yet. */
export const emptySubject = (): Subject => ({ token: undefined, advisoryAt: 0, activity: undefined });

/** The episode of a subject, a new one if there is none. */
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

/** Drops the episode when there is nothing in it. */
export const dropIdle = (subject: Subject): void => {
  const { activity } = subject;
  if (!activity || activity.failure || activity.refreshToken || activity.discarded.length > 0 || activity.isForgotten) return;
  if (isIdle(subject, 0)) subject.activity = undefined;
};

/** Whether nothing of it is needed but the token. */
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

/** Cuts the entry off: what is still under way for it changes nothing any more. */
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

/** Makes the token current, until so many milliseconds of the monotonic clock. */
export const setToken = (subject: Subject, token: Token, until: number, timing: Timing): void => {
  subject.token = token;
  subject.advisoryAt = token.expiresAt === null ? Number.POSITIVE_INFINITY : Math.floor(until - windowsOf(token, timing).advisory);
  if (subject.activity) subject.activity.failure = undefined;
};

/** Monotonic milliseconds, `null` for a token that does not end. */
export const endOf = (token: Token, { advisoryAt }: Subject, timing: Timing): number | null =>
  token.expiresAt === null ? null : advisoryAt + windowsOf(token, timing).advisory;

/** Gives the token up for good. */
export const discard = (subject: Subject, value: string): void => {
  const activity = activityOf(subject);
  activity.discarded = [...activity.discarded, value].slice(-MOST_DISCARDED);
  if (subject.token?.value === value) {
    subject.token = undefined;
    subject.advisoryAt = 0;
  }
};

/** How far the token of a subject has come in its life. */
export const stateOf = (subject: Subject, timing: Timing): TokenState => {
  const { token } = subject;
  if (!token) return 'empty';
  return tokenState({ expiresAt: endOf(token, subject, timing) }, timing.clock.monotonic(), windowsOf(token, timing));
};

/** Milliseconds left by the wall clock, but never more than it was issued for: a clock that went back gives no second life. */
export const lifeLeft = ({ issuedAt, expiresAt }: Token, now: number): number =>
  expiresAt === null ? Number.POSITIVE_INFINITY : Math.min(expiresAt - now, expiresAt - issuedAt);

/** Clocks tell whole milliseconds, and a vendor's time is known to half a second. */
const SLACK = 1_000;

/**
 * The same for a token that was asked for at `wall`, `passed` milliseconds ago, where the wall clock may have been set meanwhile, in
 * either direction: it is judged by the clock that it was dated with.
 */
export const lifeLeftSince = (token: Token, wall: number, passed: number, now: number): number => {
  const half = passed / 2;
  const clocks = [wall + passed, now];
  const ending = clocks.find((end) => Math.abs(end - half - token.issuedAt) <= half + SLACK);
  return Math.min(...(ending === undefined ? clocks : [ending]).map((end) => lifeLeft(token, end)));
};

/** Whether a stored token is another one than the one that is held or was given up. */
export const isNews = ({ value }: Token, { token, activity }: Subject): boolean =>
  value !== token?.value && !activity?.discarded.includes(value);

/** One bogus header is no reason to ask nothing until a restart. */
const MOST_RETRY_AFTER = 60 * 60_000;

/** What a failure means for the next tries. `random` from 0 to 1. */
export const failureAfter = (previous: Failure | undefined, error: AuthError, now: number, random: () => number): Failure => {
  const streak = (previous?.streak ?? 0) + 1;
  const retryAfter = Math.min(error.retryAfter ?? 0, MOST_RETRY_AFTER);
  return {
    error,
    streak,
    retryAt: now + Math.max(retryAfter, backOff(streak, random())),
    coldRetryAt: now + Math.max(retryAfter, error.retryable ? 250 + 750 * random() : 1_000 + 4_000 * random()),
  };
};

/** 30 to 60 s, doubled with every failure in a row, at most 10 minutes. */
const backOff = (streak: number, random: number): number => Math.min(30_000 * (1 + random) * 2 ** Math.min(streak - 1, 10), 600_000);
