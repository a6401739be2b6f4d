// Whose code is installed here and at users: under which licences, from where, and whether anything of it runs while it is installed.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { leaveOut } from '../offline.ts';
import { install, installRuntimes, RUNTIMES, type Trouble } from '../runtimes/installation.ts';
import { packagesOf, ROOT } from '../workspace.ts';
import { type Installed, installedIn } from './installed.ts';
import { disagreements, needlessExceptions } from './licences.ts';
import { installedOn, installedWith, type Platform, readLockfile, unpinned } from './lockfile.ts';
import { permissions, unknownScripts } from './scripts.ts';

interface Workspace {
  readonly folder: string;
  /** Whatever is there already: pnpm then looks whether it is what the lockfile says, sums and all. */
  readonly install: () => Promise<Trouble | undefined>;
}

/** The peers that the engine is measured beside. */
const BENCH = join(ROOT, 'apps/bench');

const WORKSPACES: readonly Workspace[] = [
  { folder: ROOT, install: () => install(ROOT, '--frozen-lockfile') },
  { folder: RUNTIMES, install: installRuntimes },
  // Nobody gets it from us, but it runs here.
  { folder: BENCH, install: () => install(BENCH, '--frozen-lockfile') },
];

const HERE: Platform = {
  os: process.platform,
  cpu: process.arch,
  libc: process.platform === 'linux' ? (hasGlibc() ? 'glibc' : 'musl') : undefined,
};

const published = (): ReadonlySet<string> => {
  const { lockfile } = readLockfile(ROOT);
  return new Set(packagesOf().flatMap(({ folder }) => [...installedWith(folder, lockfile)]));
};

const permissionsOf = (workspace: string): readonly string[] => {
  const { allowBuilds = {}, dangerouslyAllowAllBuilds = false } = parse(readFileSync(join(workspace, 'pnpm-workspace.yaml'), 'utf8'));
  return [...permissions(allowBuilds), ...(dangerouslyAllowAllBuilds ? ['dangerouslyAllowAllBuilds lets everything run'] : [])];
};

const nameOf = ({ name, version }: Installed): string => `${name}@${version}`;

const findings: string[] = [];
const note = (workspace: string, file: string, sentences: readonly string[]): void => {
  findings.push(...sentences.map((sentence) => `${join(relative(ROOT, workspace), file)}: ${sentence}`));
};

const everything: Installed[] = [];
const troubles: Trouble[] = [];
const ours = published();
for (const { folder, install: installIt } of WORKSPACES) {
  const { text, lockfile } = readLockfile(folder);
  const trouble = await installIt();
  if (trouble !== undefined) troubles.push(trouble);
  const installed = installedIn(folder);
  everything.push(...installed);
  note(folder, 'node_modules', [...disagreements(installed, ours), ...unknownScripts(installed)]);
  note(folder, 'pnpm-workspace.yaml', permissionsOf(folder));
  note(folder, 'pnpm-lock.yaml', unpinned(text, lockfile));
  const seen = new Set(installed.map(nameOf));
  const listed = Object.keys(lockfile.packages ?? {});
  const unseen = listed.filter((name) => !seen.has(name));
  const due = installedOn(HERE, lockfile);
  const missing = unseen.filter((name) => due.has(name));
  const where = relative(ROOT, folder) || 'the workspace';
  if (trouble?.isOffline)
    leaveOut(
      `whether ${where} has what its lockfile says`,
      `no registry can be reached, and ${missing.length} of its packages are not here: ${trouble.sentence}`,
    );
  else if (trouble !== undefined) note(folder, 'pnpm-lock.yaml', [`It cannot be installed as it says: ${trouble.sentence}`]);
  else {
    const sentences = missing.map((name) => `${name} is not installed, so nothing of it was looked at`);
    note(folder, 'node_modules', sentences);
  }
  const elsewhere = unseen.length - missing.length;
  console.log(
    `left   ${elsewhere} of ${listed.length} packages of ${where}: they are for other platforms, so only their names and pins were looked at`,
  );
}
// What users get has to have been looked at, and the lockfile names it on every platform.
const seen = new Set(everything.map(nameOf));
note(
  ROOT,
  'node_modules',
  [...ours].filter((name) => !seen.has(name)).map((name) => `${name} is not installed, so its licence is not known`),
);
if (troubles.length === 0) note(ROOT, 'apps/release/src/supply/licences.ts', needlessExceptions(everything));

for (const finding of findings) console.error(finding);
if (findings.length === 0) console.log(`${everything.length} packages installed here, ${ours.size} of them at users`);
else process.exitCode = 1;

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } }; // Declared as `object`.
  return header.glibcVersionRuntime !== undefined;
}
