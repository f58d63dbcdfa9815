import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../src/study/model-export.ts'
import { loadCard, loadGenerator } from '../../src/study/model-files.ts'
import type { ReportJson } from '../../src/study/report-json.ts'
import { type TinyRun, tinierStudy, tinyRun } from './tiny-run.ts'

/** Position and width are known: the generator is told of nothing, and only the modulus is random. */
describe('a study with a constant load', () => {
  let run: TinyRun
  beforeAll(async () => {
    const study = tinierStudy()
    const { load } = study
    const known = { position: { law: 'constant', value: 0.2 }, width: { law: 'constant', value: 50e-6 } }
    const estimate = { ...study.estimate, samples: 30, comparisonSamples: 30 }
    run = await tinyRun(true, { ...study, load: { ...load, ...known }, estimate })
  }, 240_000)

  it('is trained, estimated and reported', async () => {
    const report = JSON.parse(new TextDecoder().decode((await run.folder.read('report.json'))!)) as ReportJson
    expect(report.estimates.every((e) => Number.isFinite(e.value))).toBe(true)
    for (const [name, { metrics }] of Object.entries(report.traceModels))
      expect(
        metrics.every((m) => Number.isFinite(m.value)),
        name,
      ).toBe(true)
  })

  it('has a card without conditions, and an ONNX file without θ', async () => {
    expect((await loadGenerator(run.folder)).config.conditionCount).toBe(0)
    expect((await loadCard(run.folder)).conditions).toEqual([])
    expect(new TextDecoder().decode((await run.folder.read('model/card.md'))!)).toContain('None: position and width')
    const file = await exportOnnx(run.folder, { granularity: '1/4', traces: false })
    const { InferenceSession } = await import('onnxruntime-node')
    const session = await InferenceSession.create(file)
    expect(session.inputNames).toEqual(['z'])
    await session.release()
  })
})
