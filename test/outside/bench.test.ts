import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { skipped } from './skip.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** `npm run verify`: 'full', the sizes that are published. */
const NESTWAVE_BENCH = process.env['NESTWAVE_BENCH'] ?? 'brief'
const SUBMODEL = ['whole', 'decode', 'drive', 'step', 'quantities', 'csrWhole', 'csrStep', 'wholeRatio', 'stepRatio']
const FIGURES = { 'full-domain': ['interleaved', 'csr', 'ratio'], submodel: SUBMODEL }

const figuresOf = (name: string): { figures: Record<string, number>; stdout: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/run.ts', name, '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NESTWAVE_BENCH },
  })
  expect([status, stderr]).toEqual([0, ''])
  return { figures: JSON.parse(stdout.trimEnd().split('\n').at(-1)!).figures, stdout }
}

/** The contestants of a bench check one another: it fails when they no longer compute the same thing. */
describe('benches beside their references', () => {
  it.each(Object.entries(FIGURES))('%s', (name, keys) => {
    expect(Object.keys(figuresOf(name).figures)).toEqual(keys)
  })
})

const SIZES = ['full', 'half', 'quarter', 'eighth']
const trained = (label: string): string[] => ['critic', 'generator'].map((step) => `${label}_${step}`)
const sampled = (label: string): string[] => SIZES.map((size) => `${label}_${size}`)

/** Figures that need nothing but Nestwave, and those that PyTorch adds. */
const CONTESTS = {
  train: {
    own: ['recipe', 'transformer'].flatMap((form) => [
      ...[`${form}_1t`, `${form}_2t`, `tensorflow_${form}`].flatMap(trained),
      `ratio_tensorflow_${form}`,
    ]),
    torch: ['recipe_1t', 'recipe_2t', 'transformer_1t', 'transformer_2t'].flatMap((key) => [
      ...trained(`torch_${key}`),
      `ratio_torch_${key}`,
    ]),
  },
  sample: {
    own: [
      ...['mlp', 'transformer'].flatMap((form) => [form, `tensorflow_${form}`].flatMap(sampled)),
      'ratio_full_over_eighth',
    ],
    torch: ['mlp', 'transformer'].flatMap((form) => [...sampled(`torch_${form}`), `ratio_torch_${form}_1t`]),
  },
}

/** PyTorch's gradients and samples must be ours: `bench` compares them before it measures. */
describe('the generator beside PyTorch and TensorFlow.js', () => {
  it.each(Object.entries(CONTESTS))('%s', (name, { own, torch }) => {
    const { figures, stdout } = figuresOf(name)
    const reference = !stdout.includes('skipped: python3-torch')
    if (!reference) skipped('python3-torch')
    expect(Object.keys(figures).sort()).toEqual([...own, ...(reference ? torch : [])].sort())
    for (const value of Object.values(figures)) expect(value).toBeGreaterThan(0)
    expect(stdout.split(' agree to ').length - 1).toBeGreaterThanOrEqual(reference ? 4 : 0)
  })
})
