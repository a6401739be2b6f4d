// Renames the scope in a copy of the workspace, as a team would, then installs, builds, checks and tests that copy. Takes some minutes.
import { copyOfWorkspace } from './copy.ts';
import { type Ended, tried } from './run.ts';
import { scopeOf } from './workspace.ts';

// It takes other room, so that lines break elsewhere, sorts before other scopes, and has the word in it that examples and the template use.
const SCOPE = '@acme-bank';
const scope = scopeOf();
const copy = await copyOfWorkspace();
const inCopy = (program: string, ...args: readonly string[]): Promise<Ended> =>
  tried(program, args, { cwd: copy.root, deadline: 1_200_000 });
/** What is sorted or packed anew belongs to the rename, so that the next step begins with nothing to commit. */
const commit = (): Promise<Ended> =>
  inCopy('sh', '-c', 'git add --all && git -c user.name=copy -c user.email=copy@localhost commit --quiet --message="Rename the scope"');

/** A step, and what it said where it failed. */
interface Step {
  readonly name: string;
  readonly run: () => Promise<Ended>;
}

const pnpm = (...args: readonly string[]): Promise<Ended> => inCopy('pnpm', ...args);
const steps: readonly Step[] = [
  { name: `rescope ${SCOPE}`, run: () => pnpm('rescope', SCOPE) },
  {
    name: `${scope} is nowhere any more`,
    run: async () => foundNothing(await inCopy('git', 'grep', '--untracked', '-nIwE', `${scope}(/|:|\\b)`)),
  },
  {
    name: 'nor is anything said of another project of the name',
    run: async () =>
      foundNothing(await inCopy('git', 'grep', '--untracked', '-nIP', '<!-- /?namesake -->|(?<!not-)Auth\\.js', '*.md', '*/package.json')),
  },
  {
    name: 'nor in code, from which documents are made',
    run: async () =>
      foundNothing(await inCopy('git', 'grep', '--untracked', '-nIP', '^ *// /?namesake$|(?<!not-)Auth\\.js', '--', '*.ts', ':!*.test.ts')),
  },
  { name: 'api: the reports, sorted anew', run: () => pnpm('api') },
  { name: 'commit', run: commit },
  { name: 'rescope again: nothing to do', run: async () => unchanged(await pnpm('rescope', SCOPE)) },
  { name: 'install --frozen-lockfile', run: () => pnpm('install', '--frozen-lockfile') },
  { name: 'build', run: () => pnpm('build', '--output-logs=errors-only') },
  { name: 'style', run: () => pnpm('exec', 'biome', 'check', '--error-on-warnings', '.') },
  { name: 'types', run: () => pnpm('exec', 'turbo', 'run', 'typecheck', '--output-logs=errors-only') },
  { name: 'unused code and dependencies', run: () => pnpm('exec', 'knip') },
  { name: 'workspace', run: () => pnpm('exec', 'sherif') },
  {
    name: 'examples in the documentation',
    run: () => pnpm('exec', 'node', '--conditions=workspace-source', 'apps/docs/src/examples/check.ts'),
  },
  { name: 'public surface', run: () => pnpm('exec', 'node', 'apps/release/src/api/report.ts') },
  { name: 'release:pack', run: () => pnpm('release:pack') },
  { name: 'test', run: () => pnpm('test') },
];

let failed = 0;
try {
  for (const { name, run } of steps) {
    const started = performance.now();
    const { code, out, err } = await run();
    const sum = /^\d+ passed, \d+ failed.*$/m.exec(out)?.[0];
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}${sum === undefined ? '' : `: ${sum}`} (${seconds} s)`);
    if (code === 0) continue;
    failed += 1;
    const failures = `${out}${err}`.split('\n').filter((line) => /FAIL|Error/.test(line));
    console.log([...failures, `${out}${err}`.trim().slice(-3_000)].join('\n').replaceAll(/^/gm, '       '));
    // Without it nothing that follows says anything.
    if (name.startsWith('rescope')) break;
  }
} finally {
  copy.remove();
}
console.log(`\n${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function foundNothing({ code, out, err }: Ended): Ended {
  return { code: code === 1 ? 0 : 1, out, err };
}

function unchanged(ended: Ended): Ended {
  return ended.out.includes('There is nothing to do') ? ended : { ...ended, code: 1 };
}
