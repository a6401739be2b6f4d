import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { deadline } from '../../wait.ts';

/** The deadline of one store operation, in milliseconds. A hung store counts as unreachable. */
const STORE_DEADLINE = 1_000;

/** After a hung operation the next ones fail at once for this long, in milliseconds. Otherwise a caller would wait for each in turn. */
const PAUSE = 1_000;

/**
 * The store, with a deadline for every operation. What fails or hangs rejects with `unavailable(cause)`; only `misconfigured` (a wrong key)
 * passes through unchanged. `pause` is in milliseconds; 0 for operations that are retried.
 */
export const storeWithDeadline = (
  store: Store,
  clock: Clock,
  unavailable: (cause?: unknown) => AuthError,
  pause: number = PAUSE,
): Store => {
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
    // Stores written in JavaScript tend to answer null.
    read: (key) => bounded(async () => (await store.read(key)) ?? undefined),
    // Whole milliseconds, because some servers accept no others.
    write: (key, value, { ifVersion, ttl } = {}) =>
      bounded(() => store.write(key, value, { ifVersion, ttl: ttl === undefined ? undefined : Math.ceil(ttl) })),
  };
};
