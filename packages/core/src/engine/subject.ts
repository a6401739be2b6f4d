import type { Token } from '../authority.ts';
import type { Clock } from '../clock.ts';
import type { AuthError } from '../errors.ts';
import { type Failure, failureAfter } from './back-off.ts';
import type { EngineTime } from './engine-time.ts';
import type { Flight } from './flight.ts';
import { type TokenState, tokenState, type WindowOverrides, type Windows, windowsFor } from './token-state.ts';

/** How an engine counts time. The random numbers keep the processes of a fleet from doing everything at the same moment. */
export interface Timing {
  readonly clock: Clock;
  readonly time: EngineTime;
  readonly overrides: WindowOverrides;
  /** From 0 to 1, the same for all tokens of this engine. */
  readonly jitter: number;
  /** From 0 to 1, another number at each call. */
  readonly random: () => number;
}

/** State that most subjects do not have: a renewal under way, the last failure, discarded tokens. */
export interface Activity {
  flight: Flight<Token> | undefined;
  failure: Failure | undefined;
  /** Values of tokens that ended or were rejected: never taken from the store again. */
  discarded: readonly string[];
  /** Tokens that were refused in a row, while there is such trouble. */
  refusals: Refusals | undefined;
  /** The refresh token for the next call of the source, and whether the store has it. */
  refreshToken: KnownRefreshToken | undefined;
  holdsLease: boolean;
  /** The subject or its engine is gone. Another `Subject` may have taken its place. */
  isForgotten: boolean;
}

/** The streak of one subject. Remembered only until a renewal proves not to be in vain. */
export interface Refusals {
  /** How many tokens in a row were given up. 0: the vendor said that the current token is alive, although it was refused. */
  readonly streak: number;
  /** Since when the current token is held. While there is none, when the last one was given up. Monotonic milliseconds. */
  readonly since: number;
  /** When a token was refused last, in monotonic milliseconds. */
  readonly refusedAt: number;
  /** Whether observers were told that the current token was refused in vain. */
  readonly isReported: boolean;
}

/** What a process knows about a refresh token. */
export interface KnownRefreshToken {
  readonly value: string | null;
  readonly isSaved: boolean;
  /** It counts beside these marks of a sent refresh token in the store. `null` stands for no mark. */
  readonly newerThan: readonly (string | null)[];
  /** The refresh tokens of the store that it replaces. Another one there was saved since. Empty if nobody could look. */
  readonly replaces: readonly (string | null)[];
  /** The adoption that the store did not take. Renewals pass it on. */
  readonly adoption: Adoption | null;
}

/** An adoption, by a random id. Every refresh token that comes of it has it too. */
export interface Adoption {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How many replaced refresh tokens are remembered. */
const MOST_REPLACED = 4;

/** How many discarded values are remembered: more than can come back from a store in practice. */
const MOST_DISCARDED = 4;

/** One subject in memory. As small as possible, because there may be a hundred thousand. */
export class Subject {
  token: Token | undefined = undefined;
  /** Until then the token is served without another look. Whole milliseconds of the engine's time, because those take no memory of their own. */
  advisoryAt: number = 0;
  /** What is under way, and what is remembered besides the token. Most subjects have nothing of the kind. */
  activity: Activity | undefined = undefined;

  /** The activity, a new one if there is none. */
  activityOrNew(): Activity {
    this.activity ??= {
      flight: undefined,
      failure: undefined,
      discarded: [],
      refusals: undefined,
      refreshToken: undefined,
      holdsLease: false,
      isForgotten: false,
    };
    return this.activity;
  }

  /** Drops the activity when there is nothing in it. */
  dropEmptyActivity(): void {
    if (!this.activity) return;
    const { flight, failure, refusals, discarded, refreshToken, holdsLease, isForgotten } = this.activity;
    if (!(flight || failure || refusals || discarded.length > 0 || refreshToken || holdsLease || isForgotten)) this.activity = undefined;
  }

  /** Whether nothing but the token needs to be kept. */
  isIdle(now: number): boolean {
    const { activity } = this;
    return (
      !activity ||
      !(
        activity.flight ||
        activity.holdsLease ||
        activity.refreshToken?.isSaved === false ||
        (activity.failure && now < activity.failure.retryAt)
      )
    );
  }

  /** Whether the subject, or the engine, is gone. */
  isForgotten(): boolean {
    return this.activity?.isForgotten ?? false;
  }

  /** Cuts the subject off: what is still under way for it no longer changes anything. */
  forget(): void {
    this.activityOrNew().isForgotten = true;
    this.token = undefined;
    this.advisoryAt = 0;
  }

  /** Makes the token current. `until` is its end, in the engine's time. */
  setToken(token: Token, until: number, timing: Timing): void {
    this.token = token;
    timing.time.hold(token);
    this.advisoryAt = token.expiresAt === null ? Number.POSITIVE_INFINITY : Math.floor(until - windowsOf(token, timing).advisory);
    const { activity } = this;
    if (!activity) return;
    activity.failure = undefined;
    if (activity.refusals) activity.refusals = { ...activity.refusals, since: timing.clock.monotonic(), isReported: false };
  }

  /** Discards the token with this value for good. */
  discard(value: string): void {
    const activity = this.activityOrNew();
    activity.discarded = [...activity.discarded, value].slice(-MOST_DISCARDED);
    if (this.token?.value !== value) return;
    this.token = undefined;
    this.advisoryAt = 0;
  }

  /** How far the token is through its life. */
  state(timing: Timing): TokenState {
    const { token } = this;
    if (!token) return 'empty';
    const [now, end] = [timing.time.now(), this.end(token, timing)];
    const state = tokenState({ expiresAt: end }, now, windowsOf(token, timing));
    return state === 'expired' && end !== null && timing.time.isOverByLeap(token, end, now) ? 'mandatory' : state;
  }

  /** The end of the current token in the engine's time, `null` if it does not end. */
  end(token: Token, timing: Timing): number | null {
    return token.expiresAt === null ? null : this.advisoryAt + windowsOf(token, timing).advisory;
  }

  /** The token, unless it has ended. */
  liveToken(timing: Timing): Token | undefined {
    return this.state(timing) === 'expired' ? undefined : this.token;
  }

  /** Whether a stored token is neither the current one nor a discarded one. */
  isNews({ value }: Token): boolean {
    return value !== this.token?.value && !this.activity?.discarded.includes(value);
  }

  /** Remembers a refresh token that the store has. */
  rememberSaved(value: string | null): void {
    if (value !== null) this.activityOrNew().refreshToken = { value, isSaved: true, newerThan: [null], replaces: [value], adoption: null };
    else if (this.activity !== undefined) this.activity.refreshToken = undefined;
  }

  /**
   * Remembers a refresh token that only this process has. `null`: there is none any more. If nobody here knew of one before, it counts as
   * adopted by `origin`, so that it yields to what is adopted later elsewhere.
   */
  rememberHere(value: string | null, origin: Adoption | null = null): void {
    const known = this.activity?.refreshToken;
    const adoption = known ? (known.isSaved ? null : known.adoption) : origin;
    const replaces = known ? [...known.replaces, known.value].slice(-MOST_REPLACED) : [];
    if (value !== null) this.activityOrNew().refreshToken = { value, isSaved: false, newerThan: [null], replaces, adoption };
    else if (this.activity !== undefined) this.activity.refreshToken = undefined;
  }

  /** Remembers a failure until the next success. */
  recordFailure(error: AuthError, { time, random }: Timing): void {
    const activity = this.activityOrNew();
    activity.failure = failureAfter(activity.failure, error, time.now(), random);
  }
}

const windowsOf = ({ issuedAt, expiresAt }: Token, { overrides, jitter }: Timing): Windows =>
  windowsFor(expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - issuedAt, overrides, jitter);
