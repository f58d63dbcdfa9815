import { InvalidInput, type Problem } from '../../numeric/errors.ts'
import { GRANULARITIES, type Granularities } from './granularity.ts'
import type { BlockShape } from './matformer-block.ts'

/** Architecture of the generator G(z, θ): ℝ^latent × [-1,1]^p → ℝ^latent, whitened leading modes. */
export interface GeneratorConfig {
  /** 'residual': blocks without attention on one vector; 'transformer': blocks with attention over mode tokens. */
  readonly form: 'residual' | 'transformer'
  /** Length of z and of the output. */
  readonly latent: number
  /** p */
  readonly conditionCount: number
  /** Equally likely categories given to the network beside z; 0 or 1: none. */
  readonly categories: number
  /** Width of the residual stream. */
  readonly width: number
  readonly blocks: number
  /** Hidden units of each feed-forward layer, a multiple of 8. */
  readonly hidden: number
  /** Attention heads (transformer). */
  readonly heads: number
  /** Whether a granularity g has only the first ⌈g·heads⌉ heads too (transformer); otherwise, and when absent, all of them. */
  readonly nestedHeads?: boolean
  /** Mode tokens (transformer): each stands for latent / tokens consecutive whitened modes. */
  readonly tokens: number
}

export const DEFAULT_GENERATOR: Omit<GeneratorConfig, 'conditionCount'> = {
  ...{
    form: 'residual',
    latent: 32,
    categories: 0,
    width: 128,
    blocks: 3,
    hidden: 256,
    heads: 4,
    tokens: 8,
    nestedHeads: false,
  },
}

const divides = (divisor: number, n: number): boolean => n % divisor === 0

/** @throws InvalidInput with every field that is out of range or does not divide */
export const checkGeneratorConfig = (config: GeneratorConfig): GeneratorConfig => {
  const problems: Problem[] = []
  const expect = (field: keyof GeneratorConfig, ok: boolean, expected: string): void => {
    if (!ok) problems.push({ path: `generator.${field}`, expected, received: String(config[field]) })
  }
  for (const field of ['latent', 'width', 'blocks', 'hidden', 'heads', 'tokens'] as const) {
    expect(field, Number.isInteger(config[field]) && config[field] >= 1, 'a whole number ≥ 1')
  }
  expect('conditionCount', Number.isInteger(config.conditionCount) && config.conditionCount >= 0, 'a whole number ≥ 0')
  expect('categories', Number.isInteger(config.categories) && config.categories >= 0, 'a whole number ≥ 0')
  expect('hidden', divides(8, config.hidden), 'a multiple of 8')
  if (config.form === 'transformer') {
    expect('tokens', divides(config.tokens, config.latent), `a divisor of latent ${config.latent}`)
    expect('heads', divides(config.heads, config.width), `a divisor of width ${config.width}`)
  } else {
    expect('nestedHeads', !config.nestedHeads, 'false (the residual form has no heads)')
  }
  if (problems.length > 0) throw new InvalidInput(problems)
  return config
}

/** Numbers beside z that condition the network: θ and the one-hot category. */
export const conditioningSize = (config: GeneratorConfig): number =>
  config.conditionCount + (config.categories > 1 ? config.categories : 0)

/** Hidden units per block at these granularities. */
export const hiddenSizes = (config: GeneratorConfig, granularities: Granularities): readonly number[] =>
  granularities.map((g) => Math.round(g * config.hidden))

export const fullHiddenSizes = (config: GeneratorConfig): readonly number[] =>
  new Array<number>(config.blocks).fill(config.hidden)

/** Sizes of a block of which so many hidden units are used; nested heads follow them: the same share, rounded up. */
export const blockShape = (config: GeneratorConfig, units: number): BlockShape => {
  const { form, width, heads, nestedHeads, hidden } = config
  if (form === 'residual') return { width, heads: 0, depth: 0, hidden: units }
  return {
    width,
    heads: nestedHeads ? Math.ceil((units * heads) / hidden) : heads,
    depth: width / heads,
    hidden: units,
  }
}

/** Every uniform sub-network, smallest first. */
export const uniformCombinations = (config: GeneratorConfig): readonly Granularities[] =>
  GRANULARITIES.map((g) => new Array(config.blocks).fill(g))
