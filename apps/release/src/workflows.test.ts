import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './workspace.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly concurrency?: object;
  readonly permissions?: object;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

const files = globSync('.github/workflows/*.yml', { cwd: ROOT }).sort();
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const jobsOf = (file: string): readonly (readonly [string, Job])[] => Object.entries<Job>(parse(textOf(file)).jobs);
const jobs = files.flatMap((file) => jobsOf(file).map(([name, job]) => ({ name, job, file: basename(file) })));

it('finds the workflows', () => {
  expect(files.map((file) => basename(file))).toEqual(['ci.yml', 'docs.yml', 'release.yml']);
});

describe.each(files)('%s', (file) => {
  it('gives no permission to all of its jobs', () => {
    expect(parse(textOf(file)).permissions).toEqual({});
  });

  it('pins every action to a commit, and says which version that is', () => {
    const actions = [...textOf(file).matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('puts nothing that others write into a command', () => {
    for (const [, { steps }] of jobsOf(file)) for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  it('leaves no credentials in the checkout', () => {
    const checkouts = jobsOf(file).flatMap(([, { steps }]) => steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@')));
    for (const { with: options } of checkouts) expect(options).toMatchObject({ 'persist-credentials': false });
  });

  it('uses the pnpm of the workspace', () => {
    const { packageManager } = JSON.parse(textOf('package.json'));
    for (const [pnpm] of textOf(file).matchAll(/pnpm@[\d.]+/g)) expect(pnpm).toBe(packageManager);
  });
});

it.each(jobs)('the job $name of $file says what it may, and ends', ({ job }) => {
  expect(job.permissions).toBeDefined();
  expect(job['timeout-minutes']).toBeGreaterThan(0);
});

describe('a publication', () => {
  const release = Object.fromEntries(jobsOf('.github/workflows/release.yml'));
  const { mode, pack, prove, publish } = release;
  const saying = (text: string): readonly string[] => jobs.filter(({ job }) => JSON.stringify(job).includes(text)).map(({ name }) => name);
  const commandsOf = (job: Job | undefined): readonly string[] =>
    job?.steps.flatMap(({ run = [], with: { script = [] } = {} }) => [run, script].flat().map(String)) ?? [];
  const artifactsOf = (job: Job | undefined): readonly unknown[] =>
    job?.steps.filter(({ uses = '' }) => uses.startsWith('actions/download-artifact@')).map(({ with: options }) => options) ?? [];

  it('is made of main, wherever the workflow is started from, and only where a registry is named', () => {
    expect(mode?.if).toBe("github.ref == 'refs/heads/main' && vars.NPM_REGISTRY != ''");
    for (const [name, { needs }] of Object.entries(release))
      if (name !== 'mode') expect([needs].flat()).toContain(name === 'prove' ? 'pack' : 'mode');
  });

  it('has the right to publish in one job, which somebody has to approve', () => {
    expect(saying('secrets.NPM_TOKEN')).toEqual(['publish']);
    expect(jobs.filter(({ job, file }) => file === 'release.yml' && 'id-token' in (job.permissions ?? {})).map(({ name }) => name)).toEqual(
      ['publish'],
    );
    expect(publish?.environment).toBe('npm');
    expect(textOf('.github/workflows/release.yml').match(/^env:\n( .*\n)+/m)?.[0]).not.toContain('secrets.');
  });

  it.each(saying('secrets.'))('runs no test and no install script where a token is: %s', (name) => {
    const commands = commandsOf(release[name]).flatMap((command) => command.split(' && '));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands)
      expect(command).toMatch(
        /^(npm|pnpm) install .*--ignore-scripts|^node apps\/release\/src\/[\w-]+\.ts( |$)|^node node_modules\/@changesets\/cli\/bin\.js publish /,
      );
  });

  it('installs nothing where the registry is read before anybody has approved', () => {
    expect(commandsOf(mode).filter((command) => command.includes('install'))).toEqual([
      expect.stringMatching(/^npm install --global --ignore-scripts pnpm@[\d.]+$/),
    ]);
  });

  it('packs where nothing else is done', () => {
    expect(commandsOf(pack)).toEqual([expect.stringMatching(/ install --frozen-lockfile && .* release:pack$/)]);
    expect(pack?.steps.at(-1)?.with).toMatchObject({ path: 'apps/release/.packed', 'include-hidden-files': true });
  });

  it('publishes, and verifies, the very tarballs that were packed there, if CI has tested the same', () => {
    const artifact = { 'artifact-ids': expect.stringContaining('needs.pack.outputs.artifact'), path: 'packed' };
    expect([artifactsOf(prove), artifactsOf(publish)]).toEqual([[artifact], [artifact]]);
    expect(commandsOf(prove)).toEqual(['bash .ci/run', 'node apps/release/src/compare-tarballs.ts packed']);
    expect(publish?.needs).toContain('prove');
    expect(commandsOf(publish).slice(-3)).toEqual([
      expect.stringMatching(/ node apps\/release\/src\/skip-published\.ts packed$/),
      'node node_modules/@changesets/cli/bin.js publish --from-pack-dir packed',
      'node apps/release/src/verify.ts packed',
    ]);
  });

  it('comes one after the other, and holds up nothing else', () => {
    expect(publish?.concurrency).toEqual({ group: 'release', 'cancel-in-progress': false });
    expect(saying('"group":"release"')).toEqual(['publish']);
    expect(parse(textOf('.github/workflows/release.yml')).concurrency).toBeUndefined();
  });
});

it('makes the documentation public only where the repository says so', () => {
  const { build, publish } = Object.fromEntries(jobsOf('.github/workflows/docs.yml'));
  expect(build?.if).toBe("github.ref == 'refs/heads/main' && vars.DOCS_PAGES == 'true'");
  expect(publish?.needs).toBe('build');
});
