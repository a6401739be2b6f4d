import type { Fetch } from '../authority.ts';
import type { Clock } from '../clock.ts';

/** Milliseconds. Slower answers say too little about the time, because nobody knows when they were dated. */
const LONGEST_ROUND_TRIP = 5_000;
/** Milliseconds. `Date` has whole seconds and answers take time; a smaller difference says nothing about the clocks. */
const LEAST_SKEW = 5_000;
/** Beyond a day no certificate would be valid: such a clock is wrong on purpose, in a test. */
const MOST_SKEW = 24 * 60 * 60_000;
/** On average `Date` is half a second behind. */
const HALF_A_SECOND = 500;

/** A clock that tells the vendor's time, once it has learnt it: machines whose own clocks differ then agree about stored tokens. */
export interface ServerClock extends Clock {
  /**
   * How far the vendor's clock is ahead of this machine's, in milliseconds; 0 while nothing is known, below five seconds, and beyond a
   * day.
   */
  readonly skew: () => number;
  /** Learns from an answer; `sentAt` is the monotonic time when its request was sent. Ignores cached answers (`Age`) and slow ones. */
  readonly learn: (headers: Headers, sentAt: number) => void;
  /** The vendor's time at a monotonic moment, even one before the answer that told the time. */
  readonly at: (monotonic: number) => number;
}

/**
 * Corrects a clock by the `Date` of the vendor's answers.
 *
 * @example
 * ```ts
 * const clock = serverClock(systemClock);
 * const http = createHttp({ provider: 'acme', baseUrl, fetch, headersOf, explain, clock });
 * const sentAt = clock.monotonic();
 * const { token } = await api.createToken(credentials);
 * const issuedAt = clock.at(sentAt);
 * ```
 */
export const serverClock = (clock: Clock): ServerClock => {
  let skew = 0;
  return {
    monotonic: clock.monotonic,
    after: clock.after,
    now: () => clock.now() + skew,
    skew: () => skew,
    at: (monotonic) => Math.round(clock.now() + skew - (clock.monotonic() - monotonic)),
    learn: (headers, sentAt) => {
      const roundTrip = clock.monotonic() - sentAt;
      const date = Date.parse(headers.get('date') ?? '');
      if (headers.has('age') || roundTrip > LONGEST_ROUND_TRIP || Number.isNaN(date)) return;
      const difference = date + HALF_A_SECOND - (clock.now() - roundTrip / 2);
      const size = Math.abs(difference);
      skew = size < LEAST_SKEW || size > MOST_SKEW ? 0 : difference;
    },
  };
};

/**
 * A transport whose answers teach the clock. For providers that sign requests themselves, and so make no call of their own to learn from;
 * `createHttp` learns without it.
 */
export const learningFetch =
  (fetch: Fetch, clock: ServerClock): Fetch =>
  async (input, init) => {
    const sentAt = clock.monotonic();
    const response = await fetch(input, init);
    clock.learn(response.headers, sentAt);
    return response;
  };
