// Renames the scope of all packages, everywhere in the working tree: `rescope @acme`. apps/docs/guides/installing.md says what for.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineCommand, runMain } from 'citty';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' });

await runMain(
  defineCommand({
    meta: { name: 'rescope', description: 'Renames the scope of all packages, everywhere in the working tree.' },
    args: { scope: { type: 'positional', required: true, description: 'the new scope, as @acme' } },
    run: ({ args: { scope: to } }) => {
      const from: string = JSON.parse(read('scripts/package.json')).name.split('/')[0];
      const problem = problemWith(from, to);
      if (problem !== undefined) {
        console.error(problem);
        process.exitCode = 1;
        return;
      }
      const renamed = git('ls-files', '-z')
        .split('\0')
        .filter((file) => file !== '' && renameIn(file, from, to));
      console.log(`Renamed ${from} to ${to} in ${renamed.length} files.`);
      // Names have another length and another order now: breaks of lines, imports, the lockfile, the reports of public surfaces.
      for (const command of ['biome check --write .', 'pnpm install --no-frozen-lockfile --prefer-offline', 'pnpm api']) {
        const [program = '', ...rest] = command.split(' ');
        const { status } = spawnSync(program, rest, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
        if (status === 0) continue;
        console.error(`The names have changed, but \`${command}\` failed. Fix what it says, and run it again.`);
        process.exitCode = 1;
        return;
      }
      console.log('Next: `git diff`, `test`, `check`. `git checkout .` undoes all of it.');
    },
  }),
);

function problemWith(from: string, to: string): string | undefined {
  if (!/^@[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/.test(to))
    return `${to} cannot be a scope. Use @ and then lower-case letters, digits, -, _ and dots, with a letter or a digit at both ends: @acme.`;
  if (to === from) return `The scope is ${to} already.`;
  if (new RegExp(`^ {2}'?${escaped(to)}/`, 'm').test(read('pnpm-lock.yaml')))
    return `Packages of others that are used here have the scope ${to}. Use a scope of your own.`;
  if (git('status', '--porcelain') !== '')
    return 'There are uncommitted changes. Commit or stash them first, so that `git diff` shows the rename.';
  return undefined;
}

/** Renames the scope in a file, and answers whether it was there. */
function renameIn(file: string, from: string, to: string): boolean {
  if (!existsSync(join(root, file))) return false;
  const text = read(file);
  // As a whole word: not in an email address, nor as the beginning of another scope or of a host.
  const renamed = text.replaceAll(new RegExp(`(?<![\\w.%+-])${escaped(from)}(?![\\w-]|\\.\\w)`, 'g'), to);
  // A picture, which does not survive being read as text, has no scope in it.
  if (renamed === text) return false;
  writeFileSync(join(root, file), basename(file) === 'package.json' ? sorted(renamed) : renamed);
  return true;
}

/** Dependencies stand in the order of their names. */
function sorted(manifest: string): string {
  const content: Record<string, unknown> = JSON.parse(manifest);
  for (const kind of ['dependencies', 'devDependencies']) {
    const { [kind]: list } = content;
    if (typeof list === 'object' && list !== null)
      content[kind] = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}
