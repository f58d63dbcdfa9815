import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { gradient } from '../../src/tensor/gradient.ts'
import { add, input, leakyRelu, matmul, reduceSum, reshape, type Tensor } from '../../src/tensor/graph.ts'
import {
  gradientPenalty,
  SELF_TEST_EXPECTED,
  SELF_TEST_SHAPES,
  selfTestCritic,
  selfTestFeeds,
} from '../../src/tensor/self-test.ts'
import { FIXTURE_FOLDER, type Fixture, type PenaltyCase, readFixture } from './fixture.ts'
import { relativeError, toDouble, toSingle } from './numbers.ts'

type Tensors = Readonly<Record<string, Tensor>>
const SCRIPT = join(FIXTURE_FOLDER, 'make.py')
const PYTHON = '/usr/bin/python3'
const fixture = readFixture()

const mlpCritic = ({ x, w1, b1, w2, b2, w3 }: Tensors): Tensor => {
  const h1 = leakyRelu(add(matmul(x, w1), b1), 0.2)
  const h2 = leakyRelu(add(matmul(h1, w2), b2), 0.2)
  return reshape(matmul(h2, w3), [-1])
}

const graphOf = (critic: (tensors: Tensors) => Tensor, { shapes }: PenaltyCase): Record<string, Tensor> => {
  const tensors = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]))
  const d = critic(tensors)
  const penalty = gradientPenalty(d, tensors.x)
  const second = gradient(penalty, Object.values(tensors))
  return {
    critic: d,
    inputGradient: gradient(reduceSum(d), [tensors.x])[0],
    penalty,
    ...Object.fromEntries(Object.keys(shapes).map((name, i) => [`by ${name}`, second[i]])),
  }
}

const expectedOf = ({ critic, inputGradient, penalty, penaltyGradient }: PenaltyCase) => ({
  critic,
  inputGradient,
  penalty: [penalty],
  ...Object.fromEntries(Object.entries(penaltyGradient).map(([name, g]) => [`by ${name}`, g])),
})

const expectAgreement = (actual: Readonly<Record<string, ArrayLike<number>>>, c: PenaltyCase, tolerance: number) => {
  for (const [name, expected] of Object.entries(expectedOf(c)))
    expect(relativeError(actual[name], expected), name).toBeLessThan(tolerance)
}

const CASES = [
  ['an MLP critic', fixture.mlp, graphOf(mlpCritic, fixture.mlp)],
  ['a critic with attention', fixture.attention, graphOf(selfTestCritic, fixture.attention)],
] as const

describe('gradient penalty of PyTorch', () => {
  it.each(CASES)('%s: the interpreter, first and second order', (_, c, graph) => {
    expectAgreement(evaluate(graph, toDouble(c.inputs)), c, 1e-13)
  })

  for (const kind of ['onnxruntime-cpu', 'tfjs-cpu'] as const)
    it.each(CASES)(`%s: ${kind}, first and second order`, async (_, c, graph) => {
      const compiled = await (await createExecutor({ kind })).compile(graph)
      expectAgreement(await compiled.run(toSingle(c.inputs)), c, 2e-6)
      await compiled.release()
    })
})

describe('the stored numbers', () => {
  it('are of the script as it is', () => {
    expect(createHash('sha256').update(readFileSync(SCRIPT)).digest('hex')).toBe(fixture.scriptSha256)
  })

  it('are the ones that the self-test holds', () => {
    expect(SELF_TEST_SHAPES).toEqual(fixture.attention.shapes)
    expect(toDouble(selfTestFeeds())).toEqual(toDouble(fixture.attention.inputs))
    const { critic, penalty, penaltyGradient } = fixture.attention
    expect(relativeError(SELF_TEST_EXPECTED.critic, critic)).toBeLessThan(1e-8)
    expect(relativeError(SELF_TEST_EXPECTED.penalty, [penalty])).toBeLessThan(1e-8)
    expect(relativeError(SELF_TEST_EXPECTED.byX, penaltyGradient.x)).toBeLessThan(1e-8)
    expect(relativeError(SELF_TEST_EXPECTED.byW1, penaltyGradient.w1)).toBeLessThan(1e-8)
  })

  const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0
  it.runIf(hasTorch)('come out again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradient-penalty-'))
    try {
      execFileSync(PYTHON, [SCRIPT, join(folder, 'again.json')])
      const again: Fixture = readFixture(join(folder, 'again.json'))
      for (const [a, b] of [
        [again.mlp, fixture.mlp],
        [again.attention, fixture.attention],
      ])
        expectAgreement(expectedOf(a), b, 1e-12)
      again.adam.forEach((a, i) => {
        expect(relativeError(a.parameters.flat(), fixture.adam[i].parameters.flat())).toBeLessThan(1e-12)
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
