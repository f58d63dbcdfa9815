import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor, type ExecutorKind, surveyExecutors } from '../../src/tensor/executor.ts'
import { toDouble } from '../tensor/numbers.ts'
import { errorOf, type Results, readSteps, referenceRuns, resultsOf, STEP_FOLDER } from './training-step.ts'

const runs = referenceRuns()
const usable = (await surveyExecutors()).filter(({ outcome }) => outcome === 'chosen').map(({ kind }) => kind)
const ALLOWED = 1e-5

it('finds the executors that are always there', () => {
  expect(usable).toEqual(expect.arrayContaining<ExecutorKind>(['onnxruntime-cpu', 'tfjs-cpu']))
})

describe.each(runs)('$name', ({ name, graph, feeds, expected }) => {
  const results: Partial<Record<ExecutorKind, Results[string]>> = {}
  beforeAll(async () => {
    for (const kind of usable)
      results[kind] = (await resultsOf(await createExecutor({ kind }), [{ name, graph, feeds, expected }]))[name]
  })

  it('is what PyTorch computes, in double precision', () => {
    const exact = evaluate(graph, toDouble(feeds))
    for (const output of Object.keys(expected)) expect(errorOf(exact[output], expected[output])).toBeLessThan(1e-8)
  })

  it.each(usable)('%s agrees with PyTorch and with every other', (kind) => {
    expect(Object.keys(results[kind]!).sort()).toEqual(Object.keys(expected).sort())
    for (const [output, values] of Object.entries(results[kind]!)) {
      expect([output, errorOf(values, expected[output])]).toEqual([output, expect.toSatisfy((e) => e <= ALLOWED)])
      for (const other of usable)
        expect([output, other, errorOf(values, results[other]![output])]).toEqual([
          ...[output, other],
          expect.toSatisfy((e) => e <= ALLOWED),
        ])
    }
  })
})

describe('the stored steps', () => {
  const SCRIPT = join(STEP_FOLDER, 'make.py')
  const PYTHON = '/usr/bin/python3'

  it('are of the script as it is', () => {
    expect(createHash('sha256').update(readFileSync(SCRIPT)).digest('hex')).toBe(readSteps().scriptSha256)
  })

  it.runIf(spawnSync(PYTHON, ['-c', 'import torch']).status === 0)('come out again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'training-step-'))
    try {
      execFileSync(PYTHON, [SCRIPT, join(folder, 'again.json')])
      readSteps(join(folder, 'again.json')).cases.forEach((again, i) => {
        for (const part of ['feeds', 'critic', 'generator'] as const)
          for (const [name, values] of Object.entries(readSteps().cases[i][part]))
            expect([name, errorOf(again[part][name], values)]).toEqual([name, expect.toSatisfy((e) => e <= 1e-11)])
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
