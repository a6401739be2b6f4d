import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unpack } from '../hygiene/unpacked.ts';
import { tarballs } from '../tarballs.ts';
import { type Manifest, type Package, packagesOf, ROOT } from '../workspace.ts';

/** An unpacked tarball that finds what it imports. */
export interface LaidOut {
  readonly folder: string;
  /** The one in the tarball. */
  readonly manifest: Manifest;
  /** Bytes of all its files. */
  readonly size: number;
}

/** All tarballs beside each other, as an installation would have them. */
export interface Layout {
  /** By the name of the package. */
  readonly laid: ReadonlyMap<string, LaidOut>;
  readonly remove: () => void;
}

/** Lays the tarballs out, so that nothing is measured which is not in one of them. Packages of others are those of the workspace. */
export const layOut = async (): Promise<Layout> => {
  const modules = join(mkdtempSync(join(tmpdir(), 'laid-')), 'node_modules');
  const remove = (): void => rmSync(dirname(modules), { recursive: true, force: true });
  const ours: ReadonlyMap<string, Package> = new Map(packagesOf().map((one) => [one.name, one]));
  const laid = new Map<string, LaidOut>();
  try {
    for (const tarball of tarballs()) {
      const unpacked = await unpack(tarball);
      const manifest: Manifest = JSON.parse(unpacked.read('package.json'));
      const folder = join(modules, tarball.name);
      mkdirSync(dirname(folder), { recursive: true });
      renameSync(unpacked.folder, folder);
      unpacked.remove();
      for (const dependency of Object.keys(manifest.dependencies ?? {}).filter((name) => !ours.has(name)))
        link(join(ROOT, ours.get(tarball.name)?.folder ?? '', 'node_modules', dependency), join(folder, 'node_modules', dependency));
      laid.set(tarball.name, { folder, manifest, size: unpacked.size });
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { laid, remove };
};

const link = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(realpathSync(from), to);
};
