import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

// One configuration for all tests. In the folder of a workspace, `vitest --config ../../vitest.config.ts` runs that workspace's tests. In the root, `vitest`
// runs those of all workspaces, each a project named after its package. `--mode e2e` runs the tests that take longer instead.
const conditions = ['workspace-source'];

const MANIFESTS: readonly string[] = globSync(['{packages,apps,examples}/*/package.json', 'scripts/package.json']).sort();

/** The files with tests, in the folder of a workspace. */
const testsOf = (mode: string): string[] => (mode === 'e2e' ? ['e2e/**/*.test.ts'] : ['*.test.ts', '!(e2e)/*.test.ts', 'src/**/*.test.ts']);

/** A workspace as a project. Without a root of its own it shares the server, so a source that several projects import is transformed once. */
const projectOf = (manifest: string, mode: string): TestProjectInlineConfiguration => {
  const folder = dirname(manifest);
  const { name } = JSON.parse(readFileSync(manifest, 'utf8'));
  const include = testsOf(mode).map((pattern) => `${folder}/${pattern}`);
  return { extends: true, test: { name: { label: name }, include, isolate: isolates(folder) } };
};

/** Its tests replace a module (`vi.mock`), and a module that was loaded in the same process is not replaced. */
const isolates = (folder: string): boolean => folder.endsWith('packages/store-sqlite');

export default defineConfig(({ mode }) => ({
  // Workspace packages are read from their sources, so nothing needs to be built first.
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', ['json', { outputFile: '.results/vitest.json' }]],
    unstubGlobals: true,
    // The cache halves the time that a process takes to start, and tests start hundreds.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile') },
    // More than there are cores on a small machine, because tests wait for the processes and servers that they start. The long ones have theirs to themselves.
    maxWorkers: mode === 'e2e' ? 2 : Math.max(4, availableParallelism() - 1),
    // Files share a process, one after the other: otherwise each would load and warm up all it uses, which took a third of the time.
    isolate: isolates(process.cwd()),
    // Only a test that hangs gets there: no test waits for time to pass, and machines differ and have other work.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...(process.cwd() === import.meta.dirname ? { projects: MANIFESTS.map((file) => projectOf(file, mode)) } : { include: testsOf(mode) }),
  },
}));
