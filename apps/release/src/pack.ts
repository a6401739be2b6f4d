// Packs every package once, as it would be published: in the versions that the pending changesets give it, with its changelog and guides.
// All checks of packages, the matrix of runtimes and the trial of the installation look at these tarballs.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOfWorkspace } from './copy.ts';
import { PACKED, tarballs } from './tarballs.ts';
import { packagesOf } from './workspace.ts';

const copy = await copyOfWorkspace();
try {
  await copy.exec('changeset', 'version');
  // What `changeset publish-plan` answers where nothing is published yet.
  const plan = packagesOf(copy.root).map(({ name, manifest: { version } }) => ({
    kind: 'publish',
    name,
    version,
    access: 'restricted',
    tag: 'latest',
  }));
  writeFileSync(join(copy.root, 'plan.json'), JSON.stringify({ version: 1, plan: [plan] }));
  rmSync(PACKED, { recursive: true, force: true });
  await copy.exec('changeset', 'pack', '--from-publish-plan', 'plan.json', '--out-dir', PACKED);
} finally {
  copy.remove();
}
for (const { name, version } of tarballs()) console.log(`${name} ${version}`);
