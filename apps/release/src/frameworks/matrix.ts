// Runs small products of users, with the packages as they would be published, in the frameworks and between the machines that people have, and
// prints which of them work. The sandboxes are the vendors, over HTTP.
//
// It packs first, as tarballs of another day would be of other sources. `--packed` is for anyone who has just packed: `.ci/run`. Further words
// name the rows to run.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { leaveOut } from '../left-out.ts';
import { run } from '../run.ts';
import { RUNTIMES } from '../runtimes/installation.ts';
import { RELEASE, ROOT } from '../workspace.ts';
import { installProducts } from './products.ts';
import type { Row } from './row.ts';
import { rows } from './rows.ts';
import { withVendors } from './vendors.ts';

// So that what was started, and the products, do not outlive this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const words = process.argv.slice(2).filter((word) => word !== '--packed' && word !== '--');
if (!process.argv.includes('--packed')) await run(process.execPath, [join(RELEASE, 'src/pack.ts')], { cwd: ROOT, deadline: 900_000 });
// The other versions of Node.
await run('pnpm', ['install', '--prefer-offline', '--frozen-lockfile'], { cwd: RUNTIMES, deadline: 900_000 });
const products = await installProducts();

let [passed, failed] = [0, 0];
const tried = async (row: Row): Promise<void> => {
  const started = performance.now();
  const problem = await withVendors((vendors) => row.run(join(products, row.product), vendors)).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${row.name} (${seconds} s)`);
  if (problem !== undefined) console.log(problem.trim().replace(/^/gm, '       '));
  if (problem === undefined) passed += 1;
  else failed += 1;
};

const waiting = rows().filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())));
const work = async (): Promise<void> => {
  for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
    if (row.missing === undefined) await tried(row);
    else failed += leaveOut(row.name, row.missing) ? 1 : 0;
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));

console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;
