// Runs one small program, with the packages as they would be published, on every runtime that they are made for, and prints what came of it.
//
// It packs first, as tarballs of another day would be of other sources. `--packed` is for whoever has just packed: `.ci/run`.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { installTarballs } from '../installed.ts';
import { leaveOut } from '../left-out.ts';
import { run } from '../run.ts';
import { RELEASE, ROOT } from '../workspace.ts';
import { chromium } from './chromium.ts';
import { RUNTIMES } from './installation.ts';
import { processes } from './processes.ts';
import { withSandboxes } from './settings.ts';
import { printed, type Row, rowOf } from './verdict.ts';
import { workerd } from './workerd.ts';

// So that what was started, and the project, do not outlive this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (!process.argv.includes('--packed')) await run(process.execPath, [join(RELEASE, 'src/pack.ts')], { cwd: ROOT, deadline: 900_000 });
// Each runtime is optional there, so that one that cannot be had does not stop the others.
await run('pnpm', ['install', '--prefer-offline', '--frozen-lockfile'], { cwd: RUNTIMES, deadline: 900_000 });
const project = await installTarballs();
cpSync(join(import.meta.dirname, 'program'), join(project, 'program'), { recursive: true });
const rows: Row[] = [];
let missing = 0;
for (const runtime of [...processes(), workerd(), chromium()]) {
  if (runtime.missing !== undefined) missing += leaveOut(runtime.name, runtime.missing) ? 1 : 0;
  else
    rows.push(
      await withSandboxes((settings) => runtime.run(project, settings)).then(
        (report) => rowOf(runtime, report),
        (error: unknown) => rowOf(runtime, error instanceof Error ? error : new Error(String(error))),
      ),
    );
}
console.log(printed(rows, missing));
if (missing > 0 || rows.some(({ cells }) => [...cells.values()].includes(false))) process.exitCode = 1;
