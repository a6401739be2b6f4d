// Publishes all packages to a registry on this machine, as a release does, and installs them as users would: by npm, pnpm and Yarn, as each README
// says, and from the tarballs, as apps/docs/guides/installing.md says. Then their examples have to run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { budgeaSandbox, finicitySandbox } from '@auth/sandbox';
import { hasRedis, startRedis } from '@auth/scripts/redis';
import { leaveOut } from '../left-out.ts';
import { run } from '../run.ts';
import { PACKED, tarballs } from '../tarballs.ts';
import { type Package, packagesOf, RELEASE, ROOT, scopeOf } from '../workspace.ts';
import { type Manager, openProject, type Project } from './project.ts';
import { type FirstSteps, firstSteps } from './readme.ts';
import { openRegistry } from './registry.ts';

const MANAGERS: readonly Manager[] = ['npm', 'pnpm', 'yarn'];

/** What is tried: its name is a sentence of what holds when it succeeds. */
type Trial = readonly [name: string, run: () => Promise<void>];

const stepsOf = ({ folder }: Package): FirstSteps => firstSteps(readFileSync(join(ROOT, folder, 'README.md'), 'utf8'));

/** As `release.yml` does it, with the settings that actions/setup-node writes. */
const publish = async (registry: string): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'publisher-'));
  try {
    const userconfig = join(home, '.npmrc');
    const token = `${registry.replace('http:', '')}:_authToken=\${NODE_AUTH_TOKEN}`;
    writeFileSync(userconfig, `${token}\n${scopeOf()}:registry=${registry}`);
    const env = { NPM_CONFIG_USERCONFIG: userconfig, NODE_AUTH_TOKEN: 'anybody', PNPM_CONFIG_REGISTRY: registry };
    const changeset = (...args: readonly string[]): Promise<string> =>
      run(process.execPath, [join(ROOT, 'node_modules/@changesets/cli/bin.js'), ...args], { cwd: ROOT, env });
    await changeset('publish', '--from-pack-dir', PACKED, '--no-git-tag');
    await run('bash', [join(RELEASE, 'src/audit.sh'), PACKED], { cwd: home, env });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

type Variables = Readonly<Record<string, string>>;

/** Runs the example of a README against the vendor whose plugin it imports, listening on loopback. */
const tryExample = async (steps: FirstSteps, open: (env: Variables) => Project, ...packages: readonly string[]): Promise<void> => {
  const { example, commands } = steps;
  const [id] = /(?:finicity|budgea)(?=Plugin)/.exec(example) ?? [];
  const sandbox = id === 'budgea' ? budgeaSandbox() : finicitySandbox();
  const { url, close } = await sandbox.listen();
  const project = open(id === undefined ? {} : { AUTH_PROVIDER: id, ...sandbox.environment(url) });
  try {
    await project.install(...packages);
    for (const command of commands) await project.run('sh', '-c', command);
    project.write('example.ts', example);
    const isTest = example.includes('node:test');
    const printed = await project.run(process.execPath, ...(isTest ? ['--test', '--test-reporter=tap'] : []), 'example.ts');
    if (isTest && !/^# pass [1-9]\d+\n# fail 0$/m.test(printed)) throw new Error(`The example ran no tests:\n${printed}`);
    if (id !== undefined && !(sandbox.calls.length > 1 && sandbox.calls.every(({ status }) => status < 400)))
      throw new Error(
        `The vendor saw: ${sandbox.calls.map(({ method, path, status }) => `${method} ${path} ${status}`).join(', ') || 'nothing'}.`,
      );
  } finally {
    project.remove();
    await close();
  }
};

const registry = await openRegistry();
const redis = hasRedis ? await startRedis() : undefined;
if (redis === undefined) leaveOut('the Redis store', 'redis-server is not installed');
let [passed, failed] = [0, 0];
try {
  await publish(registry.url);
  const files = Object.fromEntries(tarballs().map(({ name, path }) => [name, `file:${path}`]));
  const readmes = packagesOf().map((one) => ({ ...one, steps: stepsOf(one) }));
  const trials = MANAGERS.flatMap((manager): readonly Trial[] => [
    ...readmes
      .filter(({ steps }) => redis !== undefined || !steps.installs.includes('redis'))
      .map(({ name, steps }): Trial => {
        const open = (env: Variables): Project =>
          openProject({ manager, registry: registry.url, ours: registry.url, env: { ...env, REDIS_URL: redis?.url } });
        return [
          `${name} by ${manager}: installs as its README says, and the first example runs`,
          () => tryExample(steps, open, ...steps.installs),
        ];
      }),
    ...readmes
      .filter(({ short }) => short === 'finicity')
      .map(({ name, steps }): Trial => {
        const open = (env: Variables): Project => openProject({ manager, registry: registry.url, ours: registry.upstream, files, env });
        return [
          `all tarballs by ${manager}: install without a registry of ours, and the first example of ${name} runs`,
          () => tryExample(steps, open),
        ];
      }),
  ]);
  const work = async (): Promise<void> => {
    for (let next = trials.shift(); next !== undefined; next = trials.shift()) {
      const [name, attempt] = next;
      const started = performance.now();
      const problem = await attempt().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
      if (problem !== undefined) console.log(problem.replaceAll(/^/gm, '       '));
      if (problem === undefined) passed += 1;
      else failed += 1;
    }
  };
  await Promise.all([work(), work()]);
} finally {
  await redis?.stop();
  await registry.close();
}
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
