import { defineConfig } from 'vitest/config'

/** `npm test`: everything that needs only Node and npm, in under three minutes on two cores. */
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/outside/**'], pool: 'forks', testTimeout: 120_000 },
})
