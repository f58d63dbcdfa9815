import { defineConfig } from 'vitest/config'

/** Tests in which time is of the essence (an answer within 50 ms, a claim that runs out): nothing else runs beside them. */
const ALONE = ['service-crash', 'service-fuzz', 'service-load', 'service-network'].map(
  (name) => `test/outside/${name}.test.ts`,
)

const common = { pool: 'forks', testTimeout: 900_000 } as const

/**
 * What `.ci/run` adds: crash tests, other programs' references made again, the browser. Most of them wait for processes as long as they
 * compute, and run two at a time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'outside',
          include: ['test/outside/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
