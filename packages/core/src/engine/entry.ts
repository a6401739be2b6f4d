import type { Clock } from '../clock.ts';
import type { AuthError } from '../errors.ts';
import type { Token } from '../provider.ts';
import { classify, type TokenState, type WindowOverrides, type Windows, windowsFor } from './classify.ts';
import type { Flight } from './flight.ts';

/** What one subject takes in memory. Flat and small, as there may be a hundred thousand. */
export interface Entry {
  token: Token | undefined;
  /** Monotonic milliseconds, `Infinity` for a token that does not end. */
  expiresAt: number;
  /** The same; up to here the token is served without a further look. */
  advisoryAt: number;
  /** What the source kept last. */
  grant: string | null;
  /** What goes on, and what went wrong. Most subjects have none. */
  episode: Episode | undefined;
  /** The subject is gone, or the engine is. Another entry may have taken its place. */
  isForgotten: boolean;
}

/** What is there only while something goes on with a subject. */
export interface Episode {
  flight: Flight<Token> | undefined;
  failure: Failure | undefined;
  /** Values that ended or were rejected: never taken back from the store. */
  dead: readonly string[];
  /** A grant that the store has not been told of, as it was down. */
  unsavedGrant: string | undefined;
  holdsLease: boolean;
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
const MOST_DEAD = 4;

export const emptyEntry = (): Entry => ({
  token: undefined,
  expiresAt: 0,
  advisoryAt: 0,
  grant: null,
  episode: undefined,
  isForgotten: false,
});

export const episodeOf = (entry: Entry): Episode => {
  entry.episode ??= { flight: undefined, failure: undefined, dead: [], unsavedGrant: undefined, holdsLease: false };
  return entry.episode;
};

/** Drops the episode when there is nothing in it. */
export const tidy = (entry: Entry): void => {
  const { episode } = entry;
  if (episode === undefined || episode.flight || episode.failure || episode.holdsLease) return;
  if (episode.dead.length === 0 && episode.unsavedGrant === undefined) entry.episode = undefined;
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

/** Makes the token current. Its life runs on the monotonic clock from here. */
export const hold = (entry: Entry, token: Token, left: number, timing: Timing): void => {
  const now = timing.clock.monotonic();
  entry.token = token;
  // Whole milliseconds, rounded to the safe side, take less memory.
  entry.expiresAt = left === Number.POSITIVE_INFINITY ? left : Math.floor(now + left);
  entry.advisoryAt = left === Number.POSITIVE_INFINITY ? left : Math.floor(now + left - windowsOf(token, timing).advisory);
  if (entry.episode !== undefined) entry.episode.failure = undefined;
};

/** Gives the token up for good. */
export const bury = (entry: Entry, value: string): void => {
  const episode = episodeOf(entry);
  episode.dead = [...episode.dead.filter((other) => other !== value), value].slice(-MOST_DEAD);
  if (entry.token?.value === value) {
    entry.token = undefined;
    entry.advisoryAt = 0;
  }
};

export const stateOf = ({ token, expiresAt }: Entry, timing: Timing): TokenState =>
  classify(
    token && { expiresAt: token.expiresAt === null ? null : expiresAt },
    timing.clock.monotonic(),
    token ? windowsOf(token, timing) : NO_WINDOWS,
  );

const NO_WINDOWS: Windows = { advisory: 0, mandatory: 0 };

/** Milliseconds left by the wall clock, but never more than it was issued for: a clock that went back gives no second life. */
export const lifeLeft = ({ issuedAt, expiresAt }: Token, now: number): number =>
  expiresAt === null ? Number.POSITIVE_INFINITY : Math.min(expiresAt - now, expiresAt - issuedAt);

/** Whether a stored token is another one than the one that is held or was given up. */
export const isNews = ({ value }: Token, { token, episode }: Entry): boolean => value !== token?.value && !episode?.dead.includes(value);

/** What a failure means for the next tries. `random` from 0 to 1. */
export const failureAfter = (previous: Failure | undefined, error: AuthError, now: number, random: () => number): Failure => {
  const streak = (previous?.streak ?? 0) + 1;
  const retryAfter = error.retryAfter ?? 0;
  return {
    error,
    streak,
    retryAt: now + Math.max(retryAfter, backOff(streak, random())),
    coldRetryAt: now + Math.max(retryAfter, error.retryable ? 250 + 750 * random() : 1_000 + 4_000 * random()),
  };
};

/** 30 to 60 s, doubled with every failure in a row, at most 10 minutes. */
const backOff = (streak: number, random: number): number => Math.min(30_000 * (1 + random) * 2 ** Math.min(streak - 1, 10), 600_000);
