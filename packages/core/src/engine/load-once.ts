import type { Clock } from '../clock.ts';
import { deadline } from '../wait.ts';

/** Milliseconds, and how often. What takes longer may have been begun by a request that has ended, and then it never comes. */
const [PATIENCE, TRIES] = [10_000, 3];

/**
 * Loads something for an engine, and keeps it. Until it is there, each caller loads it for itself, because nobody can wait for what another
 * request began. Rejects with what `load` rejects with, or with `timeoutError()`.
 */
export const loadOnce = <T>(clock: Clock, load: () => Promise<T>, timeoutError: () => Error): (() => Promise<T>) => {
  let loaded: { readonly it: T } | undefined;
  const loading = async (): Promise<T> => {
    const it = await load();
    loaded ??= { it };
    return loaded.it;
  };
  // The sooner the better; what fails is reported to the first call that needs it. No timer: a worker allows none before its first request.
  loading().catch(() => {});
  return async () => {
    for (let left = TRIES; loaded === undefined; left -= 1) {
      const late = timeoutError();
      try {
        await deadline(clock, PATIENCE, loading, { ref: true, timeoutError: () => late });
      } catch (error) {
        if (error !== late || left <= 1) throw error;
      }
    }
    return loaded.it;
  };
};
