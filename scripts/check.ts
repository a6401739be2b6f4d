// Everything that can be said beside the tests: style, types, unused code, the documentation, and what would be published.
import { spawnSync } from 'node:child_process';

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
const CONDITION = '--conditions=workspace-source';

const checks: readonly { readonly name: string; readonly command: string; readonly args: readonly string[] }[] = [
  { name: 'style', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'types', command: 'turbo', args: ['run', 'typecheck', '--ui=stream', '--output-logs=errors-only'] },
  { name: 'build', command: 'turbo', args: ['run', 'build', '--ui=stream', '--output-logs=errors-only'] },
  { name: 'unused code and dependencies', command: 'node', args: [CONDITION, 'node_modules/knip/bin/knip.js'] },
  { name: 'workspace', command: 'sherif', args: [] },
  { name: 'examples in the documentation', command: 'node', args: [CONDITION, 'apps/docs/src/examples/check.ts'] },
  { name: 'the documentation site', command: 'node', args: [CONDITION, 'apps/docs/src/build.ts'] },
  { name: 'the pages of the site', command: 'node', args: [CONDITION, 'apps/docs/src/check.ts'] },
  { name: 'changesets', command: 'node', args: ['apps/release/src/changesets.ts'] },
  // From here on the packages as they would be published: what is packed now is what all the others look at.
  { name: 'tarballs', command: 'node', args: ['apps/release/src/pack.ts'] },
  { name: 'what is in them', command: 'node', args: ['apps/release/src/contents.ts'] },
  { name: 'their types, by three compilers', command: 'node', args: ['apps/release/src/types.ts'] },
  { name: 'their public surface', command: 'node', args: ['apps/release/src/api/report.ts'] },
  { name: 'their size', command: 'pnpm', args: ['--dir=apps/release', 'exec', 'size-limit'] },
  { name: 'what they bring along', command: 'node', args: ['apps/release/src/supply.ts'] },
  // A workspace of its own, which the checks above do not see.
  { name: 'types and unused code of the bench', command: 'pnpm', args: ['-C', 'apps/bench', 'check'] },
  { name: 'their installation', command: 'node', args: [CONDITION, 'apps/release/src/trial/check.ts'] },
];

let failed = 0;
for (const { name, command, args } of checks) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  // What could not be looked at here is said, by a line of its own.
  for (const line of stdout?.split('\n') ?? []) if (status === 0 && line.startsWith('left ')) console.log(`       ${line}`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.replace(/^/gm, '       '));
}
console.log(`\n${checks.length - failed} checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
