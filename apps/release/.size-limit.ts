// What a product pays for each package, minified and gzipped. The limits are about a tenth above what it is today.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled, ON_DEMAND, TYPICAL, TYPICAL_LIMIT } from '@auth/scripts/bundle';
import type { SizeLimitConfig } from 'size-limit';
import { installTarballs } from './src/installed.ts';
import { packagesOf } from './src/workspace.ts';

interface Use {
  /** The package, without the scope, and its entry: `core/kit`. */
  readonly of: string;
  readonly names?: string;
  readonly limit: string;
  /** What stays outside of the bundle. */
  readonly external?: readonly RegExp[];
}

/** Everything that is not ours. */
const OTHERS = [/^(?!\.|\/|entry$|@auth\/)/];

const USES: readonly Use[] = [
  { of: 'core', names: `{ ${TYPICAL} }`, limit: `${TYPICAL_LIMIT} kB`, external: ON_DEMAND },
  { of: 'core', names: '{ authorizedFetch, createRegistry }', limit: '7.9 kB' },
  { of: 'core', limit: '26 kB' },
  { of: 'core/kit', limit: '45 kB' },
  { of: 'core/kit', limit: '34.5 kB', external: OTHERS },
  { of: 'core/not-Auth.js', limit: '70 B' },
  { of: 'core/testing', limit: '540 B' },
  { of: 'finicity', limit: '55 kB' },
  { of: 'finicity', limit: '44 kB', external: OTHERS },
  { of: 'budgea', limit: '57 kB' },
  { of: 'budgea', limit: '45.8 kB', external: OTHERS },
  { of: 'store-sqlite', limit: '5.4 kB' },
  { of: 'store-redis', limit: '4.7 kB' },
  { of: 'store-encrypted', limit: '12.8 kB' },
  { of: 'store-encrypted', limit: '4.4 kB', external: OTHERS },
  { of: 'sandbox', limit: '89 kB' },
  { of: 'sandbox', limit: '35 kB', external: OTHERS },
  { of: 'conformance', limit: '28 kB' },
];

const folder = await installTarballs();
const entries = packagesOf().flatMap(({ name, short, manifest }) =>
  Object.entries(manifest.exports).map(([path, { default: file }]) => ({
    of: join(short, path),
    file: join(folder, 'node_modules', name, file),
  })),
);
const unlimited = entries.filter(({ of }) => !USES.some((use) => use.of === of && use.names === undefined));
if (unlimited.length > 0) throw new Error(`${unlimited.map(({ of }) => of).join(', ')} as a whole has no limit in .size-limit.ts.`);

const config: SizeLimitConfig = await Promise.all(
  USES.map(async ({ of, names = '*', limit, external = [] }, index) => {
    const path = join(folder, `${index}.js`);
    const file = entries.find((entry) => entry.of === of)?.file;
    // As Vite does it.
    writeFileSync(path, await bundled(`export ${names} from ${JSON.stringify(file)};`, external, 'node'));
    return { name: `${of}, ${names}${external === OTHERS ? ', without packages of others' : ''}`, path, limit, gzip: true };
  }),
);

// biome-ignore lint/style/noDefaultExport: size-limit asks for one.
export default config;
