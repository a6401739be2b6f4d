import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** This app. */
export const RELEASE = join(ROOT, 'apps/release');

/** What is said in a `package.json`, as far as it is read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A package that is published. */
export interface Package {
  /** With the scope. */
  readonly name: string;
  /** The name without the scope, which is that of the folder too. */
  readonly short: string;
  /** From the root of its workspace: `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** What `packages` has, in this workspace or in a copy of it. */
export const packagesOf = (root: string = ROOT): readonly Package[] =>
  globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((file) => {
      const { exports = {}, ...others }: Partial<Manifest> & Omit<Manifest, 'exports'> = JSON.parse(readFileSync(join(root, file), 'utf8'));
      // An entry without a default is for this workspace only.
      const published = Object.fromEntries(Object.entries(exports).filter(([, entry]) => 'default' in entry));
      return { name: others.name, short: basename(dirname(file)), folder: dirname(file), manifest: { ...others, exports: published } };
    });

/** `@auth`, or what the packages were renamed to. */
export const scopeOf = (root: string = ROOT): string => packagesOf(root)[0]?.name.split('/')[0] ?? '';
