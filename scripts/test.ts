// Runs one kind of tests of every package that has it, `test` unless `e2e` is asked for, and sums the results in the last line:
// `N passed, N failed[, N skipped]`.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const RESULTS = '.results/vitest.json';

const [, , ...given] = process.argv;
const task = given[0] === 'e2e' ? 'e2e' : 'test';
const options = given.filter((argument) => argument !== 'e2e');
const isFiltered = options.some((argument) => argument.startsWith('--filter'));
const packages = [...globSync('{packages,apps}/*/package.json'), 'scripts/package.json']
  .filter((file) => JSON.parse(readFileSync(file, 'utf8')).scripts?.[task] !== undefined)
  .map((file) => dirname(file))
  .sort();

for (const folder of packages) rmSync(join(folder, RESULTS), { force: true });

const { status } = spawnSync(
  'turbo',
  // What takes long has its package's processes, pages and races to itself.
  ['run', task, '--continue=always', `--concurrency=${task === 'e2e' ? 1 : 4}`, '--ui=stream', '--log-order=grouped', ...options],
  {
    stdio: 'inherit',
    // The cache halves the time that a process takes to start, and tests start hundreds.
    env: {
      NODE_COMPILE_CACHE: resolve('node_modules/.cache/compile'),
      ...process.env,
      TURBO_TELEMETRY_DISABLED: '1',
      TURBO_NO_UPDATE_NOTIFIER: '1',
    },
  },
);

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const folder of packages) {
  const file = join(folder, RESULTS);
  // A filter leaves packages out, and then turbo says whether one failed to start.
  if (!existsSync(file) && isFiltered) continue;
  if (!existsSync(file)) {
    console.error(`${folder} left no results: its tests did not run.`);
    sum.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(readFileSync(file, 'utf8'));
  sum.passed += numPassedTests;
  sum.skipped += numPendingTests + numTodoTests;
  // A file that cannot be loaded fails without a failed test in it.
  sum.failed += numFailedTests === 0 && !success ? 1 : numFailedTests;
}

console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = status === 0 && sum.failed === 0 && sum.passed > 0 ? 0 : 1;
