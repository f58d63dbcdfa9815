import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inProcess } from '../cli/command-line.ts'
import { filesOf, isResult, reportBytes, reportOf, stampsOf } from './files.ts'
import { tinyStudy, type Workplace, workplace } from './tiny-study.ts'

let place: Workplace
const folder = (name: string): string => join(place.root, name)
const run = async (out: string, workers: number): Promise<string> => {
  const { code, err } = await inProcess('run', place.study, '--out', folder(out), '--workers', String(workers))
  expect({ code, err }).toMatchObject({ code: 0 })
  return err
}
const changed = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...after].filter(([path, stamp]) => before.get(path) !== stamp).map(([path]) => path)

beforeAll(async () => {
  place = workplace()
  await run('one', 1)
}, 120_000)
afterAll(() => place.remove())

describe('one study', () => {
  it('leaves the files that docs/architecture.md lists', () => {
    const files = filesOf(folder('one'))
    for (const file of ['study.json', 'plan.json', 'timings.json', 'report.json', 'report.html', 'model/manifest.json'])
      expect(files).toContain(file)
    for (const split of ['train', 'validation', 'test'])
      expect(files.some((f) => f.startsWith(`dataset/${split}/chunks/`))).toBe(true)
    expect(files.filter((f) => f.endsWith('.part'))).toEqual([])
  })

  it('names the executor that trained and samples, and in the page why those before it did not', () => {
    const { executor, choice } = JSON.parse(readFileSync(join(folder('one'), 'plan.json'), 'utf8'))
    expect(reportOf(folder('one')).provenance.executor).toBe(executor)
    expect(choice).toMatchObject({ requested: 'auto', chosen: executor })
    expect(choice.attempts.at(-1)).toMatchObject({ kind: executor, outcome: 'chosen' })
    const page = readFileSync(join(folder('one'), 'report.html'), 'utf8')
    expect(choice.attempts.length).toBeGreaterThan(1)
    for (const { kind, outcome, detail } of choice.attempts) {
      expect(page).toContain(`Executor ${kind}<`)
      expect(page).toContain(`${outcome.replaceAll('-', ' ')}: ${detail}`)
    }
  })

  it('reports all that scripts rely on', () => {
    const report = reportOf(folder('one'))
    expect(report.schemaVersion).toBe(1)
    expect(Object.keys(report.traceModels)).toContain(report.recommended)
    for (const model of Object.values(report.traceModels) as { meanKs: number }[])
      expect(model.meanKs).toBeGreaterThan(0)
    expect(report.floor.meanKs).toBeGreaterThan(0)
    expect(report.provenance).toMatchObject({
      seed: 7,
      numerics: expect.any(Number),
      meshHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    for (const estimate of [...report.estimates, ...report.reference]) {
      expect(estimate).toMatchObject({
        ...{ qoi: expect.any(String), statistic: expect.any(String), value: expect.any(Number), level: 0.95 },
        ...{
          method: expect.any(String),
          unit: expect.stringMatching(/^(Pa|m|s|1)$/),
          samples: expect.any(Number),
          failed: 0,
        },
      })
      expect(estimate.interval[0]).toBeLessThanOrEqual(estimate.value)
      expect(estimate.interval[1]).toBeGreaterThanOrEqual(estimate.value)
    }
    expect(new Set(report.estimates.map((e: { qoi: string }) => e.qoi))).toEqual(
      new Set(['peak stress', 'peak motion', 'arrival']),
    )
  })

  it('gives the same bytes on one and on two workers, results and report alike', async () => {
    await run('two', 2)
    const [one, two] = [folder('one'), folder('two')]
    expect(reportBytes(two).equals(reportBytes(one))).toBe(true)
    const results = filesOf(one).filter(isResult)
    expect(filesOf(two).filter(isResult)).toEqual(results)
    expect(results.length).toBeGreaterThan(20)
    expect(results.filter((file) => !readFileSync(join(two, file)).equals(readFileSync(join(one, file))))).toEqual([])
  })

  it('computes nothing again when it is repeated, and reports the same bytes', async () => {
    const report = reportBytes(folder('one'))
    const before = stampsOf(folder('one'))
    await run('one', 2)
    expect(changed(before, stampsOf(folder('one'))).filter(isResult)).toEqual([])
    expect(reportBytes(folder('one')).equals(report)).toBe(true)
  })

  it('is extended by more held-out runs and more samples without touching finished chunks', async () => {
    const study = tinyStudy()
    place.write({ ...study, dataset: { ...study.dataset, test: 128 }, estimate: { ...study.estimate, samples: 192 } })
    const old = reportOf(folder('one'))
    const before = stampsOf(folder('one'))
    await run('one', 2)
    const after = stampsOf(folder('one'))
    const model = `estimate/${old.model.name}/chunks`
    expect(changed(before, after).filter(isResult)).toEqual([
      'dataset/test/chunks/000000-64.bin',
      'dataset/test/chunks/000064-64.bin',
      `${model}/000128-64.bin`,
    ])
    const report = reportOf(folder('one'))
    expect(report.estimates[0].samples).toBe(192)
    expect(report.reference[0].samples).toBe(128)
    expect(report.provenance.datasetHash).toBe(old.provenance.datasetHash)
    expect(report.provenance.modelHash).toBe(old.provenance.modelHash)
  })

  it('is refused a folder of another study, whose results and study.json stay', async () => {
    place.write({ ...tinyStudy(), seed: 8 })
    const before = stampsOf(folder('two'))
    const { code, err } = await inProcess('run', place.study, '--out', folder('two'))
    expect(code).toBe(2)
    expect(err).toContain(
      "  seed\n    expected 7, with which this folder's dataset was made (run with another --out)\n    received 8\n",
    )
    expect(changed(before, stampsOf(folder('two')))).toEqual([])
  })
})
