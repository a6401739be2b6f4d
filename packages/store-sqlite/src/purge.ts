import type { Clock } from '@auth/core';
import type { Access } from './access.ts';

/** Removes expired entries, a few at a time, because each removal blocks the process. */
export interface Purge {
  /** To be called after every write. */
  readonly afterWrite: () => void;
  readonly stop: () => void;
}

const WRITES = 50;
/** More than were written meanwhile, so that writing alone keeps the file bounded. */
const AFTER_WRITES = 100;

const EVERY = 60_000;
const AT_ONCE = 500;
/** Milliseconds, while there is more to remove. */
const SOON = 1_000;

/** Purges from now on: after writes, and by a timer that does not keep the process alive. */
export const startPurge = ({ tryUse }: Access, clock: Clock): Purge => {
  let writes = 0;
  let cancel = (): void => {};

  const schedule = (delay: number): void => {
    cancel = clock.after(delay, () => {
      let removed = 0;
      tryUse(({ purge }) => {
        removed = purge(clock.now(), AT_ONCE);
      });
      schedule(removed < AT_ONCE ? EVERY : SOON);
    });
  };
  schedule(EVERY);

  return {
    afterWrite: () => {
      writes += 1;
      if (writes % WRITES === 0) tryUse(({ purge }) => void purge(clock.now(), AFTER_WRITES));
    },
    stop: () => cancel(),
  };
};
