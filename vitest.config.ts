import { defineConfig } from 'vitest/config';

// One configuration for all packages: each runs `vitest run --config ../../vitest.config.ts` in its own folder.
const conditions = ['workspace-source'];

export default defineConfig({
  // Workspace packages are read from their sources, so nothing needs to be built first.
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['*.test.ts', '{src,providers,e2e}/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: '.results/vitest.json' }]],
    unstubGlobals: true,
    // Files share a process, one after the other: anew, each would load and warm up all it uses, which took a third of the time.
    // A package whose tests replace modules (`vi.mock`) has `--isolate` in its script, as a module that was loaded is not replaced.
    isolate: false,
    // Only a test that hangs gets there: no test waits for time to pass, and machines differ and have other work.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
