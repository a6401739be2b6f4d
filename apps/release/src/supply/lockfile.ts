import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Importer {
  readonly dependencies?: Readonly<Record<string, { readonly version: string }>>;
  readonly devDependencies?: Readonly<Record<string, { readonly version: string }>>;
  readonly optionalDependencies?: Readonly<Record<string, { readonly version: string }>>;
}

/** What a package is for, where it is not for everything: `linux`, or `!win32`. */
interface Platforms {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** What a machine is. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  /** Absent where it has none, or none that is known. */
  readonly libc?: string | undefined;
}

/** What `pnpm-lock.yaml` says, as far as it is read here. */
export interface Lockfile {
  /** By the folder of a package of the workspace. */
  readonly importers: Readonly<Record<string, Importer>>;
  /** By name and version. */
  readonly packages?: Readonly<
    Record<
      string,
      Platforms & { readonly resolution: Readonly<Record<string, unknown>>; readonly peerDependencies?: Readonly<Record<string, string>> }
    >
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

/** Every package that an installation of the whole workspace brings to such a machine, as `name@version`. */
export const installedOn = (platform: Platform, { importers, packages = {}, snapshots = {} }: Lockfile): ReadonlySet<string> => {
  const found = new Set<string>();
  const visited = new Set<string>();
  const visit = (dependency: string, version: string): void => {
    // One that is known by another name here has its own with the version.
    const key = [`${dependency}@${version}`, version].find((one) => snapshots[one] !== undefined);
    if (key === undefined || visited.has(key)) return;
    visited.add(key);
    const name = withoutPeers(key);
    if (!isFor(platform, packages[name] ?? {})) return;
    found.add(name);
    const { dependencies = {}, optionalDependencies = {} } = snapshots[key] ?? {};
    for (const [next, its] of Object.entries({ ...dependencies, ...optionalDependencies })) visit(next, its);
  };
  for (const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } of Object.values(importers))
    for (const [next, { version }] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      visit(next, version);
  return found;
};

const isFor = ({ os, cpu, libc }: Platform, platforms: Platforms): boolean =>
  fits(os, platforms.os) && fits(cpu, platforms.cpu) && (libc === undefined || fits(libc, platforms.libc));

const fits = (value: string, allowed: readonly string[] = []): boolean => {
  const wanted = allowed.filter((one) => !one.startsWith('!'));
  return !allowed.includes(`!${value}`) && (wanted.length === 0 || wanted.includes(value) || wanted.includes('any'));
};

const withoutPeers = (key: string): string => key.replace(/\(.*/, '');
