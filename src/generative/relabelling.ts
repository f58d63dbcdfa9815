import { rowMajor } from '../numeric/blocked-product.ts'
import { randomStream } from '../numeric/random.ts'
import { addBilinearFormsInto } from './bilinear-forms.ts'
import type { Sample } from './distances.ts'
import { distancesWithin, type PairDistances, pairKernel } from './pair-distances.ts'

/** The energy distance (V-statistic) as it is, then under random exchanges of the two samples' labels: [1 + permutations]. */
export type EnergyUnderRelabelling = (distances: PairDistances, x: Sample, y: Sample) => Float64Array

const PURPOSE = 'distances/permutations'

/** Fisher-Yates with the uniforms of one stream index. */
const shuffle = (labels: Float64Array, uniforms: Float64Array): void => {
  for (let i = labels.length - 1; i > 0; i--) {
    const j = Math.floor(uniforms[i] * (i + 1))
    const kept = labels[i]
    labels[i] = labels[j]
    labels[j] = kept
  }
}

/**
 * Rows i of x and y share a condition and may be exchanged with each other only. Free relabelling would take the pairs' likeness for that
 * of the laws, and give p-values that are too large. With signs s_i the distance is Σ s_i s_j H_ij / n².
 */
export const withinPairs = (n: number, permutations: number, seed: number): EnergyUnderRelabelling => {
  const stream = randomStream(seed, PURPOSE)
  const signs = new Float64Array((1 + permutations) * n).fill(1)
  const uniforms = new Float64Array(n)
  for (let b = 1; b <= permutations; b++) {
    stream.uniformsInto(uniforms, b - 1)
    for (let i = 0; i < n; i++) if (uniforms[i] < 0.5) signs[b * n + i] = -1
  }
  const rows = rowMajor(signs, n)
  return (distances, x, y) => {
    const out = new Float64Array(1 + permutations)
    addBilinearFormsInto(out, 1 / n ** 2, rows, pairKernel(distances, x, y), rows, n)
    return out
  }
}

/** Any row may get any label. With labels a_i = 1/n on X and −1/m on Y the distance is −Σ a_i a_j d_ij. */
export const acrossSamples = (n: number, m: number, permutations: number, seed: number): EnergyUnderRelabelling => {
  const t = n + m
  const stream = randomStream(seed, PURPOSE)
  const labels = new Float64Array((1 + permutations) * t)
  const uniforms = new Float64Array(t)
  for (let b = 0; b <= permutations; b++) {
    const row = labels.subarray(b * t, (b + 1) * t)
    for (let i = 0; i < t; i++) row[i] = i < n ? 1 / n : -1 / m
    if (b === 0) continue
    stream.uniformsInto(uniforms, b - 1)
    shuffle(row, uniforms)
  }
  const onX = rowMajor(labels, t)
  const onY = rowMajor(labels, t, n)
  return (distances, x, y) => {
    const out = new Float64Array(1 + permutations)
    addBilinearFormsInto(out, -1, onX, distancesWithin(distances, x), onX, n)
    addBilinearFormsInto(out, -1, onY, distancesWithin(distances, y), onY, m)
    addBilinearFormsInto(out, -2, onX, distances(x, y), onY, n)
    return out
  }
}

/** (1 + #{b ≥ 1: T_b ≥ T_0}) / (1 + permutations). */
export const permutationPValue = (values: Float64Array): number => {
  let atLeast = 0
  for (let b = 0; b < values.length; b++) if (values[b] >= values[0]) atLeast++
  return atLeast / values.length
}
