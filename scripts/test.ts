// Runs one kind of tests, `test` or `e2e`, of every workspace that has it, or those that further arguments name as vitest takes them (`packages/core`,
// `-t 'a sentence'`), and sums the results in the last line: `N passed, N failed[, N skipped]`.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

const RESULTS = '.results/vitest.json';

/** As much of vitest's report as is read. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly { readonly name: string }[];
}

const [, , kind = 'test', ...words] = process.argv;
// `pnpm test -- FILE` hands the dashes on, after which vitest would take no filter.
const given = words.filter((word) => word !== '--');

rmSync(RESULTS, { force: true });
const { status } = spawnSync('vitest', ['run', '--mode', kind, ...given], { stdio: 'inherit' });

const report = (): Report => {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch {
    // It ended before it ran anything, and has said why.
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: false, testResults: [] };
  }
};
const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, success, testResults } = report();
const skipped = numPendingTests + numTodoTests;

// Of all that could go unnoticed, a workspace whose tests are not found is the worst.
const silent = globSync(['{packages,apps,examples}/*/package.json', 'scripts/package.json'])
  .filter((file) => given.length === 0 && JSON.parse(readFileSync(file, 'utf8')).scripts?.[kind] !== undefined)
  .map((file) => dirname(file))
  .filter((folder) => !testResults.some(({ name }) => name.startsWith(`${resolve(folder)}${sep}`)));
for (const folder of silent) console.error(`${folder} left no results: its tests did not run.`);

// A file that cannot be loaded, or a rejection that nobody handled, fails without a failed test; so does a filter that no test fits.
const unexplained = numFailedTests === 0 && (!success || status !== 0 || passed === 0);
if (unexplained)
  console.error('No test failed, but the run did: see above for an error outside of the tests, or whether the filter fits any.');
const failed = numFailedTests + Number(unexplained) + silent.length;

console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1;
