import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import { sleep } from '../../wait.ts';

/** Milliseconds. Longer than a server takes to restart or a file stays locked, shorter than callers wait. */
const PATIENCE = 5_000;
const [SHORTEST, LONGEST] = [50, 500];

/** Whether the store cannot be reached. */
export const isDown = (error: unknown): error is AuthError => AuthError.is(error, 'store_unavailable');

/** For what must not be lost: retries for some seconds while the store is down. */
export const retryWhileDown = async <T>(clock: Clock, work: () => Promise<T>): Promise<T> => {
  const end = clock.monotonic() + PATIENCE;
  for (let pause = SHORTEST; ; pause = Math.min(2 * pause, LONGEST)) {
    try {
      return await work();
    } catch (error) {
      if (!isDown(error) || clock.monotonic() + pause > end) throw error;
    }
    await sleep(clock, pause, { ref: true });
  }
};
