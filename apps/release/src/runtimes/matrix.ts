// Runs one small program, with the packages as they would be published, on every runtime that they are made for, and prints what came of it.
//
// It packs first, as tarballs of another day would be of other sources. `--packed` is for whoever has just packed: `.ci/run`.
import { join } from 'node:path';
import { leaveOut, missed } from '../offline.ts';
import { run } from '../run.ts';
import { RELEASE, ROOT } from '../workspace.ts';
import { chromium } from './chromium.ts';
import { foundAfter, installRuntimes } from './installation.ts';
import { printed } from './printed.ts';
import { processes } from './processes.ts';
import { installedProject, type Project } from './project.ts';
import type { Report } from './report.ts';
import type { Runtime } from './runtime.ts';
import { withSandboxes } from './settings.ts';
import { countsOf, type Row, rowOf, verdictOn } from './verdict.ts';
import { workerd } from './workerd.ts';

const outcomeOf = async (runtime: Runtime, project: Project): Promise<Report | Error> => {
  try {
    return await withSandboxes((settings) => runtime.run(project, settings));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

const rowsOf = async (runtimes: readonly Runtime[], project: Project): Promise<readonly Row[]> => {
  try {
    const rows: Row[] = [];
    for (const runtime of runtimes) rows.push(rowOf(runtime, await outcomeOf(runtime, project)));
    return rows;
  } finally {
    project.remove();
  }
};

const runMatrix = async (): Promise<void> => {
  const project = await installedProject();
  if ('sentence' in project) {
    leaveOut('the packages on every runtime', `no registry can be reached, and packages of others come from it: ${project.sentence}`);
    console.log(`0 passed, ${process.exitCode === 1 ? 1 : 0} failed`);
    return;
  }
  const trouble = await installRuntimes();
  const find = foundAfter(trouble);
  const runtimes = [...processes(find), workerd(find), chromium()];
  const verdict = verdictOn(trouble);
  const missing = [
    ...verdict.missing,
    ...runtimes.flatMap((runtime) => (runtime.missing === undefined ? [] : [missed(runtime.name, runtime.missing)])),
  ];
  const here = runtimes.filter((runtime) => runtime.missing === undefined);
  const rows = [...verdict.rows, ...(await rowsOf(here, project))];
  console.log(printed(rows, missing));
  if (countsOf(rows, missing).failed > 0) process.exitCode = 1;
};

// So that what was started, and the project, do not outlive this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  if (!process.argv.includes('--packed')) await run(process.execPath, [join(RELEASE, 'src/pack.ts')], { cwd: ROOT, deadline: 900_000 });
  await runMatrix();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
