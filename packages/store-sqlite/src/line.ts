import { type Clock, sleep } from '@auth/core';
import { isContention } from './errors.ts';

/**
 * Runs one attempt after another, in the order in which they came. An attempt that fails because the file is locked by others is repeated
 * while the rest wait behind it. An attempt whose time is over rejects with that failure, and is never tried again.
 */
export type Line = <T>(attempt: () => Promise<T>) => Promise<T>;

/** Milliseconds for each attempt, waiting included. Below the engine's second, so that nothing is written after the engine has given up. */
const PATIENCE = 900;

/** Milliseconds between tries, more or less, so that processes do not keep in step. The event loop goes on meanwhile. */
const BETWEEN_TRIES = 10;

/** Milliseconds after which the event loop gets a moment, while attempts that have waited follow one another. */
const AT_A_GO = 10;

export const createLine = (clock: Clock): Line => {
  let last: Promise<void> | undefined;
  /** The failure that makes attempts wait, for as long as any of them do. */
  let contention: unknown;
  let resumedAt = 0;

  const pause = async (milliseconds: number): Promise<void> => {
    await sleep(clock, milliseconds, { ref: true });
    resumedAt = clock.monotonic();
  };
  const patiently = async <T>(attempt: () => Promise<T>, end: number): Promise<T> => {
    for (;;) {
      if (contention !== undefined && clock.monotonic() - resumedAt >= AT_A_GO) await pause(0);
      if (contention !== undefined && clock.monotonic() >= end) throw contention;
      try {
        return await attempt();
      } catch (error) {
        if (!isContention(error)) throw error;
        contention = error;
      }
      await pause(BETWEEN_TRIES * (0.5 + Math.random()));
    }
  };

  return async (attempt) => {
    const end = clock.monotonic() + PATIENCE;
    const before = last;
    const { promise: mine, resolve: leave } = Promise.withResolvers<void>();
    last = mine;
    try {
      if (before) await before;
      return await patiently(attempt, end);
    } finally {
      if (last === mine) last = contention = undefined;
      leave();
    }
  };
};
