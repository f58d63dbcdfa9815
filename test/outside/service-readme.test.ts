import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLE_STUDY } from '../../src/service/routes/example-study.ts'
import { type Station, station } from './service-process.ts'

/** The commands of the README, as they stand there, against a running service; only address, study (a small one) and id differ. */
const ROOT = resolve(import.meta.dirname, '../..')
const [, block] = /## As a service[\s\S]*?```sh\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!
const commands = block.split('\n').filter((line) => line.startsWith('curl '))

let place: Station
const folder = mkdtempSync(join(tmpdir(), 'nestwave-readme-'))
const study = join(folder, 'study.json')
beforeAll(async () => {
  writeFileSync(study, JSON.stringify(EXAMPLE_STUDY))
  place = station()
  await place.start()
}, 60_000)
afterAll(async () => {
  await place.remove()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const run = (command: string, id = ''): string => {
  const here = command
    .replaceAll('http://127.0.0.1:8080', place.url)
    .replaceAll('experiments/plate-with-hole/study.json', study)
    .replace('curl ', 'curl --silent --show-error --fail-with-body ')
    .replace(/ -O ([^ ]+)/, ` --output ${join(folder, 'report.html')} $1`)
    .replaceAll('/jobs/ID', `/jobs/${id}`)
  return execFileSync('bash', ['-c', here], { cwd: ROOT, encoding: 'utf8', timeout: 120_000 })
}

describe('the README', () => {
  it('leads from a study file to a finished estimate with curl alone', () => {
    expect(commands).toHaveLength(5)
    const [upload, submit, events, results, report] = commands
    expect(JSON.parse(run(upload))).toMatchObject({ name: 'plate-with-hole.msh' })
    const { id, kind } = JSON.parse(run(submit))
    expect(kind).toBe('run')
    const stream = run(events, id)
    expect(stream).toContain('"state":"succeeded"')
    expect(stream.trimEnd().endsWith('event: end\ndata: {}')).toBe(true)
    const { partial, report: found } = JSON.parse(run(results, id))
    expect(partial).toBe(false)
    expect(found.estimates[0]).toMatchObject({ qoi: 'peak stress around the hole', unit: 'Pa', samples: 128 })
    run(report, id)
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<!doctype html>')
  })
})
