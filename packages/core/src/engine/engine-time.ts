import type { Token } from '../authority.ts';
import type { Clock } from '../clock.ts';

/** By how much the wall clock may get ahead unnoticed, in milliseconds. */
const SLACK = 1_000;

/** How often warm calls look at both clocks, in milliseconds. */
const LOOK_EVERY = 10_000;

/**
 * By how much the wall clock must be set back, in milliseconds, until a later step forward counts from there. The vendor's time, which is
 * learnt from its answers, goes back and forth by some seconds, and these must not add up.
 */
const SET_BACK = 60_000;

/**
 * The time in which the ends of tokens are kept: the monotonic clock, and all leaps by which the wall clock got ahead of it. While a
 * machine sleeps the monotonic clock may stand still, and the vendor's does not.
 *
 * A leap may also be a correction of the wall clock, so a token that is over because of the last leap alone is not thrown away.
 */
export class EngineTime {
  /** The sum of all leaps, in milliseconds. */
  ahead: number = 0;
  /** From then on a warm call has to look, too. Monotonic milliseconds. */
  lookAt: number = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  /** The wall clock minus the monotonic one, as far as it is known. */
  #offset: number | undefined = undefined;
  #lastLeap = 0;
  /** Tokens that became current after the last leap. Nothing is noted before the first one, so most processes note nothing. */
  #newer: WeakSet<Token> = new WeakSet();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The time now, after a look at both clocks. */
  now(): number {
    const { now: wall, monotonic } = this.#clock;
    const now = monotonic();
    const offset = wall() - now;
    const leap = offset - (this.#offset ?? offset);
    if (leap > SLACK) {
      this.ahead += leap;
      this.#lastLeap = leap;
      this.#newer = new WeakSet();
    }
    if (this.#offset === undefined || leap > SLACK || leap < -SET_BACK) this.#offset = offset;
    this.lookAt = now + LOOK_EVERY;
    return now + this.ahead;
  }

  /** Notes that the token is current from now on. */
  hold(token: Token): void {
    if (this.ahead > 0) this.#newer.add(token);
  }

  /** Whether a current token that ended at `end` would not have ended without the last leap. */
  isOverByLeap(token: Token, end: number, now: number): boolean {
    return end > now - this.#lastLeap && !this.#newer.has(token);
  }
}
