import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from '../run.ts';
import type { Tarball } from '../tarballs.ts';

/** What is in a tarball, in a directory of its own. */
export interface Unpacked {
  readonly folder: string;
  /** Paths below the folder. */
  readonly files: readonly string[];
  readonly read: (file: string) => string;
  /** Bytes of all files. */
  readonly size: number;
  readonly remove: () => void;
}

/** Unpacks a tarball as an installation does. */
export const unpack = async ({ path }: Tarball): Promise<Unpacked> => {
  const root = mkdtempSync(join(tmpdir(), 'unpacked-'));
  await run('tar', ['-xzf', path, '-C', root], { cwd: root });
  // Everything in a tarball of npm is below it.
  const folder = join(root, 'package');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
  return {
    folder,
    files,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    size: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
