import { type Figure, short, shown } from './figures.ts';
import type { Peer } from './peers/peer.ts';

/** A row of figures, or the reason why there is none. */
export interface Row {
  readonly name: string;
  /** Who stands in it. What is neither is for comparison, and has no rank. */
  readonly side: 'ours' | 'peer' | 'neither';
  /** One for each column. */
  readonly cells: readonly (Figure | number | string | undefined)[];
  /** Below the table. */
  readonly remark?: string | undefined;
}

/** Figures of which less is better. */
export interface Table {
  readonly title: string;
  /** What was done, and how to read it. */
  readonly caption: string;
  readonly columns: readonly ColumnOf[];
  readonly rows: readonly Row[];
}

interface ColumnOf {
  readonly heading: string;
  /** Adds a rank, and the ratio to the best peer. */
  readonly isRanked?: boolean;
}

export const sideOf = ({ isOurs }: Peer): Row['side'] => (isOurs ? 'ours' : 'peer');

const numberIn = (cell: Row['cells'][number]): number | undefined =>
  typeof cell === 'number' ? cell : typeof cell === 'object' ? cell.median : undefined;

const textOf = (cell: Row['cells'][number]): string => {
  if (cell === undefined) return '–';
  return typeof cell === 'string' ? cell : typeof cell === 'number' ? short(cell) : shown(cell);
};

/** What a ranked column adds beside it. */
const standing = ({ rows }: Table, column: number): ReadonlyMap<Row, readonly [ratio: string, rank: string]> => {
  const figures = rows.flatMap((row) => {
    const value = row.side === 'neither' ? undefined : numberIn(row.cells[column]);
    return value === undefined ? [] : [{ row, value }];
  });
  const best = Math.min(...figures.flatMap(({ row, value }) => (row.side === 'peer' ? [value] : [])));
  return new Map(
    figures.map(({ row, value }) => [
      row,
      [best > 0 ? short(value / best) : '–', String(1 + figures.filter((other) => other.value < value).length)],
    ]),
  );
};

/** The rows in the order of the first ranked column, what is for comparison first and what has no figure last. */
const sorted = ({ rows, columns }: Table): readonly Row[] => {
  const first = Math.max(
    0,
    columns.findIndex(({ isRanked }) => isRanked),
  );
  const place = (row: Row): number => (row.side === 'neither' ? -1 : (numberIn(row.cells[first]) ?? Number.POSITIVE_INFINITY));
  return rows.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
};

/** All cells as texts, with the headings first, and the remarks that belong to them. */
const rendered = (table: Table): { readonly lines: readonly (readonly string[])[]; readonly remarks: readonly string[] } => {
  const standings = table.columns.map(({ isRanked }, column) => (isRanked ? standing(table, column) : undefined));
  const headings = table.columns.flatMap(({ heading, isRanked }) => [heading, ...(isRanked ? ['× best peer', 'rank'] : [])]);
  const lines = sorted(table).map((row) => [
    row.name,
    ...row.cells.flatMap((cell, column) => {
      const standingsHere = standings[column];
      return [textOf(cell), ...(standingsHere === undefined ? [] : (standingsHere.get(row) ?? ['–', '–']))];
    }),
  ]);
  const remarks = sorted(table).flatMap(({ name, remark }) => (remark === undefined ? [] : [`${name}: ${remark}.`]));
  return { lines: [['', ...headings], ...lines], remarks };
};

/** For a terminal, ours in bold. */
export const forTerminal = (table: Table, isColoured: boolean): string => {
  const { lines, remarks } = rendered(table);
  const ours = oursIn(table);
  const widths = widthsOf(lines);
  const [head = '', ...body] = lines.map((line) => {
    const text = padded(line, widths).join('  ');
    return isColoured && ours.has(line[0] ?? '') ? `\x1b[1m${text}\x1b[22m` : text;
  });
  const list = remarks.length > 0 ? ['', ...remarks.map((remark) => `  ${remark}`)] : [];
  return [table.title, '='.repeat(table.title.length), table.caption, '', head, '-'.repeat(head.length), ...body, ...list].join('\n');
};

/** For a document, as the formatter has it. */
export const forMarkdown = (table: Table): string => {
  const { lines, remarks } = rendered(table);
  const ours = oursIn(table);
  const emphasised = lines.map((line) => (ours.has(line[0] ?? '') ? line.map((cell) => `**${cell}**`) : line));
  const widths = widthsOf(emphasised).map((width) => Math.max(3, width));
  const [head = '', ...body] = emphasised.map((line) => `| ${padded(line, widths).join(' | ')} |`);
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const list = remarks.length > 0 ? ['', ...remarks.map((remark) => `- ${remark}`)] : [];
  return [`## ${table.title}`, '', table.caption, '', head, rule, ...body, ...list].join('\n');
};

const oursIn = ({ rows }: Table): ReadonlySet<string> => new Set(rows.flatMap(({ name, side }) => (side === 'ours' ? [name] : [])));

const widthsOf = (lines: readonly (readonly string[])[]): readonly number[] =>
  (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));

/** Names to the left, figures to the right. */
const padded = (line: readonly string[], widths: readonly number[]): readonly string[] =>
  line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
