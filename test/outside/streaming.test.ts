import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

/** Traces and values of each; `npm run verify` takes 20,000 of 10,000, 1.6 GB in double precision. */
const COUNT = Number(process.env['NESTWAVE_TRACES'] ?? 3000)
const SIZE = Number(process.env['NESTWAVE_TRACE_SIZE'] ?? 2000)
const MEGABYTES = 600

it(`streams ${COUNT} traces of ${SIZE} values in less than ${MEGABYTES} MB`, () => {
  const script = resolve(import.meta.dirname, 'stream-traces.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, `${COUNT}`, `${SIZE}`], { encoding: 'utf8' })
  expect([status, stderr.replaceAll(/^.*Warning.*$\n?/gm, '')]).toEqual([0, ''])
  console.log(stdout.trim())
  const found = JSON.parse(stdout)
  expect(found.maxRss).toBeLessThan(MEGABYTES)
  expect(found.modes).toBe(192)
  expect(found.singularError).toBeLessThan(1e-3)
  expect(found.missedShare).toBeGreaterThan(0)
  expect(found.belowBound).toBe(true)
  expect(found.orthonormality).toBeLessThan(1e-12)
  expect(found.meanError).toBeLessThan(1e-6)
})
