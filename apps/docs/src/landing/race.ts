import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';

/** What the bench counts, by the column of its table, and what a reader of the landing page is told of it. */
const ROUNDS: Readonly<Record<string, string>> = {
  'cold callers': 'Token requests of 1,000 callers at once',
  'failing rounds': 'Token requests of 1,000 callers while the vendor is down',
  'refused: calls that failed': 'Calls that fail after a token is revoked, of 100',
};

/** The race as bars: what the bench measured of these packages, and of a client as many teams write it. Throws where it measures so no more. */
export const race = (results: string = readFileSync(join(ROOT, 'apps/bench/RESULTS.md'), 'utf8')): string => {
  const rows = results.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const rounds = Object.entries(ROUNDS).map(([column, what]) => {
    const head = rows.findIndex((cells) => cells.includes(column));
    // Bold is how the results mark these packages.
    const [ours, other] = [/^\*\*/, /^hand-written$/].map((name) => {
      const cell = rows.slice(head).find((cells) => name.test(cells[1] ?? ''))?.[rows[head]?.indexOf(column) ?? -1] ?? '';
      if (!/\d/.test(cell)) throw new Error(`apps/bench/RESULTS.md has no «${column}» of ${name}, which the landing page shows.`);
      return Number(cell.replaceAll(/[*,]/g, ''));
    }) as [number, number];
    return `<dl>\n<dt>${what}</dt>\n${bar('these packages', ours, ours / other)}\n${bar('written by hand', other, 1)}\n</dl>`;
  });
  return `<div class="race">\n${rounds.join('\n')}\n</div>`;
};

const bar = (who: string, count: number, share: number): string =>
  `<dd><span>${who}</span> <b style="--share: ${(100 * share).toFixed(1)}%">${count.toLocaleString('en')}</b></dd>`;
