import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarballs } from '../tarballs.ts';
import { install, type Trouble } from './installation.ts';

/** An empty project into which the tarballs were installed, with the program beside them. */
export interface Project {
  readonly folder: string;
  /** A file of the program there. */
  readonly program: (name: string) => string;
  readonly remove: () => void;
}

/** What the program imports, without the scope. */
const IMPORTED: ReadonlySet<string | undefined> = new Set(['core', 'finicity', 'budgea', 'store-encrypted']);

/**
 * Installs the tarballs, and from the registry only what is not of this repository: there the same names are another project's. Answers with
 * the trouble where that cannot be reached.
 */
export const installedProject = async (): Promise<Project | Trouble> => {
  const folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const needed = tarballs().filter(({ name }) => IMPORTED.has(name.split('/')[1]));
    const packages = Object.fromEntries(needed.map(({ name, path }) => [name, `file:${path}`]));
    const manifest = { name: 'program', private: true, type: 'module', dependencies: packages };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    // JSON is YAML. The packages depend on these tarballs, too.
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), JSON.stringify({ overrides: packages }));
    cpSync(join(import.meta.dirname, 'program'), join(folder, 'program'), { recursive: true });
    const trouble = await install(folder, '--ignore-scripts');
    if (trouble?.isOffline) {
      remove();
      return trouble;
    }
    if (trouble !== undefined) throw new Error(`The packages could not be installed: ${trouble.sentence}`);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, program: (name) => join(folder, 'program', name), remove };
};
