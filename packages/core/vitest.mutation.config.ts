import { defineConfig } from 'vitest/config';

// For mutation testing: the tests that are about the mutated files, without type tests and without real processes.
const conditions = ['workspace-source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'src/engine/**/*.test.ts',
      'src/scenarios/*.test.ts',
      'src/managed.test.ts',
      'src/renewals-in-vain.test.ts',
      'src/requests.test.ts',
      'src/kit/managed-many.test.ts',
    ],
  },
});
