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

/** Writes the skeleton of a provider, and answers its files, relative to the root. Throws for a name that has a problem. */
export const generateProvider = (root: string, name: string): readonly string[] => {
  const problem = nameProblem(root, name);
  if (problem !== undefined) throw new Error(problem);
  const folder = join('packages', name);
  const files = templateFiles().map((file) => {
    const filled = filledWith(name, file);
    const target = file.startsWith('.changeset') ? filled : join(folder, filled);
    mkdirSync(dirname(join(root, target)), { recursive: true });
    writeFileSync(join(root, target), filledWith(name, readFileSync(join(TEMPLATE, file), 'utf8')));
    return target;
  });
  const license = join(folder, 'LICENSE');
  cpSync(join(import.meta.dirname, '../../LICENSE'), join(root, license));
  return [...files, license].sort();
};

const templateFiles = (): readonly string[] => globSync('{*,src/*,test/*,.changeset/*}.*', { cwd: TEMPLATE }).sort();

/** The scope may have the placeholder in it, and stays. */
const filledWith = (name: string, text: string): string =>
  text
    .split(SCOPE)
    .map((part) =>
      part
        .replaceAll(PLACEHOLDER, name)
        .replaceAll('Acme', `${name.charAt(0).toUpperCase()}${name.slice(1)}`)
        .replaceAll('ACME', name.toUpperCase()),
    )
    .join(SCOPE);
