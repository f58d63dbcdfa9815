import { describe, expect, it } from 'vitest'
import { CRITICS, type CriticConfig, criticGraph, criticSpecs, type Sources } from '../../src/generative/gan/critic.ts'
import { GRANULARITIES } from '../../src/generative/gan/granularity.ts'
import { stepLosses } from '../../src/generative/gan/losses.ts'
import { viewParameters } from '../../src/generative/gan/parameters.ts'
import { GRADIENT, stepGraphs } from '../../src/generative/gan/step-graphs.ts'
import type { StepLoss } from '../../src/generative/gan/step-loss.ts'
import { weightInputs } from '../../src/generative/gan/training-networks.ts'
import { type GanOverrides, ganOptions, PENALTIES, TRAINING_MODES } from '../../src/generative/gan/training-options.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { inputSizes } from '../../src/tensor/compiled-graph.ts'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { input, type Tensor } from '../../src/tensor/graph.ts'

type Doubles = Record<string, Float64Array>

const normals = (length: number, index: number): Float64Array => {
  const out = new Float64Array(length)
  randomStream(8, 'test/losses').normalsInto(out, index)
  return out
}
/** Normal numbers for every input of the graphs. */
const feedsFor = (...graphs: readonly Readonly<Record<string, Tensor>>[]): Doubles => {
  const sizes = new Map(graphs.flatMap((outputs) => [...inputSizes(outputs)]))
  return Object.fromEntries([...sizes].map(([name, size], i) => [name, normals(size, i).map((v) => 0.5 * v)]))
}

const TINY: GanOverrides = {
  generator: { form: 'transformer', nestedHeads: true, latent: 4, width: 8, hidden: 8, blocks: 2, tokens: 2, heads: 4 },
  ...{ criticHidden: [6, 5], batch: 4, distillationWeight: 0 },
}

/** d loss(w + ε v) / dε by central differences, and gradient · v. */
const slopes = ({ loss, prefix, weights }: StepLoss, graph: Readonly<Record<string, Tensor>>) => {
  const feeds = feedsFor({ loss }, graph)
  // Weights that the loss does not depend on are no inputs of it: other branches.
  const names = Object.keys(weights)
    .map((name) => `${prefix}${name}`)
    .filter((name) => name in feeds)
  const only = (wanted: Readonly<Record<string, Tensor>>, from: Doubles): Doubles =>
    Object.fromEntries([...inputSizes(wanted).keys()].map((name) => [name, from[name]]))
  const direction = Object.fromEntries(names.map((name, i) => [name, normals(feeds[name].length, 1000 + i)]))
  const lossAt = (step: number): number => {
    const moved = Object.fromEntries(
      names.map((name) => [name, feeds[name].map((w, i) => w + step * direction[name][i])]),
    )
    return evaluate({ loss }, only({ loss }, { ...feeds, ...moved })).loss[0]
  }
  const gradients = evaluate(graph, only(graph, feeds))
  const inner = names.reduce(
    (sum, name) => sum + gradients[`${GRADIENT}${name}`].reduce((s, g, i) => s + g * direction[name][i], 0),
    0,
  )
  return { difference: (lossAt(1e-6) - lossAt(-1e-6)) / 2e-6, inner, gradients }
}

const CASES = TRAINING_MODES.flatMap((mode) => CRITICS.map((critic) => ({ mode, critic })))

describe.each(CASES)('training mode $mode, critic $critic', ({ mode, critic }) => {
  it.each(PENALTIES)('has the gradients of its losses, penalty %s', (penalty) => {
    const options = ganOptions(2, 4, { ...TINY, mode, critic, penalty })
    const losses = stepLosses(options)
    const graphs = stepGraphs(options)
    for (const part of ['critics', 'generators'] as const)
      losses[part].forEach((loss, i) => {
        const { difference, inner } = slopes(loss, graphs[part][i])
        expect(Math.abs(difference)).toBeGreaterThan(1e-3)
        expect(Math.abs(difference - inner)).toBeLessThan(1e-6 * Math.max(1, Math.abs(difference)))
      })
  })
})

describe('distillation', () => {
  const variants = (overrides: GanOverrides): number[] => {
    const { critics, generators } = stepLosses(ganOptions(2, 4, { ...TINY, ...overrides }))
    return [critics.length, generators.length]
  }

  it('takes turns with the three sub-networks; without weight the full network learns alone', () => {
    expect(variants({ distillationWeight: 3 })).toEqual([1, 3])
    expect(variants({ distillationWeight: 0 })).toEqual([1, 1])
    expect(variants({ distillationWeight: 0, critic: 'branches' })).toEqual([3, 3])
  })
})

describe('critic branches', () => {
  /** Which branches a critic step moves, per variant. */
  const moved = (mode: (typeof TRAINING_MODES)[number]): number[][] => {
    const options = ganOptions(2, 4, { ...TINY, mode, critic: 'branches' })
    const { critics } = stepLosses(options)
    const graphs = stepGraphs(options).critics
    return critics.map((loss, i) => {
      const { gradients } = slopes(loss, graphs[i])
      return GRANULARITIES.map((_, k) => k).filter((k) =>
        gradients[`${GRADIENT}d.branch${k}.score.w`].some((g) => g !== 0),
      )
    })
  }

  it('learn from the samples of their own granularity only', () => {
    expect(moved('sampled')).toEqual([[0], [1], [2], [3]])
    expect(moved('joint')).toEqual([[0, 1, 2, 3]])
    expect(moved('distillation')).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ])
  })

  it('need a layer to share', () => {
    expect(() => ganOptions(2, 4, { ...TINY, critic: 'branches', criticHidden: [8] })).toThrow(
      'criticHidden: expected units of a shared layer and of one per branch, or more, received [8]',
    )
  })
})

describe('criticGraph', () => {
  const sizes = { latent: 3, conditionCount: 2, hidden: [6, 5] }
  const [x, theta] = [normals(24, 1), normals(16, 2)]
  const weightsOf = (config: CriticConfig): Doubles => {
    const count = criticSpecs(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
    const views = viewParameters(criticSpecs(config), Float32Array.from(normals(count, 3)))
    return Object.fromEntries(Object.entries(views).map(([name, values]) => [`d.${name}`, Float64Array.from(values)]))
  }
  const scoresOf = (config: CriticConfig, sources: Sources, rows = x, conditions = theta): number[] => {
    const batch = rows.length / 3
    const score = criticGraph(
      config,
      weightInputs('d.', criticSpecs(config)),
      input('x', [batch, 3]),
      input('theta', [batch, 2]),
      sources,
    )
    const weights = weightsOf(config)
    const needed = [...inputSizes({ score }).keys()].filter((name) => name.startsWith('d.'))
    const feeds = { x: rows, theta: conditions, ...Object.fromEntries(needed.map((name) => [name, weights[name]])) }
    return Array.from(evaluate({ score }, feeds).score)
  }

  it.each(CRITICS)('%s: several sources side by side are scored as each alone', (kind) => {
    const config = { ...sizes, kind }
    const quarters = GRANULARITIES.flatMap((g, i) =>
      scoresOf(config, [g], x.slice(6 * i, 6 * i + 6), theta.slice(4 * i, 4 * i + 4)),
    )
    const together = scoresOf(config, GRANULARITIES)
    quarters.forEach((score, i) => {
      expect(together[i]).toBeCloseTo(score, 12)
    })
    const same = kind === 'shared'
    expect(scoresOf(config, [0.125])[0] === scoresOf(config, [1])[0]).toBe(same)
  })

  it('is told the granularity as four more inputs', () => {
    const w = weightsOf({ ...sizes, kind: 'conditioned' })
    const layer = (name: string, h: readonly number[]): number[] =>
      Array.from(w[`d.${name}.b`], (bias, j) => {
        const v = h.reduce((sum, a, i) => sum + a * w[`d.${name}.w`][i * w[`d.${name}.b`].length + j], bias)
        return v > 0 ? v : 0.2 * v
      })
    const told = [0, 0, 1, 0]
    const h = layer('layer1', layer('layer0', [...x.slice(0, 3), ...theta.slice(0, 2), ...told]))
    const expected = h.reduce((sum, a, i) => sum + a * w['d.score.w'][i], 0)
    expect(scoresOf({ ...sizes, kind: 'conditioned' }, [0.5])[0]).toBeCloseTo(expected, 12)
  })
})
