import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const SECOND = 1_000;
/** Crowds that keep every core busy, and are promised answers in time. */
const RUSHES = ['test/e2e/*.e2e.spec.ts', 'test/rush/*.e2e.spec.ts'];

export default defineConfig({
  test: {
    passWithNoTests: false,
    globalSetup: ['test/support/database-server.ts'],
    // Two even on two cores: most files wait for servers most of the time. No more than the servers of four, elsewhere.
    maxWorkers: Math.min(4, Math.max(2, availableParallelism() - 1)),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.unit.spec.ts'],
          // A property that takes three seconds alone takes many times that on a machine that does much else.
          testTimeout: 60 * SECOND,
          // Nothing in them outlives its test, and loading the code anew for each file took longer than the tests.
          pool: 'threads',
          isolate: false,
        },
      },
      {
        test: {
          name: 'int',
          include: ['test/**/*.int.spec.ts'],
          testTimeout: 60 * SECOND,
          hookTimeout: 60 * SECOND,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.spec.ts'],
          exclude: [...configDefaults.exclude, ...RUSHES],
          testTimeout: 300 * SECOND,
          hookTimeout: 120 * SECOND,
        },
      },
      {
        test: {
          name: 'rush',
          include: RUSHES,
          testTimeout: 300 * SECOND,
          hookTimeout: 120 * SECOND,
          // After all others, one at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
