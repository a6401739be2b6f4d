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
  const { prove, publish } = Object.fromEntries(jobsOf('.github/workflows/release.yml'));

  it('has the right to publish in one job, where no install script and no test runs', () => {
    const holders = jobs.filter(({ job, file }) => file === 'release.yml' && 'id-token' in (job.permissions ?? {}));
    expect(holders.map(({ name }) => name)).toEqual(['publish']);
    for (const { run = '' } of publish?.steps ?? []) if (run.includes('install')) expect(run).toContain('--ignore-scripts');
  });

  it('publishes the tarballs that CI has tested', () => {
    expect(prove?.steps.map(({ run }) => run)).toContain('bash .ci/run');
    expect(prove?.steps.at(-1)?.with).toMatchObject({ path: 'apps/release/.packed', 'include-hidden-files': true });
    expect(publish?.steps.find(({ uses = '' }) => uses.startsWith('changesets/action/publish@'))?.with).toEqual({
      'pack-dir-artifact-id': expect.stringContaining('needs.prove.outputs.artifact'),
    });
  });
});
