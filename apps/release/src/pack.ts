// Packs every package once, as it would be published: `pack.ts [PLAN]`, with a plan of `changeset publish-plan` only what that names. All checks
// of packages look at these tarballs. A release publishes tarballs that are the same, byte for byte.
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOfWorkspace } from '@auth/scripts/copy';
import { PACKED, tarballs } from './tarballs.ts';
import { type Package, packagesOf, ROOT } from './workspace.ts';

/** A plan with every package: first those that need none of the others. */
const planOf = (packages: readonly Package[]): object => {
  const names = new Set(packages.map(({ name }) => name));
  const needsOthers = ({ manifest: { dependencies = {} } }: Package): boolean => Object.keys(dependencies).some((name) => names.has(name));
  const { access }: { readonly access: string } = JSON.parse(readFileSync(join(ROOT, '.changeset/config.json'), 'utf8'));
  const chunks = [packages.filter((one) => !needsOthers(one)), packages.filter(needsOthers)];
  const planned = ({ name, manifest: { version } }: Package): object => ({ kind: 'publish', name, version, access, tag: 'latest' });
  return { version: 1, plan: chunks.map((chunk) => chunk.map(planned)) };
};

/** A registry accepts provenance only for a package that names the repository which built it. */
const addRepository = (root: string, { folder }: Package): void => {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (!server || !name) return;
  const file = join(root, folder, 'package.json');
  const repository = { type: 'git', url: `git+${server}/${name}.git`, directory: folder };
  writeFileSync(file, `${JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), repository }, undefined, 2)}\n`);
};

const [, , plan] = process.argv;
rmSync(PACKED, { recursive: true, force: true });
// In a copy, because changesets that wait for a release change versions and changelogs, and `dist` may have files of another day here.
const copy = copyOfWorkspace();
try {
  copy.pnpm('build', '--output-logs=errors-only');
  if (globSync('.changeset/!(README).md', { cwd: copy.root }).length > 0) copy.pnpm('exec', 'changeset', 'version');
  const packages = packagesOf(copy.root);
  for (const one of packages) addRepository(copy.root, one);
  writeFileSync(join(copy.root, 'plan.json'), plan === undefined ? JSON.stringify(planOf(packages)) : readFileSync(plan));
  copy.pnpm('exec', 'changeset', 'pack', '--from-publish-plan', 'plan.json', '--out-dir', PACKED);
} finally {
  copy.remove();
}
for (const { name, version, path } of tarballs()) console.log(`${name}@${version} ${path}`);
