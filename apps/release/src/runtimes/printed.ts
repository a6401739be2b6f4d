import { lineOf, type Missing } from '../offline.ts';
import { table } from '../table.ts';
import type { Step } from './runtime.ts';
import { countsOf, type Row } from './verdict.ts';

/** The columns, and what a cell stands for. */
const LEGEND: Readonly<Record<Step, string>> = {
  token: '50 calls at once cause one request for a token, and another provider finds it in the encrypted store',
  call: 'the vendor answers an authorised request with data',
  renewal: 'the vendor ends the token: refused, renewed once, repeated',
  redirect: 'to another origin: rejected with foreign_origin, and nothing is sent there',
  redaction: 'no secret and no token in inspections, JSON, errors, events or the inner store',
  guard: 'in a page, a provider with a secret refuses to be made',
};

const NOTES: readonly string[] = [
  'Each cell is about both vendors. In Chromium, which has no secret, the steps before the guard are about core alone, with',
  'tokens that the server of the page hands out; browsers do not tell where a redirect leads, so it is just not followed there.',
];

/** The matrix as text for a terminal. The last line has the sum. */
export const printed = (rows: readonly Row[], missing: readonly Missing[]): string => {
  const steps = Object.keys(LEGEND);
  const widest = Math.max(...steps.map((step) => step.length));
  const cellOf = (cell: boolean | undefined): string => (cell === undefined ? '–' : cell ? 'ok' : 'FAILED');
  const { passed, failed } = countsOf(rows, missing);
  return [
    table(
      ['runtime', ...steps],
      rows.map(({ title, cells }) => [title, ...steps.map((step) => cellOf(cells.get(step)))]),
    ),
    '',
    ...Object.entries(LEGEND).map(([step, meaning]) => `${step.padEnd(widest)}  ${meaning}`),
    `${'–'.padEnd(widest)}  does not apply`,
    '',
    ...NOTES,
    '',
    ...paragraph(rows.flatMap(({ title, details }) => details.map((detail) => `FAILED ${title}, ${detail}`))),
    ...paragraph(missing.map(lineOf)),
    `${passed} passed, ${failed} failed`,
  ].join('\n');
};

const paragraph = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : [...lines, '']);
