import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Copy, copyOfWorkspace } from './copy.ts';
import type { Destination } from './destination.ts';
import { planOf } from './plan.ts';
import { run } from './run.ts';
import { type Package, packagesOf, ROOT } from './workspace.ts';

/** A package, as the next release would publish it. */
export interface Packed {
  readonly name: string;
  readonly folder: string;
  /** The version in the working tree. */
  readonly from: string;
  /** The version of the tarball: the same where no changeset speaks of the package. */
  readonly to: string;
  /** What the release adds to the changelog. Empty where it adds nothing. */
  readonly changes: string;
}

/**
 * Packs every package into a directory, in the versions that the pending changesets give them, with its changelog and guides. The working
 * tree stays as it is: all of it happens in a copy.
 */
export const packAll = async (out: string, { access, repository }: Omit<Destination, 'registry'>): Promise<readonly Packed[]> => {
  await run('pnpm', ['build', '--output-logs=errors-only'], { cwd: ROOT });
  const copy = await copyOfWorkspace();
  try {
    const before = packagesOf(copy.root);
    await applyChangesets(copy);
    const after = packagesOf(copy.root);
    if (repository !== undefined) for (const one of after) addRepository(copy, one, repository);
    writeFileSync(join(copy.root, 'plan.json'), JSON.stringify({ version: 1, plan: planOf(after, access) }));
    await copy.exec('changeset', 'pack', '--from-publish-plan', 'plan.json', '--out-dir', out);
    return after.map(({ name, folder, manifest: { version: to } }, index) => {
      const from = before[index]?.manifest.version ?? '';
      return { name, folder, from, to, changes: from === to ? '' : changesIn(join(copy.root, folder, 'CHANGELOG.md'), to) };
    });
  } finally {
    copy.remove();
  }
};

/** The changesets that wait for a release. */
export const pendingIn = (root: string): readonly string[] =>
  globSync('.changeset/*.md', { cwd: root }).filter((file) => !file.endsWith('README.md'));

/** Gives a copy the versions and changelogs of its pending changesets. Where there are none it stays as it is, which changesets would call an error. */
export const applyChangesets = async (copy: Copy): Promise<void> => {
  if (pendingIn(copy.root).length > 0) await copy.exec('changeset', 'version');
};

/** A registry accepts provenance only for a package that names the repository which built it. */
const addRepository = ({ root }: Copy, { folder, manifest }: Package, url: string): void => {
  const repository = { type: 'git', url, directory: folder };
  writeFileSync(join(root, folder, 'package.json'), `${JSON.stringify({ ...manifest, repository }, undefined, 2)}\n`);
};

const changesIn = (changelog: string, version: string): string => {
  if (!existsSync(changelog)) return '';
  const [, entry = ''] = readFileSync(changelog, 'utf8').split(/^## /m);
  return entry.startsWith(`${version}\n`) ? entry.slice(version.length).trim() : '';
};
