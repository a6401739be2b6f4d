import type { Clock } from '../clock.ts';
import type { AuthEvent } from '../events.ts';

/** An event without the fields that every event has. */
export type Unaddressed = AuthEvent extends infer E ? (E extends AuthEvent ? Omit<E, 'at' | 'provider' | 'authority'> : never) : never;

/**
 * Reports to `observe`, in the order in which things happened, and soon. Nobody waits for that. Without an event: there will be one, so
 * its name is asked for.
 */
export type Report = (id: string, event?: Unaddressed) => void;

/** Who gets the reports, and under which name. */
export interface ReportOptions {
  readonly observe: ((event: AuthEvent) => void) | undefined;
  readonly provider: string;
  readonly clock: Clock;
  /** Names the authority in events. */
  readonly nameOf: (id: string) => Promise<string>;
}

/** How many names are kept, and how many events wait for theirs. */
const MOST = 1_000;

/** Milliseconds. A name that takes longer may have been asked for by a request that has ended, and then it never comes. */
const SLOW = 1_000;

/** Reports to one observer. */
export const createReport = ({ observe, provider, clock, nameOf }: ReportOptions): Report => {
  if (!observe) return () => {};
  const names = new Map<string, string>();
  let queue: { readonly id: string; readonly event: Unaddressed & { readonly at: number }; since: number }[] = [];

  const tell = (event: AuthEvent): void => {
    // An observer that fails, now or later, is the observer's problem; tokens go on.
    try {
      const outcome: unknown = observe(event);
      Promise.resolve(outcome).catch(() => {});
    } catch {}
  };
  /** Tells the events whose names are known, up to the first that has to wait. */
  const flush = (): void => {
    for (let [first] = queue; first !== undefined; [first] = queue) {
      const authority = names.get(first.id);
      if (authority === undefined) {
        const now = clock.monotonic();
        if (now - first.since < SLOW) return;
        first.since = now;
        ask(first.id);
        return;
      }
      queue.shift();
      tell({ provider, authority, ...first.event });
    }
  };
  const ask = (id: string): void => {
    nameOf(id).then(
      (name) => {
        if (names.size >= MOST) names.clear();
        names.set(id, name);
        flush();
      },
      () => {
        // Without hashes there are no names.
        queue = queue.filter((other) => other.id !== id);
        flush();
      },
    );
  };

  return (id, event) => {
    if (event && queue.push({ id, event: { at: clock.now(), ...event }, since: clock.monotonic() }) > MOST) queue.shift();
    if (!names.has(id)) ask(id);
    else if (event) queueMicrotask(flush);
  };
};
