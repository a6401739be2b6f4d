// Runs one small program, with the packages as they would be published, on every runtime that they are made for, and prints what came of it.
import { existsSync } from 'node:fs';
import { PACKED } from '../tarballs.ts';
import { missed } from '../unreachable.ts';
import { chromium } from './chromium.ts';
import { installRuntimes } from './installation.ts';
import { printed } from './printed.ts';
import { processes } from './processes.ts';
import { installedProject, type Project } from './project.ts';
import type { Report } from './report.ts';
import type { Runtime } from './runtime.ts';
import { withSandboxes } from './settings.ts';
import { countsOf, type Row, rowOf } from './verdict.ts';
import { workerd } from './workerd.ts';

const outcomeOf = async (runtime: Runtime, project: Project): Promise<Report | Error> => {
  try {
    return await withSandboxes((settings) => runtime.run(project, settings));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const rowsOf = async (runtimes: readonly Runtime[]): Promise<readonly Row[]> => {
  const project = await installedProject();
  try {
    const rows: Row[] = [];
    for (const runtime of runtimes) rows.push(rowOf(runtime, await outcomeOf(runtime, project)));
    return rows;
  } finally {
    project.remove();
  }
};

// So that what was started, and the project, do not outlive this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (!existsSync(PACKED)) await import('../pack.ts');
const complaint = await installRuntimes();
if (complaint !== undefined) console.log(`While the runtimes were installed: ${complaint}\n`);

const runtimes = [...processes(), workerd(), chromium()];
const missing = runtimes.flatMap((runtime) => (runtime.missing === undefined ? [] : [missed(runtime.name, runtime.missing)]));
try {
  const rows = await rowsOf(runtimes.filter((runtime) => runtime.missing === undefined));
  console.log(printed(rows, missing));
  process.exitCode = countsOf(rows, missing).failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
