/**
 * The long studies, beyond `npm test`: runs every experiment that has an expected.json beside its study and compares the report
 * with it, then the service's tests at full length. `npm run verify`, or `npm run verify -- plate-with-hole service-crash`.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const EXPERIMENTS = join(ROOT, 'experiments')

/** A bound on one number of the report, by its dotted path; or a value with the tolerance that another processor may need. */
interface Expectation {
  readonly path: string
  readonly atMost?: number
  readonly value?: number
  readonly tolerance?: number
}

const at = (report: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], report)

const holds = (received: unknown, { atMost, value, tolerance }: Expectation): boolean =>
  typeof received === 'number' &&
  (atMost === undefined || received <= atMost) &&
  (value === undefined || Math.abs(received - value) <= (tolerance ?? 0))

const verify = (name: string): number => {
  const folder = join(EXPERIMENTS, name)
  const out = mkdtempSync(join(tmpdir(), `nestwave-${name}-`))
  const { secondsAtMost, expectations } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
  const start = performance.now()
  execFileSync(process.execPath, [join(ROOT, 'bin/nestwave.mjs'), 'run', join(folder, 'study.json'), '--out', out], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const seconds = (performance.now() - start) / 1000
  const report: unknown = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
  const failed = (expectations as Expectation[]).filter((e) => !holds(at(report, e.path), e))
  for (const e of failed) console.log(`FAILED ${name}: ${JSON.stringify(e)}, received ${String(at(report, e.path))}`)
  const slow = seconds > secondsAtMost
  console.log(`${slow ? 'FAILED' : 'ok'} ${name}: ${seconds.toFixed(0)} s, at most ${secondsAtMost} s`)
  rmSync(out, { recursive: true })
  return failed.length + (slow ? 1 : 0)
}

/** Tests that continuous integration runs in short: of the running service and its database, of memory, of benches. */
const AT_LENGTH: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  bench: { NESTWAVE_BENCH: 'full' },
  postgres: { NESTWAVE_POSTGRES_KILLS: '8' },
  'service-crash': { NESTWAVE_KILLS: '20', NESTWAVE_CRASH_SAMPLES: '12800' },
  'service-fuzz': { NESTWAVE_FUZZ: '100000' },
  'service-load': { NESTWAVE_LOAD_JOBS: '10000' },
  'service-network': { NESTWAVE_AWAY: '30', NESTWAVE_NETWORK_SAMPLES: '60000' },
  streaming: { NESTWAVE_TRACES: '20000', NESTWAVE_TRACE_SIZE: '10000' },
}

const verifyService = (name: string): number => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.outside.config.ts', `test/outside/${name}.test.ts`],
    { cwd: ROOT, env: { ...process.env, ...AT_LENGTH[name] }, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  console.log(`${status === 0 ? 'ok' : 'FAILED'} ${name} with ${JSON.stringify(AT_LENGTH[name])}`)
  return status === 0 ? 0 : 1
}

const experiments = readdirSync(EXPERIMENTS).filter((name) => existsSync(join(EXPERIMENTS, name, 'expected.json')))
const all = [...experiments, ...Object.keys(AT_LENGTH)]
const named = process.argv.slice(2).length > 0 ? process.argv.slice(2) : all
const failures = named.reduce((sum, name) => sum + (name in AT_LENGTH ? verifyService(name) : verify(name)), 0)
console.log(`${named.length} studies, ${failures} failed expectations`)
process.exitCode = failures > 0 ? 1 : 0
