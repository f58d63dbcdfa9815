import { randomStream } from '../../numeric/random.ts'
import { type SingleNormals, singleNormals } from '../../numeric/single-normals.ts'
import type { GeneratorConfig } from './generator-config.ts'

/**
 * Random numbers of a training, each a pure function of (seed, purpose, step): a resumed run draws what an undisturbed
 * one does. Normals are in single precision, as the networks are.
 */
export interface Draws {
  normalsInto(out: Float32Array, purpose: string, step: number): void
  uniformsInto(out: Float32Array, purpose: string, step: number): void
  /** Whole numbers 0 … bound−1, with replacement. */
  indicesInto(out: Int32Array, bound: number, purpose: string, step: number): void
}

export const trainingDraws = (seed: number): Draws => {
  const streams = new Map<string, ReturnType<typeof randomStream>>()
  const normalsOf = singleNormals()
  const normals = new Map<string, SingleNormals>()
  const buffers = new Map<number, Float64Array>()
  const uniforms = (count: number, purpose: string, step: number): Float64Array => {
    const stream = streams.get(purpose) ?? randomStream(seed, `gan/${purpose}`)
    streams.set(purpose, stream)
    const buffer = buffers.get(count) ?? new Float64Array(count)
    buffers.set(count, buffer)
    stream.uniformsInto(buffer, step)
    return buffer
  }
  return {
    normalsInto: (out, purpose, step) => {
      const stream = normals.get(purpose) ?? normalsOf(seed, `gan/${purpose}`)
      normals.set(purpose, stream)
      stream.into(out, step)
    },
    uniformsInto: (out, purpose, step) => out.set(uniforms(out.length, purpose, step)),
    indicesInto: (out, bound, purpose, step) => {
      const u = uniforms(out.length, purpose, step)
      for (let i = 0; i < out.length; i++) out[i] = Math.min(bound - 1, Math.floor(u[i] * bound))
    },
  }
}

/** Rows [θ, one-hot category]: out [n, p + categories]. @param uniforms [n] one number in (0, 1) per row, read if there are categories */
export const conditioningInto = (
  out: Float32Array,
  config: GeneratorConfig,
  theta: ArrayLike<number>,
  uniforms: ArrayLike<number>,
  n: number,
): void => {
  const { conditionCount: p, categories } = config
  const size = p + (categories > 1 ? categories : 0)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < p; k++) out[i * size + k] = theta[i * p + k]
    if (categories <= 1) continue
    out.fill(0, i * size + p, (i + 1) * size)
    out[i * size + p + Math.min(categories - 1, Math.floor(uniforms[i] * categories))] = 1
  }
}
