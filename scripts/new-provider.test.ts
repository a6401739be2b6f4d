import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateProvider, nameProblem, SCOPE } from './new-provider/generate.ts';

const root = join(import.meta.dirname, '..');
const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

/** A tool of the workspace, as a script would run it. */
const run = (tool: string, args: readonly string[], cwd: string): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((resolve) => {
    const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
    const env = { PATH: path, HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'] };
    execFile(tool, args, { cwd, env, maxBuffer: 1e8 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out: `${out}${err}` }),
    );
  });

/** What a new provider changes outside its folder. */
const ELSEWHERE = ['apps/docs/package.json', 'apps/release/.size-limit.ts'];

/** A workspace with nothing in it but a new provider, on the packages of this one. */
const openWorkspace = (name: string, title: string) => {
  const copy = mkdtempSync(join(tmpdir(), 'new-provider-'));
  for (const file of [
    'tsconfig.base.json',
    'vitest.config.ts',
    'biome.json',
    'package.json',
    'pnpm-workspace.yaml',
    '.gitignore',
    ...ELSEWHERE,
  ])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const files = generateProvider(copy, name, title);
  const folder = join(copy, 'packages', name);
  const { dependencies, devDependencies } = JSON.parse(read(folder, 'package.json'));
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
    const link = join(folder, 'node_modules', dependency);
    mkdirSync(join(link, '..'), { recursive: true });
    const own = dependency.startsWith('@') ? join(root, 'packages', dependency.replace(/^.*\//, '')) : undefined;
    symlinkSync(own ?? join(root, 'packages/core/node_modules', dependency), link);
  }
  return { copy, folder, files, close: () => rmSync(copy, { recursive: true }) };
};

describe('a new provider', () => {
  let workspace: ReturnType<typeof openWorkspace>;
  beforeAll(async () => {
    workspace = openWorkspace('plaidish', 'Plaid & Co. (US)');
    await run('biome', ['check', '--write', 'packages', '.changeset'], workspace.copy);
  }, 60_000);
  afterAll(() => workspace.close());

  it('has the files of a provider, under its own name', () => {
    const { files, copy } = workspace;
    expect(files).toEqual(
      expect.arrayContaining(['.changeset/plaidish.md', 'packages/plaidish/src/plaidish.ts', 'packages/plaidish/LICENSE']),
    );
    expect(read(copy, '.changeset/plaidish.md').startsWith(`---\n'${SCOPE}/plaidish': minor\n---\n\n`)).toBe(true);
    for (const file of files)
      if (!ELSEWHERE.includes(file)) expect(`${file}\n${read(copy, file)}`.replaceAll(SCOPE, '')).not.toMatch(/acme/i);
  });

  it('is called by its title in sentences, and by its name in code', () => {
    const { folder } = workspace;
    expect(read(folder, 'README.md')).toContain('Authentication to Plaid & Co. (US) for servers');
    expect(read(folder, 'src/errors.ts')).toContain("'Plaid & Co. (US) timed out. Try again later.'");
    expect(read(folder, 'src/plaidish.ts')).toMatch(/interface PlaidishProvider .*\n {2}readonly id: 'plaidish';/);
  });

  it('is known to the documentation and to the check of sizes', () => {
    const { copy } = workspace;
    const { name, dependencies } = JSON.parse(read(copy, 'apps/docs/package.json'));
    expect([name, dependencies[`${SCOPE}/plaidish`]]).toEqual([`${SCOPE}/docs`, 'workspace:^']);
    expect(read(copy, 'apps/release/.size-limit.ts').match(/\{ of: 'plaidish', limit: '\d+ kB'/g)).toHaveLength(2);
  });

  it('compiles', async () => {
    expect(await run('tsc', ['-p', '.'], workspace.folder)).toEqual({ code: 0, out: '' });
  }, 60_000);

  it('is in the style of the repository', async () => {
    const { code, out } = await run('biome', ['check', '--error-on-warnings', 'packages', '.changeset'], workspace.copy);
    expect(code, out).toBe(0);
  });

  it('keeps the contract with its fake, and its test says what is left to do', async () => {
    const { code, out } = await run('vitest', ['run', '--config', '../../vitest.config.ts'], workspace.folder);
    expect(code, out).toBe(1);
    const { testResults } = JSON.parse(read(workspace.folder, '.results/vitest.json'));
    const tests: readonly { readonly status: string; readonly title: string; readonly failureMessages: readonly string[] }[] =
      testResults.flatMap(({ assertionResults }: { readonly assertionResults: readonly unknown[] }) => assertionResults);
    const failed = tests.filter(({ status }) => status !== 'passed');
    expect(failed.map(({ title, failureMessages }) => `${title}: ${failureMessages}`)).toEqual([
      expect.stringMatching(/^has nothing left to do: .*\d+ things are left to do in packages\/plaidish:\n/),
    ]);
    expect(tests.length).toBeGreaterThan(10);
    const [left = ''] = failed.flatMap(({ failureMessages }) => failureMessages);
    for (const file of [
      'src/options.ts',
      'src/errors.ts',
      'src/api/operations.ts',
      'src/api/ids.ts',
      'src/plaidish.ts',
      'test/fake.ts',
      'src/conformance.test.ts',
      'README.md',
    ])
      expect(left).toMatch(new RegExp(`^${file}:\\d+ {2}\\S.{20,}`, 'm'));
    for (const capability of ['secret', 'users', 'userTokens', 'codes', 'revocation', 'connect'])
      expect(left).toContain(`\`${capability}\``);
  }, 120_000);
});

describe('a name', () => {
  it.each([
    ['Plaid', 'must be lower-case'],
    ['2plaid', 'must be lower-case'],
    ['salt-edge', 'must be lower-case'],
    ['../plaid', 'must be lower-case'],
    ['', 'must be lower-case'],
    ['finicity', 'packages/finicity exists already'],
    ['core', 'packages/core exists already'],
    ['fetch', 'is a word that the code of a provider has already'],
    ['delete', 'is a word that the code of a provider has already'],
  ])('cannot be %j', (name, problem) => {
    expect(nameProblem(root, name)).toContain(problem);
    expect(() => generateProvider(root, name)).toThrow(problem);
  });

  it.each(['acme', 'plaid', 'tink', 'truelayer'])('can be %s', (name) => {
    expect(nameProblem(root, name)).toBeUndefined();
  });
});

describe('the command', () => {
  it('writes nothing for a name that cannot be, and says why', async () => {
    const command = ['--conditions=workspace-source', join(root, 'scripts/new-provider.ts')];
    const { code, out } = await run(process.execPath, [...command, 'Plaid'], root);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('Plaid must be lower-case letters and digits') });
    expect((await run(process.execPath, command, root)).code).toBe(1);
    expect(existsSync(join(root, 'packages/Plaid'))).toBe(false);
  });
});
