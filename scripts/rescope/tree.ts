import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { foreignIn, renamed, withoutDisclaimer, withoutNamesake, withoutNamesakeLines } from './text.ts';

/** What was renamed. */
export interface Rescoped {
  readonly from: string;
  /** By their path from the root, with the number of places in each. */
  readonly files: readonly { readonly file: string; readonly count: number }[];
}

const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/** The scope that the packages of a working tree have. */
export const scopeIn = (root: string): string =>
  JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')).name.split('/')[0];

/** What git says of the working tree, or `undefined` where there is no git. */
export const changesIn = (root: string): string | undefined => {
  try {
    return execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
};

/** What is installed here under a scope, from elsewhere. */
export const foreignOf = (root: string, scope: string): readonly string[] =>
  foreignIn(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'), scope);

/** Renames the scope in every file that git knows or would take. Formatting and links in `node_modules` are for later. */
export const rescopeTree = (root: string, to: string): Rescoped => {
  const from = scopeIn(root);
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  const files = listed
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
    .flatMap((file) => {
      const bytes = readFileSync(join(root, file));
      // A picture, say.
      if (bytes.includes(0)) return [];
      const before = bytes.toString('utf8');
      const isManifest = basename(file) === 'package.json';
      const { text, count } = renamed(withoutForeign(file, before), from, to);
      const after = isManifest && count > 0 ? sorted(text) : text;
      if (after !== before) writeFileSync(join(root, file), after);
      return count > 0 ? [{ file, count }] : [];
    });
  return { from, files };
};

/** Without what is said of the other project that has the old scope, in the way in which this kind of file says it. */
const withoutForeign = (file: string, text: string): string => {
  if (basename(file) === 'package.json') return withoutDisclaimer(text);
  if (extname(file) === '.md') return withoutNamesake(text);
  return extname(file) === '.ts' ? withoutNamesakeLines(text) : text;
};

/** Dependencies stand in the order of their names, which are others now. */
const sorted = (manifest: string): string => {
  const content: Record<string, unknown> = JSON.parse(manifest);
  for (const kind of DEPENDENCIES) {
    const list = content[kind];
    if (typeof list === 'object' && list !== null)
      content[kind] = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return `${JSON.stringify(content, undefined, 2)}\n`;
};
