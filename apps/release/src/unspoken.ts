import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getChangedPackagesSinceRef } from '@changesets/git';
import { readChangesets } from '@changesets/read';
import { parse } from 'yaml';
import { tried } from './run.ts';
import { packagesOf } from './workspace.ts';

/**
 * Which packages of a repository have changed since a commit, without a changeset that speaks of it: a sentence for each. `changeset status`
 * is content with a changeset of any package, and does not see the ranges in the catalog, which users get too.
 */
export const unspokenSince = async (base: string, root: string): Promise<readonly string[]> => {
  const { changedFilePatterns } = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8'));
  const changed = await getChangedPackagesSinceRef({ cwd: root, ref: base, changedFilePatterns });
  const changesets = await readChangesets(root, base);
  const spoken = new Set(changesets.flatMap(({ releases }) => releases.map(({ name }) => name)));
  const show = async (file: string): Promise<string> => (await tried('git', ['show', `${base}:${file}`], { cwd: root })).out;
  const moved = movedIn(await show('pnpm-workspace.yaml'), readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'));
  const silent = changesets.filter(({ summary, releases }) => summary === '' && releases.some(({ type }) => type !== 'none'));
  const sentences = packagesOf(root).map(async ({ name, folder, manifest: { version, dependencies = {}, peerDependencies = {} } }) => {
    const ranges = moved.filter((one) => ({ ...dependencies, ...peerDependencies })[one]?.startsWith('catalog:'));
    const has = changed.some(({ packageJson }) => packageJson.name === name);
    if (spoken.has(name) || (!has && ranges.length === 0)) return [];
    // A release has taken its changesets away, and left the changelog.
    const changelog = join(root, folder, 'CHANGELOG.md');
    const before = await show(`${folder}/package.json`);
    const isReleased = before === '' || JSON.parse(before).version !== version;
    if (isReleased && existsSync(changelog) && readFileSync(changelog, 'utf8').startsWith(`# ${name}\n\n## ${version}\n`)) return [];
    return [`${name} has changed${ranges.length > 0 ? ` (the range of ${ranges.join(', ')})` : ''}, and no changeset speaks of it.`];
  });
  return [
    ...silent.map(({ id }) => `.changeset/${id}.md says nothing, which would be an empty entry of the changelog.`),
    ...(await Promise.all(sentences)).flat(),
  ];
};

type Ranges = Readonly<Record<string, string>>;

/** The packages whose range in a catalog is another one. */
const movedIn = (before: string, after: string): readonly string[] => {
  const rangesIn = (text: string): Ranges => {
    const { catalog = {}, catalogs = {} }: { readonly catalog?: Ranges; readonly catalogs?: Readonly<Record<string, Ranges>> } =
      parse(text) ?? {};
    return Object.assign({}, ...Object.values(catalogs), catalog);
  };
  const [was, is] = [rangesIn(before), rangesIn(after)];
  return Object.keys(is).filter((name) => was[name] !== undefined && was[name] !== is[name]);
};
