import type { Clock } from '../../clock.ts';
import { AuthError } from '../../errors.ts';
import type { Store, StoreEntry } from '../../store.ts';
import { deadline } from '../../wait.ts';

/** The deadline of one store operation, in milliseconds. A hung store counts as unreachable. */
const STORE_DEADLINE = 1_000;

/** After a hung operation the next ones fail at once for this long, in milliseconds. Otherwise a caller would wait for each in turn. */
const PAUSE = 1_000;

/**
 * The store, with a deadline for every operation. What fails or hangs rejects with `unavailable(cause)`; only `misconfigured` (a wrong key)
 * passes through unchanged. Everything that the store answers is checked here, and nowhere else: an answer that no store may give is
 * `misconfigured`. `pause` is in milliseconds; 0 for operations that are retried.
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
  const wrong = (what: string): AuthError => {
    const { provider, operation } = unavailable();
    const message = `The store is not used, because ${what}. Fix the store: \`storeContract\` of the conformance package checks every rule.`;
    return new AuthError(message, { code: 'misconfigured', provider, operation });
  };
  return {
    read: (key) => bounded(async () => entryOf(await store.read(key), wrong)),
    // Whole milliseconds, because some servers accept no others.
    write: (key, value, { ifVersion, ttl } = {}) =>
      bounded(async () =>
        versionOf(await store.write(key, value, { ifVersion, ttl: ttl === undefined ? undefined : Math.ceil(ttl) }), wrong),
      ),
  };
};

/** What was read. Stores written in JavaScript tend to answer null for nothing. */
const entryOf = (answer: unknown, wrong: (what: string) => AuthError): StoreEntry | undefined => {
  if (answer === undefined || answer === null) return undefined;
  const { value, version }: Readonly<Partial<Record<keyof StoreEntry, unknown>>> = Object(answer);
  if (typeof value === 'string' && typeof version === 'string') return { value, version };
  const found = isObject(answer) ? `an entry whose value is ${typeof value} and whose version is ${typeof version}` : kindOf(answer);
  throw wrong(`its \`read\` answered ${found}, instead of { value, version }, both strings, or undefined where nothing is`);
};

const versionOf = (answer: unknown, wrong: (what: string) => AuthError): string | undefined => {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'string') return answer;
  throw wrong(`its \`write\` answered ${kindOf(answer)}, instead of the new version as a string, or undefined where the condition failed`);
};

const isObject = (answer: unknown): boolean => typeof answer === 'object' && !Array.isArray(answer);

/** Never the answer itself, which may hold a token. */
const kindOf = (answer: unknown): string =>
  Array.isArray(answer) ? 'an array' : typeof answer === 'boolean' ? String(answer) : typeof answer;
