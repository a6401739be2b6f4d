// Whose code is installed here and at users: under which licences, from where, and whether anything of it runs while it is installed.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FRAMEWORKS } from './frameworks/products.ts';
import { disagreements, type Licences } from './licences.ts';
import { permitted, unpinned } from './lockfile.ts';
import { run } from './run.ts';
import { RUNTIMES } from './runtimes/installation.ts';
import { ROOT } from './workspace.ts';

const licencesOf = async (cwd: string, ...args: readonly string[]): Promise<Licences> => {
  const licences: Licences = JSON.parse(await run('pnpm', [...args, 'licenses', 'list', '--json'], { cwd }));
  if (Object.keys(licences).length === 0) throw new Error(`pnpm knows no licences in ${cwd}.`);
  return licences;
};

/** The peers that the engine is measured beside: nobody gets them from us, but they run here. */
const BENCH = join(ROOT, 'apps/bench');

for (const cwd of [RUNTIMES, FRAMEWORKS, BENCH]) await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { cwd });
const findings = [
  ...disagreements(await licencesOf(ROOT, '--filter=./packages/*', '--prod'), 'users'),
  ...disagreements(await licencesOf(ROOT, '--recursive'), 'tools'),
  ...disagreements(await licencesOf(RUNTIMES), 'tools'),
  ...disagreements(await licencesOf(FRAMEWORKS, '--recursive'), 'tools'),
  ...disagreements(await licencesOf(BENCH), 'tools'),
  ...[ROOT, RUNTIMES, FRAMEWORKS, BENCH].flatMap((folder) => {
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
    const sentences = [...unpinned(read('pnpm-lock.yaml')), ...permitted(read('pnpm-workspace.yaml'))];
    return sentences.map((sentence) => `${relative(ROOT, folder) || 'the workspace'}: ${sentence}`);
  }),
];
for (const finding of findings) console.error(finding);
process.exitCode = findings.length === 0 ? 0 : 1;
