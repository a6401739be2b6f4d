import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';

const RESULTS = 'apps/bench/RESULTS.md';
const OURS = '**@auth/core**';
const OTHER = 'hand-written';

/** What the bench counts, by the column of its table, and what a reader of the landing page is told of it. */
const ROUNDS = [
  { column: 'cold callers', what: 'Token requests of 1,000 callers at once' },
  { column: 'failing rounds', what: 'Token requests of 1,000 callers while the vendor is down' },
  { column: 'refused: calls that failed', what: 'Calls that fail after a token is revoked, of 100' },
] as const;

/** The race as bars: what the bench measured of these packages, and of a client as many teams write it. */
export const race = (): string => bars(readFileSync(join(ROOT, RESULTS), 'utf8'));

/** The same, of the text of the results. Throws where they have no such figures any more. */
export const bars = (results: string): string => {
  const rounds = ROUNDS.map(({ column, what }) => {
    const ours = figure(results, OURS, column);
    const other = figure(results, OTHER, column);
    const rows = [bar('these packages', ours, ours / other), bar('written by hand', other, 1)];
    return `<dl>\n<dt>${what}</dt>\n${rows.join('\n')}\n</dl>`;
  });
  return `<div class="race">\n${rounds.join('\n')}\n</div>`;
};

const bar = (who: string, count: number, share: number): string =>
  `<dd><span>${who}</span> <b style="--share: ${(100 * share).toFixed(1)}%">${count.toLocaleString('en')}</b></dd>`;

/** The cell of the table with this column. Bold is how the results mark us. */
const figure = (results: string, row: string, column: string): number => {
  const tables = results.split('\n\n').filter((part) => part.startsWith('|'));
  const rows = tables.map((table) => table.split('\n').map((line) => line.split('|').map((cell) => cell.trim())));
  const [head, ...body] = rows.find(([first]) => first?.includes(column)) ?? [];
  const cell = body.find(([, name]) => name === row)?.[head?.indexOf(column) ?? -1] ?? '';
  const count = Number(cell.replaceAll(/[*,]/g, ''));
  if (cell === '' || Number.isNaN(count)) throw new Error(`${RESULTS} has no figure «${column}» of ${row}, which the landing page shows.`);
  return count;
};
