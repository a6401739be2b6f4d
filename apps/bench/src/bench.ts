// The engine beside its peers, in one run: prints tables, writes them to RESULTS.md, and fails when a bound is exceeded.
// Arguments name the tables to run, and then nothing is written.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Goal, Measured } from './measured.ts';
import { BENCH } from './processes/run.ts';
import { goalTable, isExceeded, machine, versions } from './results.ts';
import { forMarkdown, forTerminal, type Table } from './table.ts';
import { authorised } from './tables/authorised.ts';
import { imported } from './tables/imported.ts';
import { memory } from './tables/memory.ts';
import { size } from './tables/size.ts';
import { upstream } from './tables/upstream.ts';
import { warm } from './tables/warm.ts';

const MEASUREMENTS: Readonly<Record<string, () => Promise<Measured>>> = { warm, authorised, upstream, memory, imported, size };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => MEASUREMENTS[name] === undefined);
if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. Known: ${Object.keys(MEASUREMENTS).join(', ')}.`);

const isColoured = process.stdout.isTTY === true;
const tables: Table[] = [];
const goals: Goal[] = [];
const started = performance.now();
console.log(`${machine()}\n${versions()}\n`);
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const measured = await measure();
  for (const table of measured.tables) console.log(`${forTerminal(table, isColoured)}\n`);
  tables.push(...measured.tables);
  goals.push(...measured.goals);
}
const standing = goalTable(goals);
console.log(forTerminal(standing, isColoured));
console.log(`\n${Math.round((performance.now() - started) / 1000)} s`);

if (wanted.length === 0) {
  const intro = `# Results\n\nWritten by \`pnpm bench\`. Ratios within one run mean something; times are those of one machine.\n\n${machine()}.\nPeers: ${versions()}.`;
  writeFileSync(join(BENCH, 'RESULTS.md'), `${[intro, ...[standing, ...tables].map(forMarkdown)].join('\n\n')}\n`);
}
for (const { name, value, bound } of goals.filter(isExceeded)) console.error(`${name}: ${value} is more than ${bound}.`);
process.exitCode = goals.some(isExceeded) ? 1 : 0;
