import { ON_DEMAND, TYPICAL, TYPICAL_LIMIT } from '@auth/scripts/bundle';

/** What a bundle of a package weighs. */
export interface Bundle {
  /** Kilobytes with everything that it needs, minified and gzipped. */
  readonly bundle: number;
  /** The same without the packages of others. */
  readonly own: number;
}

/** What an installation of a package weighs. */
export interface Installation {
  /** Kilobytes of the unpacked tarball. */
  readonly unpacked: number;
  /** How many packages of others are installed with it. */
  readonly others: number;
}

/** Something that a product makes of a package. */
export interface Use {
  /** As `exports` names it. */
  readonly entry: string;
  /** As an import lists them. All of it where there are none. */
  readonly names?: string;
  /** Files that are loaded when they are needed, and are no part of the bundle. */
  readonly onDemand?: readonly RegExp[];
}

/** What a package may cost its users. Each of its entries is here as a whole, and what is used of it where that is much less. */
export interface Limits extends Installation {
  readonly uses: readonly (Use & Bundle)[];
}

/** About a tenth above what it is today; a package of others more is always a decision. By the folder of the package. */
export const LIMITS: Readonly<Record<string, Limits>> = {
  core: {
    uses: [
      { entry: '.', names: TYPICAL, onDemand: ON_DEMAND, bundle: TYPICAL_LIMIT, own: TYPICAL_LIMIT },
      { entry: '.', names: 'authorizedFetch, createRegistry', bundle: 2.6, own: 2.6 },
      { entry: '.', bundle: 12.5, own: 12.5 },
      { entry: './kit', bundle: 27.1, own: 16.6 },
      { entry: './not-Auth.js', bundle: 0.07, own: 0.07 },
      { entry: './testing', bundle: 0.54, own: 0.54 },
    ],
    unpacked: 725,
    others: 2,
  },
  finicity: { uses: [{ entry: '.', bundle: 37, own: 25.7 }], unpacked: 400, others: 2 },
  budgea: { uses: [{ entry: '.', bundle: 39, own: 28 }], unpacked: 480, others: 2 },
  'store-sqlite': { uses: [{ entry: '.', bundle: 4.9, own: 4.9 }], unpacked: 126, others: 2 },
  'store-redis': { uses: [{ entry: '.', bundle: 3.3, own: 3.3 }], unpacked: 96, others: 2 },
  'store-encrypted': { uses: [{ entry: '.', bundle: 12.8, own: 3.7 }], unpacked: 102, others: 3 },
  sandbox: { uses: [{ entry: '.', bundle: 89, own: 35 }], unpacked: 1030, others: 14 },
  conformance: { uses: [{ entry: '.', bundle: 22, own: 22 }], unpacked: 460, others: 2 },
};

type Sizes = Partial<Bundle & Installation>;

const UNITS = { bundle: 'kB bundled', own: 'kB of ours bundled', unpacked: 'kB unpacked', others: 'packages of others' } as const;

/** A sentence for each limit that is exceeded. */
export const excesses = (sizes: Sizes, limits: Sizes): readonly string[] =>
  (Object.keys(UNITS) as (keyof typeof UNITS)[]) // The keys of a table that is written above.
    .flatMap((key) => {
      const { [key]: size = 0 } = sizes;
      const { [key]: limit = 0 } = limits;
      return size > limit ? [`${shown(size)} ${UNITS[key]} are ${shown(size - limit)} more than the ${shown(limit)} that it may have`] : [];
    });

/** A sentence for each entry that could weigh anything, as no limit is about all of it. */
export const unlimited = (entries: readonly string[], uses: readonly Use[]): readonly string[] =>
  entries
    .filter((entry) => !uses.some((use) => use.entry === entry && use.names === undefined))
    .map((entry) => `${entry} as a whole has no limit in apps/release/src/size/limits.ts`);

/** With as many digits as matter. */
export const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 2 : 0));
