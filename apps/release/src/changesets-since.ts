import { existsSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { parse } from 'yaml';
import { pendingIn } from './packing.ts';
import { run, tried } from './run.ts';
import { type Manifest, packagesOf } from './workspace.ts';

/** What is wrong with the changesets that wait in a working tree, each with its file. Empty where all can be used. */
export const unusableIn = (root: string): readonly string[] =>
  pendingIn(root).flatMap((file) => {
    const changeset = changesetIn(root, file);
    if ('problem' in changeset) return [`${file} cannot be read: ${changeset.problem}`];
    const { releases, summary } = changeset;
    const isSilent = summary === '' && Object.values(releases).some((kind) => kind !== 'none');
    return isSilent ? [`${file} says nothing, which would be an empty entry of the changelog. Write what users notice.`] : [];
  });

/**
 * Which packages of a working tree are not what they were at a commit, and no changeset since then speaks of it: a sentence for each. Files
 * count as `.changeset/config.json` says; ranges that packages have from the catalog count as if they stood in their `package.json`.
 */
export const unspokenSince = async (base: string, root: string): Promise<readonly string[]> => {
  const changed = await changedSince(base, root);
  const spoken = new Set(
    changed
      .filter((file) => /^\.changeset\/(?!README)[^/]+\.md$/.test(file) && existsSync(join(root, file)))
      .map((file) => changesetIn(root, file))
      .flatMap((changeset) => ('problem' in changeset ? [] : Object.keys(changeset.releases))),
  );
  const counts = countingIn(root);
  const before = await publishedAt(base, root);
  const catalogs = catalogsOf(readIfThere(root, WORKSPACE));

  return packagesOf(root).flatMap(({ name, folder, manifest }) => {
    const was = before.get(name);
    const isChanged = changed.some((file) => file.startsWith(`${folder}/`) && counts(file.slice(folder.length + 1)));
    const isVersioned = was !== undefined && was.version !== manifest.version;
    const what = [
      ...(was === undefined ? ['is new'] : isVersioned ? ['has another version, without an entry in its changelog'] : []),
      ...(was !== undefined && isChanged && !isVersioned ? ['has changed'] : []),
      ...[...rangesOf(manifest, catalogs)].flatMap(([one, range]) => {
        const old = was?.ranges.get(one) ?? range;
        return old === range ? [] : [`asks for ${one} ${range}, no longer for ${old}`];
      }),
    ];
    const isReleased = was?.version !== manifest.version && changed.includes(`${folder}/CHANGELOG.md`) && isEntered(root, folder, manifest);
    if (what.length === 0 || spoken.has(name) || isReleased) return [];
    return [
      `${name} ${what.join(', and ')}; no changeset speaks of it. Make one: npx -y pnpm@12.21.0 changeset (\`none\` where its users notice nothing).`,
    ];
  });
};

/** Files that differ from a commit: those that are gone and those that git does not know yet, too. */
const changedSince = async (base: string, root: string): Promise<readonly string[]> => {
  // Without renames, as a file that moves to another package is missing in its own.
  const listed = await run('git', ['diff', '--name-only', '--no-renames', '-z', base], { cwd: root });
  const added = await run('git', ['ls-files', '--others', '--exclude-standard', '-z'], { cwd: root });
  return `${listed}${added}`.split('\0').filter((file) => file !== '');
};

/** Whether a file of a package counts. As changesets reads the patterns: the last one that fits decides. */
const countingIn = (root: string): ((file: string) => boolean) => {
  const { changedFilePatterns: patterns }: { readonly changedFilePatterns: readonly string[] } = JSON.parse(
    readIfThere(root, '.changeset/config.json'),
  );
  return (file) =>
    patterns.reduce(
      (counted, pattern) =>
        pattern.startsWith('!') ? counted && !matchesGlob(file, pattern.slice(1)) : counted || matchesGlob(file, pattern),
      false,
    );
};

type Changeset = { readonly releases: Readonly<Record<string, unknown>>; readonly summary: string } | { readonly problem: string };

/** One file, split where changesets splits it. */
const changesetIn = (root: string, file: string): Changeset => {
  const [, front, summary = ''] = /^\s*---([\s\S]*?)\r?\n\s*---(\s*(?:\n|$)[\s\S]*)/.exec(readIfThere(root, file)) ?? [];
  if (front === undefined) return { problem: 'it does not begin with packages between two lines `---`.' };
  try {
    const releases: unknown = parse(front) ?? {};
    if (typeof releases !== 'object' || releases === null || Array.isArray(releases))
      return { problem: "it begins with something else than lines as `'@acme/core': minor`." };
    return { releases: { ...releases }, summary: summary.trim() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message.trim() : String(error) };
  }
};

const WORKSPACE = 'pnpm-workspace.yaml';

/** By the name of a catalog, then of a package. */
type Catalogs = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

const catalogsOf = (workspace: string): Catalogs => {
  const { catalog, catalogs }: { readonly catalog?: Record<string, string>; readonly catalogs?: Catalogs } = parse(workspace) ?? {};
  return { default: catalog, ...catalogs };
};

/** A `package.json` as far as users get something by it. */
interface Depending extends Manifest {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * What users get along with a package from the catalog, and in which range. `workspace:` is not looked up: which core a package asks for is
 * decided when it is released, and a core that is released moves those that have to follow.
 */
const rangesOf = ({ dependencies, peerDependencies, optionalDependencies }: Depending, catalogs: Catalogs): ReadonlyMap<string, string> =>
  new Map(
    [dependencies, optionalDependencies, peerDependencies].flatMap((list = {}) =>
      Object.entries(list).flatMap(([name, range]): [string, string][] => {
        const [, catalog] = /^catalog:(.*)$/.exec(range) ?? [];
        return catalog === undefined ? [] : [[name, catalogs[catalog || 'default']?.[name] ?? range]];
      }),
    ),
  );

interface PublishedAt {
  readonly version: string;
  readonly ranges: ReadonlyMap<string, string>;
}

/** The packages that a commit has, by their names. */
const publishedAt = async (commit: string, root: string): Promise<ReadonlyMap<string, PublishedAt>> => {
  const show = async (file: string): Promise<string> => (await tried('git', ['show', `${commit}:${file}`], { cwd: root })).out;
  const files = (await run('git', ['ls-tree', '-r', '-z', '--name-only', commit, 'packages'], { cwd: root })).split('\0');
  const catalogs = catalogsOf(await show(WORKSPACE));
  const manifests = await Promise.all(
    files
      .filter((file) => matchesGlob(file, 'packages/*/package.json'))
      .map(async (file): Promise<Depending> => JSON.parse(await show(file))),
  );
  return new Map(manifests.map((manifest) => [manifest.name, { version: manifest.version, ranges: rangesOf(manifest, catalogs) }]));
};

/** Whether the changelog begins with this version, as `changeset version` writes it: then its changesets were there. */
const isEntered = (root: string, folder: string, { name, version }: Manifest): boolean =>
  readIfThere(root, `${folder}/CHANGELOG.md`).startsWith(`# ${name}\n\n## ${version}\n`);

const readIfThere = (root: string, file: string): string => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');
