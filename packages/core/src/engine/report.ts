import type { Clock } from '../clock.ts';
import type { AuthEvent } from '../events.ts';

/** An event without the fields that every event has. */
export type Unaddressed = AuthEvent extends infer E ? (E extends AuthEvent ? Omit<E, 'at' | 'provider' | 'authority'> : never) : never;

/** Reports to `observe`, in the order in which things happened. Resolves when `observe` has been called. */
export type Report = (id: string, event: Unaddressed) => Promise<void>;

/** Who gets the reports, and under which name. */
export interface ReportOptions {
  readonly observe: ((event: AuthEvent) => void) | undefined;
  readonly provider: string;
  readonly clock: Clock;
  /** Names the authority in events. */
  readonly keyOf: (id: string) => Promise<string>;
}

/** Reports to one observer. */
export const createReport = ({ observe, provider, clock, keyOf }: ReportOptions): Report => {
  let reported: Promise<void> = Promise.resolve();
  return (id, event) => {
    if (!observe) return reported;
    const at = clock.now();
    const naming = keyOf(id);
    reported = reported.then(async () => {
      const addressed = { at, provider, authority: await naming, ...event };
      // An observer that fails, now or later, is the observer's problem; tokens go on.
      try {
        const outcome: unknown = observe(addressed);
        Promise.resolve(outcome).catch(() => {});
      } catch {}
    });
    return reported;
  };
};
