import { Matrix, solve } from 'ml-matrix'
import { InvalidInput } from '../numeric/errors.ts'
import type { Sample } from './distances.ts'

/** A direction that tells two classes of rows apart: the mean score of the first is −1, of the second +1. */
export interface Discriminant {
  readonly direction: Float64Array
  readonly offset: number
}

/** Share of the mean variance that is added to the covariance, so that columns without variance do no harm. */
const RIDGE = 1e-6

const meanOf = ({ rows, width }: Sample, members: readonly number[]): Float64Array =>
  Float64Array.from(
    { length: width },
    (_, k) => members.reduce((sum, n) => sum + rows[n * width + k], 0) / members.length,
  )

/** Pooled covariance within the classes [d, d]. */
const within = (
  { rows, count, width }: Sample,
  classes: readonly (readonly number[])[],
  means: readonly Float64Array[],
): Matrix => {
  const sum = Matrix.zeros(width, width)
  const e = new Float64Array(width)
  classes.forEach((members, c) => {
    for (const n of members) {
      for (let k = 0; k < width; k++) e[k] = rows[n * width + k] - means[c][k]
      for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) sum.set(i, j, sum.get(i, j) + e[i] * e[j])
    }
  })
  const covariance = sum.div(count - classes.length)
  const ridge = (RIDGE * covariance.trace()) / width
  for (let k = 0; k < width; k++) covariance.set(k, k, covariance.get(k, k) + ridge)
  return covariance
}

/**
 * Fisher's linear discriminant, w = S⁻¹ (m₂ − m₁), scaled so that the classes have mean scores −1 and +1.
 * @param labels [n] whether a row is of the second class
 * @throws InvalidInput for a class with fewer than two rows, and classes that no direction tells apart
 * @source Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936
 * @verifiedBy test/generative/discriminant.test.ts
 */
export const fitDiscriminant = (x: Sample, labels: readonly boolean[]): Discriminant => {
  if (labels.length !== x.count) throw InvalidInput.of('labels', `${x.count} labels, one per row`, labels.length)
  const classes = [false, true].map((label) => [...labels.keys()].filter((n) => labels[n] === label))
  classes.forEach(({ length }, c) => {
    if (length < 2) throw InvalidInput.of('labels', `two or more rows of class ${c}`, length)
  })
  const [a, b] = classes.map((members) => meanOf(x, members))
  const difference = b.map((v, k) => v - a[k])
  const raw = solve(within(x, classes, [a, b]), Matrix.columnVector(difference)).to1DArray()
  const [low, high] = [a, b].map((m) => raw.reduce((sum, w, k) => sum + w * m[k], 0))
  if (!(high > low)) throw InvalidInput.of('rows', 'classes with different means', 'the same mean in both')
  const scale = 2 / (high - low)
  return { direction: Float64Array.from(raw, (w) => scale * w), offset: (low + high) / (low - high) }
}

/** Scores of the rows, [n]. */
export const scoresOf = ({ direction, offset }: Discriminant, { rows, count, width }: Sample): Float64Array =>
  Float64Array.from({ length: count }, (_, n) => {
    let score = offset
    for (let k = 0; k < width; k++) score += direction[k] * rows[n * width + k]
    return score
  })

/**
 * The widest interval between the classes' means (−1 and +1) that holds a given share of the scores. Between two modes it is the
 * valley; where there is no valley it is an interval like any other, and every law has about that share in it.
 * @verifiedBy test/generative/discriminant.test.ts
 */
export const widestGap = (scores: ArrayLike<number>, share: number): readonly [number, number] => {
  const between = Float64Array.from(scores)
    .filter((s) => s > -1 && s < 1)
    .sort()
  const inside = [-1, ...between, 1]
  const held = Math.round(share * scores.length)
  let best: readonly [number, number] = [-1, 1]
  let width = 0
  for (let i = 0; i + held + 1 < inside.length; i++) {
    const [low, high] = [inside[i], inside[i + held + 1]]
    if (high - low > width) {
      width = high - low
      best = [low, high]
    }
  }
  return best
}

/** Share of the scores strictly inside an interval. */
export const shareInside = (scores: ArrayLike<number>, [low, high]: readonly [number, number]): number =>
  Array.from(scores).filter((s) => s > low && s < high).length / scores.length
