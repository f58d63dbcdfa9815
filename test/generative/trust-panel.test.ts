import { describe, expect, it } from 'vitest'
import type { PanelNumber } from '../../src/generative/panel-number.ts'
import { fitPcaGauss } from '../../src/generative/pca-gauss.ts'
import { fitScaleGauss } from '../../src/generative/scale-gauss.ts'
import type { TraceModel } from '../../src/generative/trace-model.ts'
import { panelJudge, trustPanel } from '../../src/generative/trust-panel.ts'
import { heteroscedastic, latentOf } from './known-law.ts'

const MODES = 6
const training = heteroscedastic(600, MODES, 1)
const test = heteroscedastic(600, MODES, 2)
const fields = {
  frames: 3,
  mean: new Float64Array(MODES).fill(1),
  modes: Float64Array.from({ length: MODES ** 2 }, (_, at) => (at % (MODES + 1) === 0 ? 1 : 0)),
}
const panelOf = async (model: TraceModel) => {
  const coefficients = await model.sample(test.conditions, latentOf(test.count, MODES, 4), test.count)
  return trustPanel(
    { training, test, generated: { ...test, coefficients }, fields },
    { permutations: 99, energySamples: 400 },
  )
}
const value = (numbers: readonly PanelNumber[], key: string): number => numbers.find((n) => n.key === key)!.value

describe('trustPanel', async () => {
  const [good, bad] = [await panelOf(fitScaleGauss(training)), await panelOf(fitPcaGauss(training))]

  it('has the same numbers for the model and the floor', () => {
    expect(good.model.map((n) => n.key)).toEqual(good.floor.map((n) => n.key))
    expect(good.model.length).toBe(11)
    for (const n of [...good.model, ...good.floor]) expect(Number.isFinite(n.value)).toBe(true)
  })

  it('puts the right model near the floor', () => {
    for (const key of ['meanField', 'deviationField', 'coefficientKs', 'slicedWasserstein'])
      expect(value(good.model, key)).toBeLessThan(2 * value(good.floor, key) + 0.02)
    expect(value(good.model, 'energyPValue')).toBeGreaterThan(0.01)
    expect(Math.abs(value(good.model, 'nearestTrainingRatio') - 1)).toBeLessThan(0.2)
  })

  it('rejects the model that ignores θ, by the joint law', () => {
    expect(value(bad.model, 'energyPValue')).toBe(0.01)
    const energy = bad.model.find((n) => n.key === 'energyDistance')!
    expect(energy.interval![0]).toBeGreaterThan(0)
    expect(energy.value).toBeGreaterThan(0.05)
    expect(bad.floor.find((n) => n.key === 'energyDistance')!.interval![0]).toBeLessThan(0)
  })

  it('names the sample size beside the p-value', () => {
    expect(good.model.find((n) => n.key === 'energyPValue')!.note).toBe(
      'n = 400, m = 400, 6 whitened modes, by √amplitude, with θ, 99 permutations within pairs of equal θ',
    )
    expect(good.floor.find((n) => n.key === 'energyPValue')!.note).toBe(
      'n = 300, m = 300, 6 whitened modes, by √amplitude, with θ, 99 permutations',
    )
  })

  it('gives every distance an interval that holds it', () => {
    for (const { key, value, interval } of [...good.model, ...good.floor]) {
      if (/PValue|nearest/.test(key)) continue
      expect(interval![0]).toBeLessThanOrEqual(value)
      expect(interval![1]).toBeGreaterThan(value)
    }
  })

  it('leaves out fields and histories where there are none', () => {
    const { floor } = panelJudge({ training, test }, { permutations: 19, energySamples: 60, resamples: 19 })
    expect(floor.map((n) => n.key)).not.toContain('powerSpectrum')
    expect(floor.map((n) => n.key)).not.toContain('meanField')
    expect(floor.length).toBe(8)
  })

  it('refuses samples at other conditions', () => {
    const conditions = test.conditions.toReversed()
    expect(() => trustPanel({ training, test, generated: { ...test, conditions } })).toThrow(/at the conditions of the/)
  })

  it('refuses data of other sizes', () => {
    expect(() => trustPanel({ training, test, generated: { ...test, modes: 5 } })).toThrow(/6 modes and 2 conditions/)
  })
})
