import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE } from './workspace.ts';

/** Where `pack.ts` puts the tarballs of all packages, in the versions that the next release would give them. */
export const PACKED: string = join(RELEASE, '.packed');

/** A package as it would be published. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  /** The file. */
  readonly path: string;
}

interface Planned {
  readonly name: string;
  readonly version: string;
  readonly tarball: { readonly path: string };
}

/** The tarballs that all checks look at, and that are published in the end: packed once. Or those of another directory. */
export const tarballs = (folder: string = PACKED): readonly Tarball[] => {
  const file = join(folder, 'publish-plan.json');
  if (!existsSync(file)) throw new Error(`There are no tarballs in ${folder}. Make them: pnpm release:pack.`);
  const { plan }: { readonly plan: readonly (readonly Planned[])[] } = JSON.parse(readFileSync(file, 'utf8'));
  return plan.flat().map(({ name, version, tarball }) => ({ name, version, path: join(folder, tarball.path) }));
};

/** Tarballs that lie in a folder and that its plan does not name. */
export const unplannedIn = (folder: string, planned: readonly Tarball[]): readonly string[] => {
  const names = new Set(planned.map(({ path }) => path));
  return globSync('**/*.tgz', { cwd: folder }).filter((file) => !names.has(join(folder, file)));
};

/** Which tarballs of a folder are not, byte for byte, those that were packed here. */
export const differingFrom = (here: readonly Tarball[], there: readonly Tarball[]): readonly string[] => {
  const digestOf = ({ path }: Tarball): string => createHash('sha512').update(readFileSync(path)).digest('base64');
  const digests = new Map(here.map((one) => [`${one.name}@${one.version}`, digestOf(one)]));
  return there
    .filter((one) => digests.get(`${one.name}@${one.version}`) !== digestOf(one))
    .map(({ name, version }) => `${name}@${version}`);
};
