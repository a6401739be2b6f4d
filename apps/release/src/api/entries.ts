import { join } from 'node:path';
import { type Package, ROOT } from '../workspace.ts';

/** One of the names that a package may be imported by. */
export interface Entry {
  /** The package's name with the path that is exported: what an import says. */
  readonly name: string;
  /** Where the package is. */
  readonly folder: string;
  /** Its declarations, as they were built. */
  readonly declarations: string;
  /** Its report, from the root: `packages/core/api/kit.api.md`. */
  readonly report: string;
}

/** An entry that can be imported or cannot, and has nothing else. */
const MARKER = './not-Auth.js';

/** Every entry of a package that has a surface, the main one first. */
export const entriesOf = ({ name, short, folder, manifest }: Package): readonly Entry[] =>
  Object.entries(manifest.exports)
    .filter(([path]) => path !== MARKER)
    .sort(([one], [other]) => one.length - other.length)
    .map(([path, { types }]) => ({
      name: `${name}${path.slice(1)}`,
      folder: join(ROOT, folder),
      declarations: join(ROOT, folder, types),
      report: `${folder}/api/${path === '.' ? short : path.slice(2).replaceAll('/', '-')}.api.md`,
    }));
