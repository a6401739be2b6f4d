import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TEMPLATE = join(import.meta.dirname, 'template');
/** The scope of the packages here. */
export const SCOPE: string = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).name.split('/')[0];
/** The name that the template has instead of the vendor's. It is in no other word there. */
const PLACEHOLDER = 'acme';
const RESERVED =
  /^(?:break|case|catch|class|debugger|default|delete|do|else|enum|eval|false|finally|for|function|in|instanceof|null|package|private|protected|public|super|static|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;

/** Why there can be no provider of this name, or `undefined`. */
export const nameProblem = (root: string, name: string): string | undefined => {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name))
    return `${name || 'The name'} must be lower-case letters and digits: it becomes a package, a function and the beginning of environment variables.`;
  if (existsSync(join(root, 'packages', name))) return `packages/${name} exists already.`;
  // Else the vendor's function would have the name of something else.
  const isUsed = templateFiles().some((file) => new RegExp(`(?<!@)\\b${name}\\b`).test(readFileSync(join(TEMPLATE, file), 'utf8')));
  if (RESERVED.test(name) || (isUsed && name !== PLACEHOLDER))
    return `${name} is a word that the code of a provider has already. Add the company's to it.`;
  return undefined;
};

/** Why this cannot be the vendor's display name, or `undefined`. */
export const titleProblem = (title: string): string | undefined =>
  /^[\p{L}\p{N}][\p{L}\p{N} .&()+-]{0,59}$/u.test(title)
    ? undefined
    : 'The title must be at most 60 letters, digits, spaces and .&()+- , beginning with a letter or digit.';

/**
 * Writes the skeleton of a provider, and makes its package known to the documentation and to the check of sizes. Returns the files,
 * relative to the root. Throws for a name or title that has a problem.
 */
export const generateProvider = (root: string, name: string, title = capital(name)): readonly string[] => {
  const problem = nameProblem(root, name) ?? titleProblem(title);
  if (problem !== undefined) throw new Error(problem);
  const folder = join('packages', name);
  const files = templateFiles().map((file) => {
    const filled = filledWith(name, title, file);
    const target = file.startsWith('.changeset') ? filled : join(folder, filled);
    mkdirSync(dirname(join(root, target)), { recursive: true });
    writeFileSync(join(root, target), filledWith(name, title, readFileSync(join(TEMPLATE, file), 'utf8')));
    return target;
  });
  const license = join(folder, 'LICENSE');
  cpSync(join(import.meta.dirname, '../../LICENSE'), join(root, license));
  const changed = Object.entries(ELSEWHERE).map(([file, change]) => {
    writeFileSync(join(root, file), change(readFileSync(join(root, file), 'utf8'), name));
    return file;
  });
  return [...files, license, ...changed].sort();
};

/** What is said of every package outside its folder. */
const ELSEWHERE: Readonly<Record<string, (text: string, name: string) => string>> = {
  // The examples of its README and doc comments import it.
  'apps/docs/package.json': (text, name) => {
    const manifest = JSON.parse(text);
    const all = Object.entries({ ...manifest.dependencies, [`${SCOPE}/${name}`]: 'workspace:^' });
    const dependencies = Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1)));
    return `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`;
  },
  // The skeleton has 33.5 kB, of which 22.5 kB are ours.
  'apps/release/.size-limit.ts': (text, name) =>
    text.replace(
      /(?= {2}\{ of: 'store-sqlite')/,
      `  { of: '${name}', limit: '37 kB' },\n  { of: '${name}', limit: '25 kB', external: OTHERS },\n`,
    ),
};

const templateFiles = (): readonly string[] => globSync('{*,{src,test,.changeset}/**/*}.*', { cwd: TEMPLATE }).sort();

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** The scope may have the placeholder in it, and stays. Sentences have the display name, code has the name. */
const filledWith = (name: string, title: string, text: string): string =>
  text
    .split(SCOPE)
    .map((part) =>
      part
        .replaceAll(PLACEHOLDER, name)
        .replace(/\bAcme\b/g, () => title)
        .replaceAll('Acme', capital(name))
        .replaceAll('ACME', name.toUpperCase()),
    )
    .join(SCOPE);
