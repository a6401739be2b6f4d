import type { EngineErrors } from './errors.ts';
import type { Report } from './report.ts';
import type { Timing } from './subject.ts';

/** What every part of one engine knows. */
export interface EngineContext {
  readonly timing: Timing;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly errors: EngineErrors;
  readonly report: Report;
  /** The key of a subject in the store, which also names it in events and status. */
  readonly keyOf: (id: string) => Promise<string>;
}
