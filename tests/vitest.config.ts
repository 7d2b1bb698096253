import { defineConfig } from 'vitest/config'

const HARD = 'tests/**/*.hard.test.ts'

export default defineConfig({
  // React is the production one (see env below), which has no development JSX.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // For what never ends: a slow machine that is busy with other things is to stay far below these.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Ink writes nothing but its last frame when it believes to run in CI, and the path of a socket has to be short.
    env: { CI: '', NODE_ENV: 'production', TMPDIR: '/tmp' },
    globalSetup: ['tests/support/build.ts'],
    setupFiles: ['tests/support/seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
          exclude: [HARD],
        },
      },
      // Real engines, kills, floods, and what takes long to compile.
      { extends: true, test: { name: 'hard', include: [HARD] } },
    ],
  },
})
