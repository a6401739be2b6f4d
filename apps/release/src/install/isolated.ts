import { join } from 'node:path';
import { budgeaSandbox, finicitySandbox } from '@auth/sandbox';
import type { Registry } from '../registry.ts';
import { type Package, packagesOf, scopeOf } from '../workspace.ts';
import { type Manager, openProject, type Project } from './project.ts';
import { type FirstSteps, firstStepsOf } from './readme.ts';
import { expectEqual, expectText, type Trial } from './trial.ts';

/** Where the parts of the world are that examples reach by the environment. */
export interface World {
  readonly registry: Registry;
  /** Of a Redis server, where there is one. */
  readonly redisUrl: string | undefined;
}

/** Each package in an empty directory, by each manager: first nothing but it, then what its README says. */
export const aloneTrials = (world: World): readonly Trial[] =>
  packagesOf().flatMap((one) =>
    (['npm', 'pnpm'] as const).flatMap((manager): readonly Trial[] => {
      const steps = firstStepsOf(one.folder);
      if (steps.installs.includes('redis') && world.redisUrl === undefined) return [];
      return [
        {
          name: `${one.name} by ${manager}: installs alone, and its README's first example runs`,
          run: () => tryOut(one, manager, steps, world),
        },
      ];
    }),
  );

const tryOut = async (
  one: Package,
  manager: Manager,
  { installs, commands, example }: FirstSteps,
  { registry, redisUrl }: World,
): Promise<void> => {
  const vendor = await openVendor(example);
  const project = openProject({ manager, npmrc: registry.npmrc, env: { ...vendor.environment, REDIS_URL: redisUrl } });
  try {
    await project.install(one.name);
    expectEqual(`What ${one.name} brings along of this scope`, Object.keys(project.installed(scopeOf())), [...needed(one)].sort());
    await importEntries(one, project);

    await project.install(...installs);
    for (const command of commands) await project.run('sh', '-c', command);
    project.write('example.ts', example);
    const printed = await project.run(
      process.execPath,
      ...(example.includes('node:test') ? ['--test', '--test-reporter=tap'] : []),
      'example.ts',
    );
    if (example.includes('node:test')) expectText('The example', printed, /^# pass \d\d+\n# fail 0$/m);
    vendor.check();
  } finally {
    project.remove();
    await vendor.close();
  }
};

/** A package and those of this workspace that it cannot do without. */
const needed = (one: Package, all = packagesOf()): ReadonlySet<string> => {
  const direct = all.filter(({ name }) => one.manifest.dependencies?.[name] !== undefined);
  return new Set([one.name, ...direct.flatMap((other) => [...needed(other, all)])]);
};

const importEntries = async ({ name, manifest }: Package, project: Project): Promise<void> => {
  for (const entry of Object.keys(manifest.exports)) {
    const specifier = join(name, entry);
    const names = await project.run(
      process.execPath,
      '--input-type=module',
      '--eval',
      `console.log(Object.keys(await import('${specifier}')).length)`,
    );
    if (!(Number(names) > 0)) throw new Error(`${specifier} exports nothing.`);
  }
};

interface Vendor {
  readonly environment: Readonly<Record<string, string>>;
  /** Fails where the example is written for this vendor and got nothing from it. */
  readonly check: () => void;
  readonly close: () => Promise<void>;
}

/** The vendor whose plugin the example imports, listening on loopback. */
const openVendor = async (example: string): Promise<Vendor> => {
  const [id] = /(?:finicity|budgea)(?=Plugin)/.exec(example) ?? [];
  if (id === undefined) return { environment: {}, check: () => {}, close: async () => {} };
  const sandbox = id === 'finicity' ? finicitySandbox() : budgeaSandbox();
  const { url, close } = await sandbox.listen();
  return {
    environment: { AUTH_PROVIDER: id, ...sandbox.environment(url) },
    check: () => {
      const seen = sandbox.calls.map(({ method, path, status }) => `${method} ${path} ${status}`);
      if (!(sandbox.calls.length > 1) || sandbox.calls.some(({ status }) => status >= 400))
        throw new Error(`The vendor saw: ${seen.join(', ') || 'nothing'}.`);
    },
    close,
  };
};
