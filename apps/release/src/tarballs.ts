import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE } from './workspace.ts';

/** Where `pack.ts` puts the tarballs of all packages, in the versions that the next release would give them. */
export const PACKED = join(RELEASE, '.packed');

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
  const plan = join(folder, 'publish-plan.json');
  if (!existsSync(plan)) throw new Error(`There are no tarballs in ${folder}. Make them: pnpm release:pack.`);
  const { plan: chunks }: { readonly plan: readonly (readonly Planned[])[] } = JSON.parse(readFileSync(plan, 'utf8'));
  return chunks.flat().map(({ name, version, tarball }) => ({ name, version, path: join(folder, tarball.path) }));
};
