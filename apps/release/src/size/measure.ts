import { join } from 'node:path';
import { bundled, weight } from '@auth/scripts/bundle';
import { installedWith, type Lockfile } from '../supply/lockfile.ts';
import type { Package } from '../workspace.ts';
import type { LaidOut } from './layout.ts';
import type { Bundle, Installation, Use } from './limits.ts';

/** Measures what a package costs a product that has it. */
export const measureInstallation = ({ folder }: Package, { size }: LaidOut, lockfile: Lockfile): Installation => ({
  unpacked: size / 1000,
  others: installedWith(folder, lockfile).size,
});

/** Measures what a use of a package adds to a bundle. */
export const measureUse = async (
  { folder }: Package,
  { folder: unpacked, manifest }: LaidOut,
  { entry, names = '*', onDemand = [] }: Use,
  lockfile: Lockfile,
): Promise<Bundle> => {
  const file = manifest.exports[entry]?.default;
  if (file === undefined) throw new Error(`${manifest.name} has no entry ${entry}.`);
  const source = `export ${names === '*' ? '*' : `{ ${names} }`} from ${JSON.stringify(join(unpacked, file))};`;
  const external = [...installedWith(folder, lockfile)].map((one) => new RegExp(`^${one.slice(0, one.lastIndexOf('@'))}(/|$)`));
  return {
    bundle: weight(await bundled(source, onDemand, 'node')),
    own: weight(await bundled(source, [...onDemand, ...external], 'node')),
  };
};
