import type { Installed } from './installed.ts';

/** What may run while dependencies are installed. */
const ALLOWED = ['node'];

/** Packages that would run something at their installation, and do not, as pnpm is not told to let them. */
const NOT_RUN: Readonly<Record<string, string>> = {
  bun: 'would put its program in the place of the script that starts it, which the matrix of runtimes does without',
  deno: 'the same',
  workerd: 'the same',
};

/** A sentence for each package that is allowed to run something and should not be. */
export const permissions = (allowBuilds: Readonly<Record<string, boolean>>): readonly string[] =>
  Object.entries(allowBuilds)
    .filter(([name, isAllowed]) => isAllowed && !ALLOWED.includes(name))
    .map(([name]) => `allowBuilds lets ${name} run scripts when it is installed`);

/** A sentence for each package with such a script that nobody has looked at. */
export const unknownScripts = (installed: readonly Installed[]): readonly string[] =>
  installed
    .filter(({ name, onInstall }) => onInstall.length > 0 && !ALLOWED.includes(name) && NOT_RUN[name] === undefined)
    .map(({ name, version, onInstall }) => `${name}@${version} has ${onInstall.join(', ')} for its installation`);
