import { type Missing, missed } from '../offline.ts';
import type { Trouble } from './installation.ts';
import type { Report } from './report.ts';
import type { Runtime, Step } from './runtime.ts';

/** A runtime that ran the program, or tried to. */
export interface Row {
  readonly title: string;
  /** Whether each of its steps passed, at every vendor. A step that it does not have is not here. */
  readonly cells: ReadonlyMap<string, boolean>;
  /** What is the matter. */
  readonly details: readonly string[];
}

/** What came of one run, or the error that ended it. A step that the program said nothing about did not pass. */
export const rowOf = ({ name, steps }: Pick<Runtime, 'name' | 'steps'>, outcome: Report | Error): Row => {
  if (outcome instanceof Error)
    return {
      title: name,
      cells: new Map(steps.map((step) => [step, false])),
      details: [`It did not get to its end. ${outcome.message.trim()}`],
    };
  const { title, results } = outcome;
  const resultsOf = (step: Step): Report['results'] => results.filter((result) => result.step === step);
  return {
    title,
    cells: new Map(steps.map((step) => [step, resultsOf(step).length > 0 && resultsOf(step).every(({ ok }) => ok)])),
    details: steps.flatMap((step) =>
      resultsOf(step).length === 0
        ? [`${step}: The program said nothing about it.`]
        : resultsOf(step).flatMap(({ ok, detail = 'No reason was given.' }) => (ok ? [] : [`${step}: ${detail}`])),
    ),
  };
};

/**
 * What trouble with the installation of the runtimes counts as: without a registry some may be missing, as far as that is allowed; anything
 * else is a row that failed.
 */
export const verdictOn = (trouble: Trouble | undefined): { readonly rows: readonly Row[]; readonly missing: readonly Missing[] } => {
  if (trouble === undefined) return { rows: [], missing: [] };
  const { sentence, isOffline } = trouble;
  if (isOffline) return { rows: [], missing: [missed('the runtimes', `no registry can be reached: ${sentence}`)] };
  return { rows: [{ title: 'Installation', cells: new Map([['installation', false]]), details: [sentence] }], missing: [] };
};

/** How many cells passed, and what failed: cells, and runtimes that should be here. */
export const countsOf = (rows: readonly Row[], missing: readonly Missing[]): { readonly passed: number; readonly failed: number } => {
  const cells = rows.flatMap(({ cells: own }) => [...own.values()]);
  const passed = cells.filter((cell) => cell).length;
  return { passed, failed: cells.length - passed + missing.filter(({ isFailure }) => isFailure).length };
};
