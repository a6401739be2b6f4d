import type { Report, Runtime, Step } from './runtime.ts';

/** The columns, and what a cell stands for. */
const LEGEND: Readonly<Record<Step, string>> = {
  token: '50 calls at once cause one request for a token, and another provider finds it in the encrypted store',
  call: 'the vendor answers an authorised request with data',
  renewal: 'the vendor ends the token: refused, renewed once, repeated',
  redirect: 'to another origin: rejected with foreign_origin, and nothing is sent there (browsers just do not follow)',
  redaction: 'no secret and no token in inspections, JSON, errors, events or the inner store',
  guard: 'in a page, a provider with a secret refuses to be made; the other steps are about core alone there',
  failures: 'where nobody listens, or nobody speaks TLS: nothing was sent, and why, with the code of the system (workerd tells nobody)',
  requests: 'in a worker, requests over hours, which end in the middle of a renewal: each later one gets a token',
};

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
  const { title, results } = outcome instanceof Error ? { title: name, results: [] } : outcome;
  const resultsOf = (step: Step): Report['results'] => results.filter((result) => result.step === step);
  return {
    title,
    cells: new Map(steps.map((step) => [step, resultsOf(step).length > 0 && resultsOf(step).every(({ ok }) => ok)])),
    details: [
      ...(outcome instanceof Error ? [outcome.message.trim()] : []),
      ...results.filter(({ ok }) => !ok).map(({ step, detail = 'No reason was given.' }) => `${step}: ${detail}`),
    ],
  };
};

/** The matrix as text for a terminal. The last line has the sum; `missing` counts as failures. */
export const printed = (rows: readonly Row[], missing: number): string => {
  const steps = Object.keys(LEGEND);
  const cells = rows.flatMap((row) => [...row.cells.values()]);
  const passed = cells.filter((cell) => cell).length;
  const width = Math.max(...rows.map(({ title }) => title.length)) + 2;
  const line = (title: string, texts: readonly string[]): string =>
    `${title.padEnd(width)}${texts.map((text) => text.padEnd(11)).join('')}`.trimEnd();
  return [
    line('', steps),
    ...rows.map((row) =>
      line(
        row.title,
        steps.map((step) => ({ true: 'ok', false: 'FAILED', undefined: '–' })[`${row.cells.get(step)}`]),
      ),
    ),
    '',
    ...Object.entries(LEGEND).map(([step, meaning]) => `${step.padEnd(11)}${meaning}`),
    '',
    ...rows.flatMap(({ title, details }) => details.map((detail) => `FAILED ${title}, ${detail}`)),
    `${passed} passed, ${cells.length - passed + missing} failed`,
  ].join('\n');
};
