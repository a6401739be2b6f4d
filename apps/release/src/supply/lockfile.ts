import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Importer {
  readonly dependencies?: Readonly<Record<string, { readonly version: string }>>;
  readonly optionalDependencies?: Readonly<Record<string, { readonly version: string }>>;
}

/** What `pnpm-lock.yaml` says, as far as it is read here. */
export interface Lockfile {
  /** By the folder of a package of the workspace. */
  readonly importers: Readonly<Record<string, Importer>>;
  /** By name and version. */
  readonly packages?: Readonly<
    Record<string, { readonly resolution: Readonly<Record<string, unknown>>; readonly peerDependencies?: Readonly<Record<string, string>> }>
  >;
  /** By name, version and the peers that were chosen. */
  readonly snapshots?: Readonly<
    Record<
      string,
      { readonly dependencies?: Readonly<Record<string, string>>; readonly optionalDependencies?: Readonly<Record<string, string>> }
    >
  >;
}

/** Reads the lockfile of a workspace. */
export const readLockfile = (workspace: string): { readonly text: string; readonly lockfile: Lockfile } => {
  const text = readFileSync(join(workspace, 'pnpm-lock.yaml'), 'utf8');
  return { text, lockfile: parse(text) };
};

/** A sentence for each package that could be another one tomorrow, or that is only to be had in one place. */
export const unpinned = (text: string, { packages = {} }: Lockfile): readonly string[] => [
  ...Object.entries(packages).flatMap(([name, { resolution }]) => {
    const { integrity, ...others } = resolution;
    const kinds = Object.keys(others);
    if (kinds.length > 0) return [`${name} is not from a registry: its resolution says ${kinds.join(', ')}`];
    return typeof integrity === 'string' && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) ? [] : [`${name} has no sha512 of its contents`];
  }),
  ...[...text.matchAll(/\b\w+:\/\/[^\s'"]+/g)].map(([url]) => `It mentions ${url}, which not everybody can reach`),
];

/** The packages from registries that are installed with a package of the workspace, as `name@version`. Peers are the user's. */
export const installedWith = (folder: string, { importers, packages = {}, snapshots = {} }: Lockfile): ReadonlySet<string> => {
  const found = new Set<string>();
  const visited = new Set<string>();
  const visit = (key: string): void => {
    if (visited.has(key)) return;
    visited.add(key);
    const name = withoutPeers(key);
    found.add(name);
    const { dependencies = {}, optionalDependencies = {} } = snapshots[key] ?? {};
    const peers = packages[name]?.peerDependencies ?? {};
    for (const [dependency, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
      if (peers[dependency] === undefined) visit(`${dependency}@${version}`);
  };
  const visitImporter = (importer: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = importers[importer] ?? {};
    // Those of the workspace are beside each other.
    for (const [dependency, { version }] of Object.entries({ ...dependencies, ...optionalDependencies }))
      if (version.startsWith('link:')) visitImporter(join(importer, version.slice('link:'.length)));
      else visit(`${dependency}@${version}`);
  };
  visitImporter(folder);
  return found;
};

const withoutPeers = (key: string): string => key.replace(/\(.*/, '');
