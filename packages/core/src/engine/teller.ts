import type { Clock } from '../clock.ts';
import { AuthError } from '../errors.ts';
import type { AuthEvent } from '../events.ts';

/** An event without what every event has. */
export type Unaddressed = AuthEvent extends infer E ? (E extends AuthEvent ? Omit<E, 'at' | 'provider' | 'authority'> : never) : never;

/** Reports to `observe`, in the order in which things happened. */
export interface Teller {
  /** Resolves when it has been told. */
  readonly tell: (id: string, event: Unaddressed) => Promise<void>;
  /** Does it without the store if that is down, and says so: an outage of the store is none of ours. */
  readonly orWithoutStore: <T>(id: string, work: Promise<T>) => Promise<T | undefined>;
}

export interface TellerOptions {
  readonly observe: ((event: AuthEvent) => void) | undefined;
  readonly provider: string;
  readonly clock: Clock;
  /** Names the authority in events. */
  readonly keyOf: (id: string) => Promise<string>;
}

export const createTeller = ({ observe, provider, clock, keyOf }: TellerOptions): Teller => {
  let told: Promise<void> = Promise.resolve();

  const tell = (id: string, event: Unaddressed): Promise<void> => {
    if (observe === undefined) return told;
    const at = clock.now();
    const naming = keyOf(id);
    told = told.then(async () => {
      const addressed = { at, provider, authority: await naming, ...event };
      try {
        observe(addressed);
      } catch {
        // An observer that throws is the observer's problem; tokens go on.
      }
    });
    return told;
  };

  return {
    tell,
    orWithoutStore: async (id, work) => {
      try {
        return await work;
      } catch (error) {
        if (!AuthError.is(error, 'store_unavailable')) throw error;
        await tell(id, { type: 'served_without_store', code: error.code });
        return undefined;
      }
    },
  };
};
