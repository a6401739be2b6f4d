import type { Clock } from '@auth/core';
import type { MiddlewareHandler } from 'hono';
import { Refusal, type Refusals } from './errors.ts';

/** How many calls the vendor takes. That of the sandbox plan is `{ perMinute: 30, perDay: 86_400 }`. */
export interface BudgeaRateLimit {
  readonly perMinute: number;
  readonly perDay: number;
  /** Sends `Retry-After`, in seconds. No source documents the header. Default `false`. */
  readonly retryAfter?: boolean | undefined;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What the limit is checked with. */
export interface RateLimiter {
  readonly middleware: MiddlewareHandler;
  readonly reset: () => void;
}

/** Counts calls. Assumptions: minutes and days begin with a call, and refused calls do not count. */
export const rateLimiter = (clock: Clock, refuse: Refusals, limit: BudgeaRateLimit | false): RateLimiter => {
  if (limit === false) return { middleware: (_, next) => next(), reset: () => {} };
  const windows = [window(clock, MINUTE, limit.perMinute), window(clock, DAY, limit.perDay)];
  return {
    middleware: async (_, next) => {
      const wait = Math.max(...windows.map((each) => each.wait()));
      if (wait === 0) {
        for (const each of windows) each.count();
        return next();
      }
      const { error } = refuse.rateLimited();
      throw new Refusal({ ...error, ...(limit.retryAfter && { headers: { 'retry-after': String(Math.ceil(wait / 1000)) } }) });
    },
    reset: () => {
      for (const each of windows) each.reset();
    },
  };
};

/** `wait` is 0 while there is room, else the milliseconds until there is. */
const window = (clock: Clock, length: number, most: number) => {
  let began = Number.NEGATIVE_INFINITY;
  let calls = 0;
  return {
    wait: (): number => (calls < most ? 0 : Math.max(0, began + length - clock.now())),
    count: (): void => {
      if (clock.now() >= began + length) {
        began = clock.now();
        calls = 0;
      }
      calls += 1;
    },
    reset: (): void => {
      began = Number.NEGATIVE_INFINITY;
      calls = 0;
    },
  };
};
