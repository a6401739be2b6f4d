import type { ProcessName } from './scenario.ts';
import { readable } from './scenario.ts';
import type { Moment, Seen, Story, Stretch } from './story.ts';

/** Narrow and tall, so that a telephone shows it in its full size. */
const WIDTH = 350;
const LINE = 17;
const GAP = 12;
const BAR = 12;
const AXIS = 62;
const TOP = 22;

interface Row extends Moment {
  readonly top: number;
  readonly bottom: number;
}

/** The diagram of a story: time runs down, the token's life is the bar beside it, each moment says what happens. */
export const draw = (name: string, title: string, story: Story): string => {
  const rows = rowsOf(story.moments);
  const left = AXIS + story.processes.length * (BAR + 6) + 14;
  const bottom = (rows.at(-1)?.bottom ?? TOP) + GAP;
  const height = bottom + (story.stretches.length === 0 ? 0 : 2 * LINE);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escaped(title)}</title>`,
    `<desc id="${name}-desc">${escaped(described(story.moments))}</desc>`,
    `<style>${STYLE}</style>`,
    ...columnHeads(story),
    ...story.stretches.map((stretch) => bar(stretch, rows, story)),
    ...rows.flatMap((row, index) => textOf(row, rows[index - 1], left, story)).filter((part) => part !== ''),
    ...(story.stretches.length === 0 ? [] : legend(bottom + LINE)),
    '</svg>',
    '',
  ].join('\n');
};

const rowsOf = (moments: readonly Moment[]): readonly Row[] => {
  let y = TOP;
  return moments.map((moment) => {
    const lines = (moment.happens === '' ? 0 : 1) + moment.seen.length;
    const row = { ...moment, top: y, bottom: y + Math.max(1, lines) * LINE };
    y = row.bottom + GAP;
    return row;
  });
};

const columnHeads = ({ processes }: Story): readonly string[] => {
  if (processes.length === 1) return [];
  return processes.map((_, index) => `<text class="head" x="${barLeft(index) + BAR / 2}" y="14" text-anchor="middle">${index + 1}</text>`);
};

const barLeft = (index: number): number => AXIS + index * (BAR + 6);

const bar = ({ process, from, to, state }: Stretch, rows: readonly Row[], { processes }: Story): string => {
  const top = heightOf(from, rows);
  const length = Math.max(2, heightOf(to, rows) - top);
  return `<rect class="${state}" x="${barLeft(processes.indexOf(process))}" y="${top.toFixed(1)}" width="${BAR}" height="${length.toFixed(1)}"/>`;
};

/** Time is linear between two moments, and no more: else an hour would leave no room for the second after it. */
const heightOf = (at: number, rows: readonly Row[]): number => {
  const moment = rows.find((row) => row.at === at);
  if (moment !== undefined) return moment.top;
  const after = rows.findIndex((row) => row.at > at);
  const next = rows[after];
  const before = rows[after - 1];
  if (next === undefined || before === undefined) return rows.at(-1)?.bottom ?? TOP;
  const from = before.top + LINE;
  return from + ((at - before.at) / (next.at - before.at)) * (next.top - from);
};

const textOf = (row: Row, before: Row | undefined, left: number, { processes }: Story): readonly string[] => {
  const time =
    row.at === before?.at ? '' : `<text class="time" x="${AXIS - 10}" y="${row.top + 12}" text-anchor="end">${short(row.at)}</text>`;
  const number = (process: ProcessName): string => (processes.length === 1 ? '' : `${processes.indexOf(process) + 1}: `);
  const happens = row.happens === '' ? [] : [{ kind: 'happens' as const, text: `${number(row.process)}${row.happens}` }];
  const seen = row.seen.map(({ kind, process, text }) => ({
    kind,
    // The line above has said whose it is.
    text: process === row.process && row.happens !== '' ? text : `${number(process)}${text}`,
  }));
  return [time, ...[...happens, ...seen].map((line, index) => lineOf(line, left, row.top + 12 + index * LINE))];
};

/** What the axis has room for: seconds, else hours, minutes and seconds, else days. */
const short = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1_000);
  if (seconds < 60) return milliseconds === 0 ? '0' : `${milliseconds / 1_000} s`;
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d`;
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
};

const lineOf = ({ kind, text }: { readonly kind: Seen['kind'] | 'happens'; readonly text: string }, x: number, y: number): string => {
  if (kind === 'happens') return `<text class="happens" x="${x}" y="${y}">${escaped(text)}</text>`;
  return `<circle class="${kind}" cx="${x + 4}" cy="${y - 4}" r="3.5"/><text x="${x + 14}" y="${y}">${escaped(text)}</text>`;
};

const legend = (y: number): readonly string[] =>
  [
    ['fresh', 'served', 0],
    ['advisory', 'renewed behind it', 72],
    ['mandatory', 'waited for', 210],
  ].map(
    ([state, text, x]) =>
      `<rect class="${state}" x="${Number(x) + 4}" y="${y - 9}" width="10" height="10"/><text class="time" x="${Number(x) + 19}" y="${y}">${text}</text>`,
  );

/** The same story as text, for those who do not see it. */
const described = (moments: readonly Moment[]): string =>
  moments
    .map(({ at, process, happens, seen }) => {
      const what = [happens, ...seen.map(({ text }) => text)].filter((text) => text !== '').join('; ');
      return `After ${readable(at)}, in the ${process} process: ${what}.`;
    })
    .join(' ');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// For the file alone, as an image. In the site the diagram stands in the page, whose style sheet gives it the page's colours.
const STYLE = [
  'svg.diagram{font:12.5px system-ui,sans-serif;fill:#1d2430}',
  '.happens{font-weight:600}.time,.head{fill:#5b6472;font-size:11.5px}',
  '.fresh,.good{fill:#2e9e6b}.advisory{fill:#d9a521}.mandatory{fill:#e07b39}.ask{fill:#3b6fd4}.bad{fill:#c8402f}.note{fill:#8a93a3}',
  '@media(prefers-color-scheme:dark){svg.diagram{fill:#e4e8ee}.time,.head{fill:#a0a9b8}}',
].join('');
