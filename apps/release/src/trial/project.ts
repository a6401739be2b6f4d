import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, run } from '../run.ts';
import { RELEASE, scopeOf } from '../workspace.ts';

/** What installs packages. */
export type Manager = 'npm' | 'pnpm' | 'yarn';

/** A product's directory. */
export interface Project {
  readonly write: (file: string, text: string) => void;
  readonly install: (...packages: readonly string[]) => Promise<void>;
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>;
  readonly remove: () => void;
}

/** Of the whole run, thrown away with it: the cache is in it, so that nothing of ours ends up in the machine's own. */
const home = mkdtempSync(join(tmpdir(), 'home-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

/** The environment of somebody who has told npm, pnpm and Yarn nothing, whatever those who run this have: in their files, or by variables. */
const newcomer: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^(p?npm|yarn)_|^INIT_CWD$|^NODE_OPTIONS$/i.test(name))
      .map((name) => [name, undefined]),
  ),
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
  npm_config_globalconfig: join(home, 'npmrc'),
};

const YARN = join(RELEASE, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
const COMMANDS: Readonly<Record<Manager, { readonly add: readonly string[]; readonly install: readonly string[] }>> = {
  npm: { add: ['npm', 'install', '--no-audit', '--no-fund'], install: ['npm', 'install', '--no-audit', '--no-fund'] },
  pnpm: { add: ['pnpm', 'add'], install: ['pnpm', 'install'] },
  yarn: { add: [process.execPath, YARN, 'add'], install: [process.execPath, YARN, 'install'] },
};

/** What a project starts with. */
export interface ProjectOptions {
  readonly manager: Manager;
  /** Where packages of others come from. */
  readonly registry: string;
  /** Where packages of our scope come from. */
  readonly ours: string;
  /** By name: packages that are files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env: RunOptions['env'];
}

/** Makes a directory whose settings name the registries, as apps/docs/guides/installing.md says. */
export const openProject = ({ manager, registry, ours, files, env }: ProjectOptions): Project => {
  const folder = mkdtempSync(join(tmpdir(), 'trial-'));
  const write: Project['write'] = (file, text) => writeFileSync(join(folder, file), text);
  const options: RunOptions = { cwd: folder, env: { ...newcomer, ...env } };
  const scope = scopeOf();
  const { [`${scope}/core`]: core } = files ?? {};
  const overrides = core && { [`${scope}/core`]: core };
  write(
    'package.json',
    JSON.stringify({ private: true, type: 'module', dependencies: files, ...(manager === 'yarn' && { resolutions: overrides }) }),
  );
  write('.npmrc', `registry=${registry}\n${scope}:registry=${ours}\n`);
  // JSON is YAML. pnpm finds only what packages declare; versions of a moment ago, too; and it writes a lockfile, in CI too.
  write(
    'pnpm-workspace.yaml',
    JSON.stringify({ overrides, hoist: false, minimumReleaseAgeExclude: [`${scope}/*`], frozenLockfile: false }),
  );
  const yarn = {
    npmRegistryServer: registry,
    npmScopes: { [scope.slice(1)]: { npmRegistryServer: ours } },
    unsafeHttpWhitelist: ['127.0.0.1'],
  };
  write(
    '.yarnrc.yml',
    JSON.stringify({
      ...yarn,
      nodeLinker: 'node-modules',
      enableImmutableInstalls: false,
      npmPreapprovedPackages: [`${scope}/*`],
      enableTelemetry: false,
    }),
  );
  // Where Yarn's project ends.
  if (manager === 'yarn') write('yarn.lock', '');
  return {
    write,
    install: async (...packages) => {
      const { add, install } = COMMANDS[manager];
      const [program = '', ...args] = packages.length === 0 ? install : [...add, ...packages];
      await run(program, args, options);
    },
    run: (program, ...args) => run(program, args, options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
