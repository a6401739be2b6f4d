import { join } from 'node:path';
import { bundled, weight } from '../../../../packages/core/bench/bundle.ts';
import { unpack } from '../hygiene/unpacked.ts';
import { installedWith, type Lockfile } from '../supply/lockfile.ts';
import type { Tarball } from '../tarballs.ts';
import { type Package, ROOT } from '../workspace.ts';
import type { Sizes, Use } from './limits.ts';

/** Measures what a package costs its users. Bundles are made of what was built, as the tarball has it. */
export const measure = async ({ folder }: Package, tarball: Tarball, { names, onDemand = [] }: Use, lockfile: Lockfile): Promise<Sizes> => {
  const source = `export { ${names} } from ${JSON.stringify(join(ROOT, folder, 'dist/index.js'))};`;
  const others = [...installedWith(folder, lockfile)];
  const external = others.map((one) => new RegExp(`^${one.slice(0, one.lastIndexOf('@'))}(/|$)`));
  const { size, remove } = await unpack(tarball);
  remove();
  return {
    bundle: weight(await bundled(source, onDemand, 'node')),
    own: weight(await bundled(source, [...onDemand, ...external], 'node')),
    unpacked: size / 1000,
    others: others.length,
  };
};
