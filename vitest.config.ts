import { defineConfig } from 'vitest/config';

const SECOND = 1_000;

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      { test: { name: 'unit', include: ['test/**/*.unit.spec.ts'], testTimeout: 10 * SECOND } },
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
          testTimeout: 300 * SECOND,
          hookTimeout: 120 * SECOND,
          fileParallelism: false,
        },
      },
    ],
  },
});
