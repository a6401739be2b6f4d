import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, type RunOptions, run, tried } from '../run.ts';
import type { Manifest } from '../workspace.ts';
import { newcomer } from './newcomer.ts';

/** What installs packages. */
export type Manager = 'npm' | 'pnpm';

/** A product's directory, empty at first. */
export interface Project {
  readonly folder: string;
  readonly write: (file: string, text: string) => void;
  /** Installs, whatever comes of it. */
  readonly tryInstall: (...packages: readonly string[]) => Promise<Ended>;
  /** Installs, and fails if that does. */
  readonly install: (...packages: readonly string[]) => Promise<void>;
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>;
  readonly tryRun: (program: string, ...args: readonly string[]) => Promise<Ended>;
  /** Every copy of a package of this scope anywhere in the project: `{ '@acme/core': ['1.0.0'] }`. */
  readonly installed: (scope: string) => Readonly<Record<string, readonly string[]>>;
  readonly remove: () => void;
}

/** What a project starts with. */
export interface ProjectOptions {
  readonly manager: Manager;
  readonly npmrc: string;
  /** More of its `package.json`. */
  readonly manifest?: object;
  readonly env?: RunOptions['env'];
}

/** Of the whole run, thrown away with it. The cache is in it, so that nothing of ours ends up in the machine's own. */
const cache = mkdtempSync(join(tmpdir(), 'install-cache-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));

const INSTALL: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['install', '--no-audit', '--no-fund', `--cache=${join(cache, 'npm')}`],
  pnpm: ['add'],
};

/** Makes a directory with a `package.json` and an `.npmrc`, and nothing else. */
export const openProject = ({ manager, npmrc, manifest = {}, env: more = {} }: ProjectOptions): Project => {
  const folder = mkdtempSync(join(tmpdir(), 'product-'));
  const env = { ...newcomer(cache), ...more };
  const options: RunOptions = { cwd: folder, env };
  const write: Project['write'] = (file, text) => writeFileSync(join(folder, file), text);
  write('package.json', JSON.stringify({ private: true, type: 'module', ...manifest }));
  write('.npmrc', npmrc);
  // Versions of a moment ago, where pnpm prefers those that are a day old. A workspace of its own, so that none above is looked for.
  if (manager === 'pnpm')
    write('pnpm-workspace.yaml', `minimumReleaseAge: 0\nstoreDir: ${join(cache, 'store')}\ncacheDir: ${join(cache, 'pnpm')}\n`);
  const tryInstall: Project['tryInstall'] = (...packages) => tried(manager, [...INSTALL[manager], ...packages], options);
  return {
    folder,
    write,
    tryInstall,
    install: async (...packages) => {
      const { code, out, err } = await tryInstall(...packages);
      if (code !== 0) throw new Error(`${manager} could not install ${packages.join(', ')}:\n${out}${err}`);
    },
    run: (program, ...args) => run(program, args, options),
    tryRun: (program, ...args) => tried(program, args, options),
    installed: (scope) => {
      const places = ['', '*/node_modules/', '@*/*/node_modules/', '.pnpm/*/node_modules/'];
      const files = globSync(
        places.map((place) => `node_modules/${place}${scope}/*/package.json`),
        { cwd: folder },
      );
      const all = files.map((file): Manifest => JSON.parse(readFileSync(join(folder, file), 'utf8')));
      const names = [...new Set(all.map(({ name }) => name))].sort();
      return Object.fromEntries(
        names.map((one) => [one, [...new Set(all.filter(({ name }) => name === one).map(({ version }) => version))]]),
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
