// Whose code is installed here and at users: under which licences, from where, and whether anything of it runs while it is installed.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { tried } from '../run.ts';
import { packagesOf, RELEASE, ROOT } from '../workspace.ts';
import { type Installed, installedIn } from './installed.ts';
import { disagreements, needlessExceptions } from './licences.ts';
import { installedWith, readLockfile, unpinned } from './lockfile.ts';
import { permissions, unknownScripts } from './scripts.ts';

/** The second has the runtimes of the matrix, and is installed only where that has run. */
const WORKSPACES = [ROOT, join(RELEASE, 'runtimes')].filter((folder) => existsSync(join(folder, 'pnpm-lock.yaml')));

const published = (): ReadonlySet<string> => {
  const { lockfile } = readLockfile(ROOT);
  return new Set(packagesOf().flatMap(({ folder }) => [...installedWith(folder, lockfile)]));
};

const permissionsOf = (workspace: string): readonly string[] => {
  const { allowBuilds = {}, dangerouslyAllowAllBuilds = false } = parse(readFileSync(join(workspace, 'pnpm-workspace.yaml'), 'utf8'));
  return [...permissions(allowBuilds), ...(dangerouslyAllowAllBuilds ? ['dangerouslyAllowAllBuilds lets everything run'] : [])];
};

const lockfileOf = async (workspace: string): Promise<readonly string[]> => {
  const { text, lockfile } = readLockfile(workspace);
  const { code, out, err } = await tried('pnpm', ['install', '--frozen-lockfile', '--lockfile-only', '--offline'], { cwd: workspace });
  return [...unpinned(text, lockfile), ...(code === 0 ? [] : [`It does not fit the manifests:\n${out}${err}`.trimEnd()])];
};

const findings: string[] = [];
const note = (workspace: string, file: string, sentences: readonly string[]): void => {
  findings.push(...sentences.map((sentence) => `${join(relative(ROOT, workspace), file)}: ${sentence}`));
};

const everything: Installed[] = [];
const ours = published();
for (const workspace of WORKSPACES) {
  const installed = installedIn(workspace);
  everything.push(...installed);
  note(workspace, 'node_modules', [...disagreements(installed, ours), ...unknownScripts(installed)]);
  note(workspace, 'pnpm-workspace.yaml', permissionsOf(workspace));
  note(workspace, 'pnpm-lock.yaml', await lockfileOf(workspace));
}
// What users get has to have been looked at, and the lockfile names it on every platform.
const seen = new Set(everything.map(({ name, version }) => `${name}@${version}`));
note(
  ROOT,
  'node_modules',
  [...ours].filter((name) => !seen.has(name)).map((name) => `${name} is not installed, so its licence is not known`),
);
if (existsSync(join(RELEASE, 'runtimes/node_modules'))) note(ROOT, 'apps/release/src/supply/licences.ts', needlessExceptions(everything));

for (const finding of findings) console.error(finding);
if (findings.length === 0) console.log(`${everything.length} packages installed here, ${ours.size} of them at users`);
process.exitCode = findings.length === 0 ? 0 : 1;
