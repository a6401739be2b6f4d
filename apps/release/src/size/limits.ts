import { ON_DEMAND, TYPICAL, TYPICAL_LIMIT } from '../../../../packages/core/bench/bundle.ts';

/** What a package costs its users. */
export interface Sizes {
  /** Kilobytes of a bundle with everything that it needs, minified and gzipped. */
  readonly bundle: number;
  /** The same without the packages of others. */
  readonly own: number;
  /** Kilobytes of the unpacked tarball. */
  readonly unpacked: number;
  /** How many packages of others are installed with it. */
  readonly others: number;
}

/** What a product typically uses of a package. */
export interface Use {
  /** As an import lists them. */
  readonly names: string;
  /** Files that are loaded when they are needed, and are no part of the typical bundle. */
  readonly onDemand?: readonly RegExp[];
}

/** About a tenth above what it is today; a package of others more is always a decision. By the folder of the package. */
export const LIMITS: Readonly<Record<string, Use & Sizes>> = {
  core: { names: TYPICAL, onDemand: ON_DEMAND, bundle: TYPICAL_LIMIT, own: TYPICAL_LIMIT, unpacked: 710, others: 2 },
  finicity: { names: 'finicity', bundle: 37, own: 25.7, unpacked: 380, others: 2 },
  budgea: { names: 'budgea', bundle: 39, own: 28.0, unpacked: 480, others: 2 },
  'store-sqlite': { names: 'sqliteStore', bundle: 4.3, own: 4.3, unpacked: 110, others: 2 },
  'store-redis': { names: 'redisStore', bundle: 2.8, own: 2.8, unpacked: 83, others: 2 },
  'store-encrypted': { names: 'encryptedStore', bundle: 12.5, own: 3.4, unpacked: 93, others: 3 },
  sandbox: { names: 'budgeaSandbox, finicitySandbox', bundle: 89, own: 35, unpacked: 1030, others: 14 },
  conformance: { names: 'providerContract, storeContract', bundle: 21.1, own: 21.1, unpacked: 440, others: 2 },
};

const UNITS = { bundle: 'kB bundled', own: 'kB of ours bundled', unpacked: 'kB unpacked', others: 'packages of others' } as const;

/** A sentence for each limit that is exceeded. */
export const excesses = (sizes: Sizes, limits: Sizes): readonly string[] =>
  (Object.keys(UNITS) as (keyof Sizes)[]) // The keys of a table that is written above.
    .filter((key) => sizes[key] > limits[key])
    .map((key) => {
      const [size, limit] = [sizes[key], limits[key]];
      return `${shown(size)} ${UNITS[key]} are ${shown(size - limit)} more than the ${shown(limit)} that it may have`;
    });

/** With as many digits as matter. */
export const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 2 : 0));
