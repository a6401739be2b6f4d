import type { Lane, Row, Story } from './story.ts';

/** Narrow and tall, so that a telephone shows it in its full size. */
const WIDTH = 340;
const HEAD = 34;
/** A line of text, and the arrow below it. */
const MESSAGE = 29;
const OTHER = 23;
const MARGIN = 36;
/** What letters take, on average. Texts are kept inside the picture by it. */
const LETTER = 5.9;

/** The diagram of a story: a lifeline for each who takes part, time runs down, arrows are what they say to each other. */
export const draw = (name: string, title: string, { lanes, rows }: Story): string => {
  const tops = topsOf(rows);
  const height = (tops.at(-1) ?? HEAD) + 12;
  const xOf = (lane: Lane): number => MARGIN + (lanes.indexOf(lane) * (WIDTH - 2 * MARGIN)) / (lanes.length - 1);
  const label = labelsOf(lanes);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escaped(title)}</title>`,
    `<desc id="${name}-desc">${escaped(described(rows, label))}</desc>`,
    `<style>${COLOURS}${STYLE.replaceAll('\n', '')}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    ...lanes.flatMap((lane) => lifeline(xOf(lane), label(lane), endOf(lane, rows, tops) ?? height - 8)),
    ...rows.map((row, index) => rowAt(row, tops[index] ?? 0, xOf)),
    '</svg>',
    '',
  ].join('\n');
};

const isMessage = ({ from, to }: Row): boolean => from !== to;

/** Where each row begins, and where the last one ends. */
const topsOf = (rows: readonly Row[]): readonly number[] => {
  let top = HEAD;
  return [top, ...rows.map((row) => (top += isMessage(row) ? MESSAGE : OTHER))];
};

/** How a lane is called: only where there are two processes do they need a number. */
const labelsOf =
  (lanes: readonly Lane[]) =>
  (lane: Lane): string => {
    if (lane !== 'first' && lane !== 'second') return lane;
    return lanes.includes('second') ? `process ${lane === 'first' ? 1 : 2}` : 'process';
  };

/** Where the process of a lane is killed, if it is. */
const endOf = (lane: Lane, rows: readonly Row[], tops: readonly number[]): number | undefined => {
  const top = tops[rows.findIndex(({ from, tone }) => from === lane && tone === 'end')];
  return top === undefined ? undefined : top + OTHER / 2;
};

const lifeline = (x: number, label: string, end: number): readonly string[] => [
  `<line x1="${x}" y1="${HEAD - 8}" x2="${x}" y2="${end}"/>`,
  `<text class="head" x="${x}" y="18">${label}</text>`,
];

const rowAt = (row: Row, y: number, xOf: (lane: Lane) => number): string => {
  const { from, to, text, tone } = row;
  if (from === undefined || to === undefined) return time(text, y + OTHER / 2);
  const [start, end] = [xOf(from), xOf(to)];
  if (tone === 'end') return cross(start, y + OTHER / 2, text);
  if (from === to) return written('note', text, start, y + OTHER / 2 + 4);
  const back = start < end ? -6 : 6;
  const arrow = y + MESSAGE - 6;
  return [
    written(tone, text, (start + end) / 2, arrow - 5),
    `<path class="${tone}" d="M${start} ${arrow}H${end}m${back} -4l${-back} 4l${back} 4"/>`,
  ].join('');
};

const time = (text: string, y: number): string =>
  `<line class="later" x1="10" y1="${y}" x2="${WIDTH - 10}" y2="${y}"/>${written('later', text, WIDTH / 2, y + 4)}`;

const cross = (x: number, y: number, text: string): string =>
  `<path class="bad" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12"/>${written('bad', text, x + 14 + (text.length * LETTER) / 2, y + 4)}`;

/** Around this point, but never outside of the picture. */
const written = (tone: string, text: string, x: number, y: number): string => {
  const half = (text.length * LETTER) / 2 + 6;
  return `<text class="${tone}" x="${Math.round(Math.min(Math.max(x, half), WIDTH - half))}" y="${y}">${escaped(text)}</text>`;
};

/** The same story as text, for those who do not see it. */
const described = (rows: readonly Row[], label: (lane: Lane) => string): string =>
  rows
    .map(({ from, to, text }) => {
      if (from === undefined || to === undefined) return `${text}:`;
      return from === to ? `${label(from)}: ${text}.` : `${label(from)} to ${label(to)}: ${text}.`;
    })
    .join(' ');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** For the file alone, as an image: the colours of the system. The site has its own, which follow what a reader chose. */
const COLOURS = [
  '.diagram{--ground:#f6f8fa;--text:#1d2430;--faint:#5b6472;--line:#b8c0cc;--good:#1a7f4b;--bad:#b42318}',
  '@media(prefers-color-scheme:dark){.diagram{--ground:#1b1f27;--text:#e4e8ee;--faint:#a0a9b8;--line:#4a5362;--good:#4cc38a;--bad:#ff8a7a}}',
].join('');

/** How everything in a diagram looks, for the file and for the site. */
export const STYLE: string = [
  '.diagram text{font:11.5px system-ui,sans-serif;fill:var(--text);stroke:var(--ground);stroke-width:4px;paint-order:stroke;text-anchor:middle}',
  '.diagram .ground{fill:var(--ground)}.diagram .head{font-weight:600}.diagram line{stroke:var(--line)}.diagram line.later{stroke-dasharray:2 4}',
  '.diagram text:is(.later,.note){fill:var(--faint)}.diagram .note{font-style:italic}',
  '.diagram path{fill:none;stroke:var(--text);stroke-width:1.3}.diagram path.good{stroke:var(--good)}.diagram path.bad{stroke:var(--bad)}',
  '.diagram text.good{fill:var(--good)}.diagram text.bad{fill:var(--bad)}',
].join('\n');
