import { defineConfig } from 'vitest/config'

/** What `.ci/run` adds: crash tests, other programs' references made again, the browser. */
export default defineConfig({
  test: { include: ['test/outside/**/*.test.ts'], pool: 'forks', testTimeout: 900_000, fileParallelism: false },
})
