/** Where the tests are, but for those in a browser: widget/testing/web-test-runner.config.js. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Also when a test builds: Lit's other build is for its developers, and larger.
  resolve: { conditions: ['module', 'browser', 'production'] },
  test: {
    // Of two cores one would do nothing otherwise. A hang is found all the same; a slow machine is no failure.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['server/**/*.test.ts', 'widget/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', 'server/e2e/**'],
          // What tests start, and kill, again and again is compiled once.
          env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache/compiled') },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['server/e2e/**/*.test.ts'],
          globalSetup: ['server/e2e/global-setup.ts'],
          // One page has the machine: of two that share it, each is half as fast, and what is timed is wrong.
          fileParallelism: false,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
})
