import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { deadline } from '../../wait.ts';

/** One store operation may take so long; a hung store counts as an unreachable one. */
const STORE_DEADLINE = 1_000;

/** After a hung operation the next ones fail at once for so long, else a caller would wait for each of them in turn. */
const PAUSE = 1_000;

/**
 * The store, with an end to every operation: its answer, or `unavailable(cause)`. Only `misconfigured` (a wrong key) passes as it is.
 * `pause` in milliseconds; none for what is tried again and again.
 */
export const boundedStore = (store: Store, clock: Clock, unavailable: (cause?: unknown) => AuthError, pause: number = PAUSE): Store => {
  let hungUntil = Number.NEGATIVE_INFINITY;
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (clock.monotonic() < hungUntil) throw unavailable();
    const timeoutError = (): AuthError => {
      hungUntil = clock.monotonic() + pause;
      return unavailable();
    };
    try {
      return await deadline(clock, STORE_DEADLINE, work, { ref: true, timeoutError });
    } catch (error) {
      throw AuthError.is(error, 'misconfigured') ? error : unavailable(error);
    }
  };
  return {
    // Stores that are written in JavaScript like to answer null.
    read: (key) => bounded(async () => (await store.read(key)) ?? undefined),
    // Whole milliseconds, as some servers take no others.
    write: (key, value, { ifVersion, ttl } = {}) =>
      bounded(() => store.write(key, value, { ifVersion, ttl: ttl === undefined ? undefined : Math.ceil(ttl) })),
  };
};
