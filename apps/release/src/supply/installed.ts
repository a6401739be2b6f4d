import { existsSync, globSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package from a registry, as it lies on this machine. */
export interface Installed {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; an empty text where the package says nothing. */
  readonly licence: string;
  /** What it would run when it is installed: names of scripts, or `binding.gyp`, which has a compiler run. */
  readonly onInstall: readonly string[];
}

interface Raw {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Either of pnpm's layouts: a virtual store, or everything flat and what does not fit below its parent. */
const PLACES = ['.pnpm/*/node_modules/', '', '*/node_modules/', '@*/*/node_modules/'];

/** Every package that is installed in a workspace, without the workspace's own. */
export const installedIn = (workspace: string): readonly Installed[] => {
  const modules = join(workspace, 'node_modules');
  const patterns = PLACES.flatMap((place) => [`${place}*/package.json`, `${place}@*/*/package.json`]);
  return globSync(patterns, { cwd: modules })
    .map((file) => join(modules, dirname(file)))
    .filter((folder) => !lstatSync(folder).isSymbolicLink())
    .map(installedAt);
};

const installedAt = (folder: string): Installed => {
  const { name, version, license, scripts = {} }: Raw = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    name,
    version,
    licence: typeof license === 'string' ? license : (license?.type ?? ''),
    onInstall: [
      ...Object.keys(scripts).filter((script) => /^(pre|post)?install$/.test(script)),
      ...(existsSync(join(folder, 'binding.gyp')) ? ['binding.gyp'] : []),
    ],
  };
};
