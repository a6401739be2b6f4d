// Renames the scope of all packages, everywhere in the working tree: `rescope @acme`. apps/docs/guides/installing.md says what for.
import { spawnSync } from 'node:child_process';
import { extname, join } from 'node:path';
import { defineCommand, runMain } from 'citty';
import { scopeProblem } from './rescope/text.ts';
import { changesIn, foreignOf, rescopeTree, scopeIn } from './rescope/tree.ts';

const root = join(import.meta.dirname, '..');

/** What has to be in order again after names have changed: breaks of lines and imports, then the lockfile and the links to packages. */
const AFTERWARDS: readonly (readonly [program: string, ...args: readonly string[]])[] = [
  ['biome', 'check', '--write', '--error-on-warnings', '.'],
  ['pnpm', 'install', '--no-frozen-lockfile', '--prefer-offline'],
];

await runMain(
  defineCommand({
    meta: { name: 'rescope', description: 'Renames the scope of all packages, everywhere in the working tree.' },
    args: {
      scope: { type: 'positional', required: true, description: 'the new scope, as @acme' },
      force: { type: 'boolean', description: 'rename although there are changes that are not committed' },
    },
    run: ({ args: { scope, force } }) => {
      if (scope === scopeIn(root)) {
        console.log(`The scope is ${scope} already. There is nothing to do.`);
        return;
      }
      const problem = scopeProblem(scope) ?? taken(scope) ?? (force ? undefined : obstacle());
      if (problem !== undefined) {
        console.error(problem);
        process.exitCode = 1;
        return;
      }
      const { from, files } = rescopeTree(root, scope);
      const places = files.reduce((sum, { count }) => sum + count, 0);
      console.log(`${from} is ${scope} now, in ${places} places of ${files.length} files:\n\n${byKind(files)}\n`);
      for (const [program, ...rest] of AFTERWARDS) {
        const { status, stdout, stderr, error } = spawnSync(program, rest, { cwd: root, encoding: 'utf8' });
        if (status === 0) continue;
        const said = error?.message ?? `${stdout}${stderr}`;
        console.error(
          `The names are others now, but what belongs to it failed. Mend it and run it again: ${[program, ...rest].join(' ')}\n${said}`,
        );
        process.exitCode = 1;
        return;
      }
      const next = [
        ['git diff', 'look at it; git checkout . takes it back'],
        ['npx -y pnpm@12.21.0 api', 'the reports of public surfaces, sorted anew'],
        ['npx -y pnpm@12.21.0 test', 'and check'],
        [`${scope}:registry=…`, 'in the .npmrc of projects that use the packages'],
      ];
      console.log(`Next:\n\n${next.map(([what = '', why]) => `  ${what.padEnd(32)} ${why}`).join('\n')}\n`);
    },
  }),
);

function taken(scope: string): string | undefined {
  const foreign = foreignOf(root, scope);
  if (foreign.length === 0) return undefined;
  return `${scope} is the scope of packages from elsewhere that are used here: ${foreign.join(', ')}. Take one that is yours.`;
}

function obstacle(): string | undefined {
  const changes = changesIn(root);
  if (changes === undefined)
    return 'This is no git checkout, which is what says which files there are. Make it one: git init && git add -A && git commit.';
  if (changes === '') return undefined;
  return `There are changes that are not committed, and the rename would be mixed with them. Commit or stash them, or give --force:\n${changes}`;
}

function byKind(files: readonly { readonly file: string; readonly count: number }[]): string {
  const kinds = new Map<string, { files: number; places: number }>();
  for (const { file, count } of files) {
    const kind = extname(file) || file;
    const { files: number, places } = kinds.get(kind) ?? { files: 0, places: 0 };
    kinds.set(kind, { files: number + 1, places: places + count });
  }
  return [...kinds]
    .sort(([, a], [, b]) => b.places - a.places)
    .map(([kind, { files: number, places }]) => `  ${kind.padEnd(20)} ${String(places).padStart(5)} in ${number} files`)
    .join('\n');
}
