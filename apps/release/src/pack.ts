// Packs every package once, as it would be published: in the versions that the pending changesets give it, with its changelog and guides.
// All checks of packages, the matrix of runtimes and the trial of the installation look at these tarballs.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOfWorkspace } from './copy.ts';
import { PACKED, tarballs } from './tarballs.ts';
import { type Package, packagesOf } from './workspace.ts';

const copy = await copyOfWorkspace();
try {
  await copy.exec('changeset', 'version');
  writeFileSync(join(copy.root, 'plan.json'), JSON.stringify({ version: 1, plan: planOf(packagesOf(copy.root)) }));
  rmSync(PACKED, { recursive: true, force: true });
  await copy.exec('changeset', 'pack', '--from-publish-plan', 'plan.json', '--out-dir', PACKED);
} finally {
  copy.remove();
}
for (const { name, version } of tarballs()) console.log(`${name} ${version}`);

/** What `changeset publish-plan` answers where nothing is published yet: first those that need none of the others. */
function planOf(packages: readonly Package[]): readonly (readonly object[])[] {
  const names = new Set(packages.map(({ name }) => name));
  const needsOthers = ({ manifest: { dependencies = {} } }: Package): boolean => Object.keys(dependencies).some((name) => names.has(name));
  return [packages.filter((one) => !needsOthers(one)), packages.filter(needsOthers)].map((chunk) =>
    chunk.map(({ name, manifest: { version } }) => ({ kind: 'publish', name, version, access: 'restricted', tag: 'latest' })),
  );
}
