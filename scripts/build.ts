// Builds the package in whose folder it runs: declarations file by file, as tsc writes them, and one JavaScript file for each entry and for each
// module that is loaded on demand, because every further file costs the program that imports it more than half a millisecond. Only files of
// the package are put together: what it depends on stays a dependency.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const folder = process.cwd();
const sources = join(folder, 'src');

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly 'workspace-source': string; readonly default?: string }>>;
}

const { exports }: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
// What has no file in `dist` is for the workspace only.
const entries = Object.values(exports).flatMap((entry) => (entry.default === undefined ? [] : [join(folder, entry['workspace-source'])]));

/** `engine/status` for the source of that name. */
const nameOf = (id: string): string => relative(sources, id).replace(/\.ts$/, '');

/** By source, what it imports at once. */
const imported = new Map<string, readonly string[]>();

const onDemandOnly = new Set<string>();

/** What is loaded on demand is an entry, too. Otherwise a bundler of ours would keep it in one piece with what is not. */
const onDemand: Plugin = {
  name: 'on-demand',
  moduleParsed({ id, importedIds, dynamicallyImportedIds }) {
    imported.set(id, importedIds);
    for (const late of dynamicallyImportedIds) {
      if (!late.startsWith(sources)) continue;
      onDemandOnly.add(late);
      this.emitFile({ type: 'chunk', id: late, name: nameOf(late) });
    }
  },
};

/** The sources that come with this one. */
const reached = (id: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(id)) return seen;
  seen.add(id);
  for (const next of imported.get(id) ?? []) reached(next, seen);
  return seen;
};

/** How many of these need a source at once. */
const usesOf = (id: string, ids: Iterable<string>): number => [...ids].filter((entry) => reached(entry).has(id)).length;

/**
 * Whether a source is so common that everything shares it: errors, waiting. What only two entries share is another file, which bundlers drop as a
 * whole; and what is loaded on demand must not come along.
 */
const isBasic = (id: string): boolean =>
  !entries.includes(id) && usesOf(id, entries) > 1 && usesOf(id, new Set([...entries, ...onDemandOnly])) > 2;

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json', '--emitDeclarationOnly'], { stdio: 'inherit' });
await using bundle = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [nameOf(entry), entry])),
  platform: 'neutral',
  tsconfig: 'tsconfig.build.json',
  external: (id) => !/^[./]/.test(id),
  // A file that is imported for its own sake is to be loaded, whatever the manifest says to the bundlers of products.
  treeshake: false,
  plugins: [onDemand],
});
await bundle.write({
  dir: 'dist',
  sourcemap: true,
  // They are in the declarations.
  comments: { jsdoc: false },
  // The sources are in the tarball.
  sourcemapExcludeSources: true,
  entryFileNames: '[name].js',
  chunkFileNames: ({ isEntry }) => (isEntry ? '[name].js' : 'chunks/[name].js'),
  // One file, not one for each set of entries.
  codeSplitting: { groups: [{ name: 'base', test: isBasic }] },
});
