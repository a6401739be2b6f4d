import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';
import { tarballs } from './tarballs.ts';

/**
 * Installs all tarballs into an empty project, outside of this repository, so that nothing of it is found from there. Answers the directory,
 * which is removed when this process ends.
 */
export const installTarballs = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'product-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const dependencies = Object.fromEntries(tarballs().map(({ name, path }) => [name, `file:${path}`]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  // JSON is YAML. The packages find each other's tarballs by the overrides: in a registry the same names are another project's.
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), JSON.stringify({ overrides: dependencies, ignoreScripts: true }));
  await run('pnpm', ['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd: folder });
  return folder;
};
