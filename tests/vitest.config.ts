import { defineConfig } from 'vitest/config'

export default defineConfig({
  // React is the production one (see env below), which has no development JSX.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Ink writes nothing but its last frame when it believes to run in CI.
    env: { CI: '', NODE_ENV: 'production' },
    globalSetup: ['tests/support/build.ts'],
  },
})
