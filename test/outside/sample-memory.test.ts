import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COMMAND, inProcess } from '../cli/command-line.ts'
import { type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { tinierStudy } from '../study/tiny-run.ts'

const COUNT = 1_000_000
/** Samples after which the process has all that it keeps. */
const SETTLED = 200_000
const MB = 2 ** 20

let place: Workplace
beforeAll(async () => {
  place = workplace(tinierStudy())
  for (const verb of ['dataset', 'train'])
    expect(await inProcess(verb, place.study, '--out', place.out, '--quiet')).toMatchObject({ code: 0 })
}, 120_000)
afterAll(() => place.remove())

/** Resident bytes of a process, Linux. */
const residentBytes = (pid: number): number => {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return kilobytes === null ? 0 : 1024 * Number(kilobytes[1])
}

it.each([
  ['coefficients.npy', 'gan', ['--granularity', '1/8']],
  ['coefficients.npz', 'gaussian-mixture', []],
])('samples %s of %s without taking more memory for more samples', async (name, model, flags) => {
  const out = join(place.root, name)
  const argv = ['sample', place.out, '--count', String(COUNT), '--model', model, ...flags, '--out', out, '--json']
  const child = spawn(process.execPath, [COMMAND, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] })
  const sizes: { readonly done: number; readonly bytes: number }[] = []
  child.stderr.on('data', (text) => {
    for (const line of String(text)
      .split('\n')
      .filter((l) => l.includes('"event":"progress"')))
      sizes.push({ done: JSON.parse(line).done, bytes: residentBytes(child.pid!) })
  })
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  const settled = sizes.filter((s) => s.done >= SETTLED)
  expect(settled.length).toBeGreaterThan(2)
  expect(settled[0].done).toBeLessThan(COUNT / 2)
  const growth = Math.max(...settled.map((s) => s.bytes)) - settled[0].bytes
  console.log(`${name}: ${(settled[0].bytes / MB).toFixed(0)} MB, growth ${(growth / MB).toFixed(1)} MB`)
  const size = statSync(out).size
  expect(size).toBeGreaterThan(COUNT * 8 * 8)
  // What the collector leaves lying about levels off, at some 60 MB; samples that were kept would be all of the file.
  expect(growth).toBeLessThan(0.75 * size)
})
