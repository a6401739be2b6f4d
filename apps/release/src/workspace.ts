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
      const manifest: Manifest = JSON.parse(readFileSync(join(root, file), 'utf8'));
      return { name: manifest.name, short: basename(dirname(file)), folder: dirname(file), manifest };
    });

/** `@auth`, or what the packages were renamed to. */
export const scopeOf = (root: string = ROOT): string => packagesOf(root)[0]?.name.split('/')[0] ?? '';
