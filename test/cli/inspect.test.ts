import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, small } from '../../src/cli/inspect-text.ts'
import { type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { inProcess, told } from './command-line.ts'

let place: Workplace
beforeAll(() => {
  place = workplace()
})
afterAll(() => place.remove())

const inspected = async (...argv: string[]): Promise<string> => {
  const { code, out, err } = await inProcess('inspect', ...argv)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}
const json = async (path: string) => {
  const out = await inspected(path, '--json')
  expect(out.trimEnd()).not.toContain('\n')
  return JSON.parse(out)
}

const TINY_MESH = {
  nodes: 425,
  cells: { Q4: 384 },
  cellGroups: { domain: 384, zone: 24 },
  facetGroups: { left: 16, right: 16, bottom: 24, top: 24 },
  boundingBox: [0, 0, 0.6, 0.4],
  flaws: 0,
}

describe('nestwave inspect, a study', () => {
  it('as one JSON object: mesh, zone, steps, trace, field, and the cost of every stage', async () => {
    const study = await json(place.study)
    expect(study).toMatchObject({ kind: 'study', title: 'Tiny plate', physics: 'plane-strain', mesh: TINY_MESH })
    // 6 x 4 cells cut out of the inside: 2·(6 + 4) nodes around them.
    expect(study.zone).toEqual({ cells: 24, nodes: 35, interfaceNodes: 20 })
    const { stableStep, stableStepOfField, step, steps, frames, frameStep } = study.time
    expect(steps * step).toBeCloseTo(150e-6, 12)
    expect(frames).toBe(steps / 2 + 1)
    expect(frameStep).toBeCloseTo(2 * step, 15)
    expect(step).toBeLessThanOrEqual(0.9 * stableStepOfField)
    expect(stableStepOfField).toBeLessThan(stableStep)
    // For squares of side h the limit lies near h/c_p = 25 mm / 6,001 m/s.
    expect(stableStep).toBeGreaterThan(0.7 * (0.025 / 6001))
    expect(stableStep).toBeLessThan(0.025 / 6001)
    expect(study.trace).toEqual({ values: frames * 20 * 2, bytes: frames * 20 * 2 * 4 })
    expect(study.modulusTerms).toBeGreaterThan(3)
    expect(study.quantities).toEqual(['peak stress', 'peak motion', 'arrival'])

    const counts = Object.fromEntries(
      study.cost.stages.map((s: { stage: string; count: number }) => [s.stage, s.count]),
    )
    // estimate: 7 models and 4 smaller networks (1/2, 1/4, 1/8, 1/2·1/8) x 64, real traces 60 + 64, and 128 − 64 more
    expect(counts).toEqual({
      dataset: 220,
      'train: choice of modes': 180,
      'train: generator': 60,
      estimate: 11 * 64 + 124 + 64,
    })
    for (const { seconds } of study.cost.stages) expect(seconds).toBeGreaterThan(0)
    const sum = study.cost.stages.reduce((total: number, s: { seconds: number }) => total + s.seconds, 0)
    expect(study.cost.seconds).toBeCloseTo(sum, 9)
    expect(study.cost.seconds).toBeLessThan(120)
    expect(study.cost.bytes).toBeGreaterThan(220 * study.trace.bytes)
    expect(study.cost.basis).toContain('measured now')
  })

  it('as text', async () => {
    const text = await inspected(place.study, '--workers', '3')
    expect(text).toContain('Tiny plate (plane-strain)')
    expect(text).toMatch(/ {2}zone +24 cells, 35 nodes, 20 of them on its boundary\n/)
    expect(text).toMatch(/ {2}stable step +\d\.\d+ µs; \d\.\d+ µs under the random modulus\n/)
    expect(text).toContain('\nestimated cost with 3 workers\n')
    expect(text).toMatch(/ {2}dataset +[\d.]+ s {3}220 full-domain runs\n/)
    expect(text).toMatch(/ {2}disk +[\d.]+ MB\n/)
  })

  it('that is wrong: as every verb', async () => {
    const wrong = join(place.root, 'wrong.json')
    writeFileSync(wrong, '{"nestwave": 1}')
    const { code, err, out } = await inProcess('inspect', wrong)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('  domain\n    expected an object\n    received nothing (the key is missing)\n')
  })
})

describe('nestwave inspect, a mesh', () => {
  it('as one JSON object', async () => {
    const mesh = await json(join(place.root, 'plate.msh'))
    expect(mesh).toMatchObject({ kind: 'mesh', ...TINY_MESH })
    expect(mesh.worst.length).toBe(5)
    for (const { height } of mesh.worst) expect(height).toBeCloseTo(0.025, 12)
    expect(mesh.medianHeight).toBeCloseTo(0.025, 12)
  })

  it('with the flattest cells first', async () => {
    const path = resolve(import.meta.dirname, '../fixtures/gmsh/v41.msh')
    const mesh = await json(path)
    expect(Object.keys(mesh.cells)).toEqual(['T3', 'Q4'])
    const heights = mesh.worst.map(({ height }: { height: number }) => height)
    expect(heights).toEqual([...heights].sort((a, b) => a - b))
    expect(heights[0]).toBeLessThan(mesh.medianHeight)
    const text = await inspected(path)
    expect(text).toContain(': a mesh\n')
    expect(text).toMatch(
      /worst cells \(they limit the time step; half of all are taller than [\d.]+ mm\)\n {2}cell \d+ +height [\d.]+ mm at \([\d.]+, [\d.]+\) m\n/,
    )
  })
})

describe('nestwave inspect, a folder', () => {
  it('with a dataset only', async () => {
    const { code } = await inProcess('dataset', place.study, '--out', place.out, '--quiet')
    expect(code).toBe(0)
    const folder = await json(place.out)
    expect(folder).toMatchObject({ kind: 'folder', title: 'Tiny plate', seed: 7, report: null })
    expect(folder.stages).toEqual({ dataset: true, model: false, estimate: false })
    expect(folder.series).toEqual([
      { path: 'dataset/test', samples: 60, chunks: 1 },
      { path: 'dataset/train', samples: 100, chunks: 2 },
      { path: 'dataset/validation', samples: 60, chunks: 1 },
    ])
    expect(folder.timings['full-domain runs']).toBeGreaterThan(0)
    const text = await inspected(place.out)
    expect(text).toMatch(/ {2}dataset +finished\n {2}train +not finished\n {2}estimate +not finished\n/)
    expect(text).toMatch(/ {2}dataset\/train +100\n/)
  })

  it('in which a chunk was replaced by a longer one: its samples count once', async () => {
    const chunks = join(place.out, 'dataset/train/chunks')
    copyFileSync(join(chunks, '000064-36.bin'), join(chunks, '000064-64.bin'))
    expect((await json(place.out)).series[1]).toEqual({ path: 'dataset/train', samples: 128, chunks: 2 })
  })

  it('that no study was run in', async () => {
    const empty = join(place.root, 'empty')
    mkdirSync(empty)
    const { code, err } = await inProcess('inspect', empty)
    expect({ code, err }).toEqual({
      code: 2,
      err: told(['inspect', 'a folder that a study was run in (it holds study.json)', empty]),
    })
  })
})

const WHAT = 'a study file (.json), a mesh (.msh), a result folder or an exported one (.zip)'

describe('nestwave inspect', () => {
  it.each<readonly [string, readonly string[], readonly [string, string, string]]>([
    ['nothing', [], ['inspect', `one of ${WHAT}`, 'nothing']],
    ['two things', ['a', 'b'], ['inspect', `one of ${WHAT}`, 'a b']],
    ['what is not there', ['no.json'], ['inspect', 'a file that can be read', 'no.json, which does not exist']],
  ])('%s', async (_, argv, problem) => {
    expect(await inProcess('inspect', ...argv)).toEqual({ code: 2, out: '', err: told(problem) })
  })

  it('a file of another kind', async () => {
    const file = join(place.root, 'notes.txt')
    writeFileSync(file, 'hello')
    expect(await inProcess('inspect', file)).toEqual({
      code: 2,
      out: '',
      err: told(['inspect', WHAT, `${file}, which is none of them`]),
    })
  })
})

describe('numbers for people', () => {
  it('of bytes', () => {
    expect([0, 999, 1000, 123_456, 5.5e9].map(bytes)).toEqual(['0 B', '999 B', '1 kB', '123.5 kB', '5.5 GB'])
  })
  it('of small quantities', () => {
    expect([0, 2, 0.02, 2.3456789e-6, 5e-10].map((x) => small(x, 's'))).toEqual([
      '0 s',
      '2 s',
      '20 ms',
      '2.346 µs',
      '500 ps',
    ])
  })
})
