import { defineConfig } from 'vitest/config'

/** What `.ci/run` adds: crash tests, other programs' references made again, the browser. One file at a time: several are about time. */
export default defineConfig({
  test: { include: ['test/outside/**/*.test.ts'], pool: 'forks', testTimeout: 900_000, fileParallelism: false },
})
