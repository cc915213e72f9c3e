import { defineConfig } from 'vitest/config';

/** How many end-to-end files run at once. Each starts many processes and mostly waits: with two, the suite takes 255 s instead of 353 on two cores. */
const e2eWorkerCount = Number(process.env.E2E_WORKERS ?? 2);

const shared = {
  pool: 'forks',
  testTimeout: 180_000,
  hookTimeout: 180_000,
  // Node imports sources and tests itself, with the same type stripping as in production. No vi.mock, so no loader for it.
  experimental: { viteModuleRunner: false, nodeLoader: false },
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          // Unit tests share no state: one process for many files halves the time.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/{browser,e2e}/**'],
          maxWorkers: '100%',
          // From 1 on: vitest runs a group 0 with a single worker after all others.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/{browser,e2e}/**/*.test.ts'],
          maxWorkers: e2eWorkerCount,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
