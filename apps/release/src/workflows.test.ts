import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './workspace.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly env?: object;
  readonly permissions?: object;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: object;
  readonly env?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = globSync('.github/workflows/*.yml', { cwd: ROOT }).sort();
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const workflowOf = (file: string): Workflow => parse(textOf(file));
const jobs = files.flatMap((file) => Object.entries(workflowOf(file).jobs).map(([name, job]) => ({ name, job, file: basename(file) })));

describe.each(files)('%s', (file) => {
  const steps = Object.values(workflowOf(file).jobs).flatMap((job) => job.steps);

  it('gives no permission to all of its jobs', () => {
    expect(workflowOf(file).permissions).toEqual({});
  });

  it('pins every action to a commit, and says which version that is', () => {
    const actions = [...textOf(file).matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('puts nothing that others write into a command', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  it('leaves no credentials in the checkout', () => {
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    for (const { with: options } of checkouts) expect(options).toMatchObject({ 'persist-credentials': false });
  });

  it('uses the pnpm of the workspace', () => {
    const { packageManager } = JSON.parse(textOf('package.json'));
    for (const [pnpm] of textOf(file).matchAll(/pnpm@[\d.]+/g))
      expect(packageManager).toMatch(new RegExp(`^${pnpm}\\+sha512\\.[0-9a-f]{128}$`));
  });
});

it.each(jobs)('the job $name of $file says what it may, and ends', ({ job }) => {
  expect(job.permissions).toBeDefined();
  expect(job['timeout-minutes']).toBeGreaterThan(0);
});

describe('a publication', () => {
  const file = '.github/workflows/release.yml';
  const workflow = workflowOf(file);
  const { version, pack, prove, publish } = workflow.jobs;
  const withSecrets = (job: Job | undefined): readonly Step[] =>
    job?.steps.filter((step) => JSON.stringify(step).includes('secrets.')) ?? [];
  const commandsOf = (job: Job | undefined): readonly string[] => job?.steps.flatMap(({ run = [] }) => run) ?? [];

  it('is made of main, and only where a registry is named', () => {
    expect(version?.if).toBe("github.ref == 'refs/heads/main' && vars.NPM_REGISTRY != ''");
    expect([pack, prove, publish].map((job) => [job?.needs].flat())).toEqual([['version'], ['pack'], ['pack', 'prove']]);
  });

  it('has the right to publish in one job, which somebody has to approve', () => {
    const publishing = jobs.filter(({ job, file: name }) => name === 'release.yml' && /id-token|NPM_TOKEN/.test(JSON.stringify(job)));
    expect(publishing.map(({ name }) => name)).toEqual(['publish']);
    expect(publish?.environment).toBe('npm');
  });

  it('has a token only in the steps that need it, none of which installs or tests anything', () => {
    expect(textOf(file).match(/secrets\./g)).toHaveLength(4);
    expect(withSecrets(version).map(({ uses = '' }) => uses.split('@')[0])).toEqual(['changesets/action/select-mode']);
    expect(withSecrets(publish).map(({ uses, run }) => uses?.split('@')[0] ?? run)).toEqual([
      'changesets/action/publish',
      'bash apps/release/src/audit.sh packed',
    ]);
    expect(withSecrets(publish).map(({ env }) => Object.keys(env ?? {}))).toEqual([
      ['NODE_AUTH_TOKEN', 'PNPM_CONFIG_PROVENANCE', 'PNPM_CONFIG_REGISTRY'],
      ['NODE_AUTH_TOKEN', 'HAS_PROVENANCE'],
    ]);
    for (const { env } of [workflow, ...Object.values(workflow.jobs)]) expect(JSON.stringify(env ?? {})).not.toContain('secrets.');
  });

  it('runs no script of a dependency where it packs or publishes', () => {
    expect(pack?.env).toEqual({ PNPM_CONFIG_ALLOW_BUILDS: '{"node":false}' });
    for (const job of [version, publish]) expect(commandsOf(job)[0]).toMatch(/ pnpm install --frozen-lockfile --ignore-scripts$/);
  });

  it('hands out the very tarballs that were packed there, if all of CI has passed with the same', () => {
    expect(commandsOf(pack)).toEqual([expect.stringMatching(/ pnpm release:pack plan\/publish-plan\.json$/)]);
    expect(commandsOf(prove)).toEqual(['bash .ci/run', 'node apps/release/src/compare-tarballs.ts packed']);
    for (const job of [prove, publish])
      expect(job?.steps).toContainEqual(
        expect.objectContaining({ with: { 'artifact-ids': expect.stringContaining('needs.pack.outputs.artifact'), path: 'packed' } }),
      );
  });
});

it('makes the documentation public only where the repository says so', () => {
  const { build, publish } = workflowOf('.github/workflows/docs.yml').jobs;
  expect(build?.if).toBe("github.ref == 'refs/heads/main' && vars.DOCS_PAGES == 'true'");
  expect(publish?.needs).toBe('build');
});
