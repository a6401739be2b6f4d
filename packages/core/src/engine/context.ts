import { systemClock } from '../clock.ts';
import { wrongRuntime } from '../runtime-options.ts';
import type { ManagedOptions } from '../token-source.ts';
import { type EngineErrors, engineErrors } from './engine-errors.ts';
import { EngineTime } from './engine-time.ts';
import { createReport, type Report } from './report.ts';
import type { Timing } from './subject.ts';

/** What every part of one engine knows. */
export interface EngineContext {
  readonly timing: Timing;
  /** The source's refresh tokens can be used only once. */
  readonly isSingleUse: boolean;
  readonly errors: EngineErrors;
  readonly report: Report;
  /** Names a subject in events and status. Nobody can find the id that belongs to a name. */
  readonly nameOf: (id: string) => Promise<string>;
}

/** The context of one engine. Throws if an option is wrong. */
export const contextOf = (options: ManagedOptions, nameOf: EngineContext['nameOf']): EngineContext => {
  const { clock = systemClock, random = Math.random, observe, windows = {}, provider = 'custom', operation = 'token' } = options;
  const errors = engineErrors(provider, operation);
  if (!Object.values(windows).every((window) => window === undefined || window >= 0))
    throw errors.make('misconfigured', '`windows` must be 0 or more milliseconds.');
  if (options.store !== undefined && options.key === undefined)
    throw errors.make('misconfigured', 'A store needs a `key`: whose token this is.');
  const wrong = wrongRuntime(options);
  if (wrong !== undefined) throw errors.make('misconfigured', `The options are not valid: ${wrong}.`);
  const report = createReport({ observe, provider, clock, nameOf });
  const timing = { clock, time: new EngineTime(clock), overrides: windows, jitter: random(), random };
  return { timing, isSingleUse: options.singleUse ?? false, errors, report, nameOf };
};
