// Does every package that changed have a changeset that speaks of it? Compared with the branch that a pull request goes to, `origin/main`
// elsewhere. `changeset status` itself is content with a changeset of any package.
import { existsSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { parse } from 'yaml';
import { pendingIn } from './packing.ts';
import { run, tried } from './run.ts';
import { packagesOf, ROOT } from './workspace.ts';

const { GITHUB_BASE_REF: target } = process.env;
const branch = `origin/${target || 'main'}`;
const base = await tried('git', ['merge-base', branch, 'HEAD'], { cwd: ROOT });

if (base.code !== 0) {
  console.log(`There is nothing to compare with: this clone has no ${branch}.`);
  // A pull request has one; that it is not here is a mistake of the workflow.
  process.exit(target ? 1 : 0);
}

const listed = await run('git', ['diff', '--name-only', base.out.trim()], { cwd: ROOT });
const added = await run('git', ['ls-files', '--others', '--exclude-standard'], { cwd: ROOT });
const changed = `${listed}${added}`.split('\n').filter((file) => file !== '');
const { changedFilePatterns: patterns }: { readonly changedFilePatterns: readonly string[] } = JSON.parse(
  readFileSync(join(ROOT, '.changeset/config.json'), 'utf8'),
);

const spoken = new Set(
  changed
    .filter((file) => /^\.changeset\/(?!README)[^/]+\.md$/.test(file) && existsSync(join(ROOT, file)))
    .flatMap((file) => Object.keys(parse(readFileSync(join(ROOT, file), 'utf8').split(/^---$/m)[1] ?? '') ?? {})),
);
const silent = packagesOf().filter(
  ({ name, folder }) => !spoken.has(name) && changed.some((file) => file.startsWith(`${folder}/`) && counts(file.slice(folder.length + 1))),
);
const before = await Promise.all(
  silent.map(({ folder }) => tried('git', ['show', `${base.out.trim()}:${folder}/package.json`], { cwd: ROOT })),
);
// What has another version now is just being released: its changesets became its changelog.
const missing = silent.filter(({ manifest: { version } }, index) => before[index]?.out.includes(`"version": "${version}"`));

for (const { name } of missing)
  console.log(
    `${name} has changed, and no changeset speaks of it. Make one: npx -y pnpm@12.21.0 changeset (\`none\` where its users notice nothing).`,
  );
// That those which wait can be read, and name packages that are there.
if (missing.length === 0 && pendingIn(ROOT).length > 0) await run('pnpm', ['exec', 'changeset', 'status'], { cwd: ROOT });
process.exitCode = missing.length === 0 ? 0 : 1;

/** As changesets reads them: the last pattern that fits decides. */
function counts(file: string): boolean {
  return patterns.reduce(
    (counted, pattern) =>
      pattern.startsWith('!') ? counted && !matchesGlob(file, pattern.slice(1)) : counted || matchesGlob(file, pattern),
    false,
  );
}
