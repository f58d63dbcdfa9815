import { describe, expect, it } from 'vitest'
import { fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { energyTest } from '../../src/generative/energy-distance.ts'
import { whiteMoments } from '../../src/generative/gan/calibration.ts'
import { allCombinations, neighbours, ruleCombinations } from '../../src/generative/gan/combinations.ts'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import { calibrateGan, type GanState } from '../../src/generative/gan/gan-state.ts'
import { generatorFlops } from '../../src/generative/gan/generator.ts'
import { type GeneratorConfig, hiddenSizes } from '../../src/generative/gan/generator-config.ts'
import { type Granularities, granularityLabel } from '../../src/generative/gan/granularity.ts'
import {
  combinationSamples,
  commonLatents,
  judgeCombinations,
  meanCorrelation,
  mixNMatch,
} from '../../src/generative/gan/mix-n-match.ts'
import { type Judged, paretoFront, paretoSearch } from '../../src/generative/gan/pareto.ts'
import { jointRows, whiteData } from '../../src/generative/gan/white-data.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { heteroscedastic } from './known-law.ts'
import { FORMS, randomWeights } from './networks.ts'

const costOf = (config: GeneratorConfig, g: Granularities): number => generatorFlops(config, hiddenSizes(config, g))
const beats = (a: Judged, b: Judged): boolean =>
  a.flopsPerSample <= b.flopsPerSample &&
  a.distance <= b.distance &&
  (a.flopsPerSample < b.flopsPerSample || a.distance < b.distance)

describe('combinations', () => {
  it('are 4^blocks, each once', () => {
    expect(new Set(allCombinations(3).map((g) => g.join(' '))).size).toBe(64)
    expect(new Set(allCombinations(4).map((g) => g.join(' '))).size).toBe(256)
  })

  it('have neighbours one step of one width away', () => {
    expect(neighbours([0.125, 0.5])).toEqual([
      [0.25, 0.5],
      [0.125, 0.25],
      [0.125, 1],
    ])
  })

  it.each(
    FORMS,
  )('the rule: of each cost the rising one of least slope ($form, nested heads $nestedHeads)', (config) => {
    const rule = ruleCombinations(config)
    const rising = allCombinations(3).filter((g) => g.every((v, i) => i === 0 || v >= g[i - 1]))
    expect(rising).toHaveLength(20)
    const costs = new Set(rising.map((g) => costOf(config, g)))
    expect(rule.map((g) => costOf(config, g))).toEqual([...costs].sort((a, b) => a - b))
    for (const g of rule) {
      const same = rising.filter((other) => costOf(config, other) === costOf(config, g))
      expect(g[2] - g[0]).toBe(Math.min(...same.map((other) => other[2] - other[0])))
    }
  })

  it('the rule prefers an even network to a steep one of its cost', () => {
    const labels = ruleCombinations(FORMS[0]).map(granularityLabel)
    expect(labels).toHaveLength(17)
    expect(labels).toContain('1/4')
    expect(labels).not.toContain('1/8·1/8·1/2')
  })
})

describe('Pareto front and search', () => {
  const uniforms = new Float64Array(400)
  randomStream(1, 'test/pareto').uniformsInto(uniforms, 0)
  const points = Array.from({ length: 200 }, (_, i) => ({
    flopsPerSample: Math.floor(20 * uniforms[2 * i]),
    distance: uniforms[2 * i + 1],
  }))

  it('keeps exactly what nothing beats', () => {
    const front = paretoFront(points)
    expect(front.length).toBeGreaterThan(2)
    expect(new Set(front)).toEqual(new Set(points.filter((p) => !points.some((other) => beats(other, p)))))
    expect(front.map((p) => p.flopsPerSample)).toEqual(front.map((p) => p.flopsPerSample).toSorted((a, b) => a - b))
  })

  /** Each block errs by its weight over its width, neighbours of unequal width by a little more. */
  const BLOCKS = 6
  const judgeOne = (point: Granularities) => ({
    point,
    flopsPerSample: point.reduce((sum, g) => sum + 8 * g, 0),
    distance: point.reduce((sum, g, i) => sum + (1 + i) / g + (i > 0 ? Math.abs(g - point[i - 1]) : 0), 0),
  })
  const search = async (limit: number) => {
    const start = ruleCombinations({ ...FORMS[0], blocks: BLOCKS })
    const judge = async (batch: readonly Granularities[]) => batch.map(judgeOne)
    return paretoSearch({ start: start.slice(0, limit), name: granularityLabel, neighbours }, judge, limit)
  }

  it('finds the front of all 4096 combinations from a third of them', async () => {
    const judged = await search(1400)
    const values = (all: readonly Judged[]): number[][] =>
      paretoFront(all).map(({ flopsPerSample, distance }) => [flopsPerSample, distance])
    expect(values(judged)).toEqual(values(allCombinations(BLOCKS).map(judgeOne)))
    expect(judged.length).toBeLessThan(1400)
  })

  it('judges nothing twice and no more than the limit', async () => {
    const judged = await search(60)
    expect(judged).toHaveLength(60)
    expect(new Set(judged.map(({ point }) => granularityLabel(point))).size).toBe(60)
  })
})

describe('meanCorrelation', () => {
  it('is the mean over the columns', () => {
    // Columns: (1, 2, 3) with itself twice over, (1, 2, 3) with (3, 1, 2).
    expect(meanCorrelation([1, 1, 2, 2, 3, 3], [2, 3, 4, 1, 6, 2], 2)).toBeCloseTo((1 - 0.5) / 2, 12)
  })
})

describe('mixNMatch', async () => {
  const MODES = 8
  const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
  const training = heteroscedastic(200, MODES, 1)
  const validation = heteroscedastic(60, MODES, 2)
  const law = fitConditionalLaw(training)
  const config: GeneratorConfig = { ...FORMS[0], blocks: 2 }
  const state: GanState = {
    ...{ kind: 'gan', law, tail: null, config, weights: randomWeights(config), seed: 4, calibrations: {} },
    ...{ conditions: training.conditions, moments: whiteMoments(whiteData(law, training, MODES).x, MODES) },
  }
  const found = await mixNMatch(state, executor, validation, { seed: 9 })

  it('judges every combination and keeps the front', () => {
    expect(found.exhaustive).toBe(true)
    expect(found.judged).toHaveLength(16)
    const best = found.judged.filter((c) => !found.judged.some((other) => beats(other, c)))
    expect(new Set(found.front)).toEqual(new Set(best))
    expect(found.rule.map((c) => c.label)).toEqual(ruleCombinations(config).map(granularityLabel))
  })

  it('measures what the calibrated sub-network makes at the shared latents', async () => {
    const mixed: Granularities = [0.25, 1]
    const calibrated = await calibrateGan(state, executor, [mixed])
    const latents = commonLatents(config, validation.conditions, 2 * validation.count, 9)
    const made = (await combinationSamples(calibrated, executor, mixed, latents)).calibrated
    const held = whiteData(law, validation, MODES)
    const expected = energyTest(
      jointRows(made, latents.theta, latents.n),
      jointRows(held.x, held.theta, held.count),
      MODES + 2,
      0,
    ).distance
    const judged = found.judged.find((c) => c.label === '1/4·1')!
    expect(judged.distance).toBe(expected)
    const model = await ganModel(calibrated, executor, mixed)
    expect(judged.flopsPerSample).toBe(model.flopsPerSample)
    await model.release()
  })

  it('gives a combination the same numbers whatever is judged beside it', async () => {
    const alone = await judgeCombinations(state, executor, [[0.5, 0.125]], validation, { seed: 9 })
    expect(alone).toEqual(found.judged.filter((c) => c.label === '1/2·1/8'))
    const full = found.judged.at(-1)!
    expect(full.label).toBe('1')
    expect(full.correlation).toBeCloseTo(1, 12)
    expect(found.judged.slice(0, -1).every((c) => c.correlation < 0.999)).toBe(true)
  })

  it('calibrates without the validation data', async () => {
    const moved = { ...validation, coefficients: validation.coefficients.map((a) => 2 * a + 1) }
    const other = await judgeCombinations(state, executor, [[0.5, 0.125]], moved, { seed: 9 })
    const before = found.judged.find((c) => c.label === '1/2·1/8')!
    // The samples are the same: so is their correlation with the full network's. The data are not: nor is the distance.
    expect(other[0].correlation).toBe(before.correlation)
    expect(other[0].distance).toBeGreaterThan(before.distance)
  })

  it('searches where there are more combinations than the limit, by the sliced distance too', async () => {
    const some = await mixNMatch(state, executor, validation, { limit: 10, measure: 'sliced-wasserstein' })
    expect(some.exhaustive).toBe(false)
    expect(some.judged.length).toBeLessThanOrEqual(10)
    expect(some.front.length).toBeGreaterThan(0)
  })

  it('refuses data of another generator, and a limit too small', async () => {
    const other = heteroscedastic(30, MODES - 1, 3)
    await expect(mixNMatch(state, executor, other)).rejects.toThrow('data: expected 8 modes and 2 conditions')
    await expect(mixNMatch(state, executor, validation, { limit: 3 })).rejects.toThrow('limit: expected a whole number')
  })

  it('stops when cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const run = mixNMatch(state, executor, validation, {
      signal: controller.signal,
      onJudged: () => controller.abort(reason),
    })
    await expect(run).rejects.toBe(reason)
  })
})
