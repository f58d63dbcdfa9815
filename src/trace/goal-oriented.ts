import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { leadingEigenpairs } from './leading-eigenvectors.ts'
import type { Reduction } from './reduction.ts'

/** β: over the training traces the quantities count as much as the motion. What more of it would do: decision 0020. */
const SHARE = 1

/** [rows, columns] product of row-major matrices. */
const product = (a: Float64Array, b: Float64Array, rows: number, depth: number, columns: number): Float64Array => {
  const out = new Float64Array(rows * columns)
  addProductInto(rowMajor(out, columns), rowMajor(a, depth), rowMajor(b, columns), rows, depth, columns)
  return out
}

/** M^power of a symmetric positive definite matrix. */
const powerOf = (
  { values, vectors }: { readonly values: Float64Array; readonly vectors: Float64Array },
  n: number,
  power: number,
): Float64Array => {
  const scaled = vectors.map((v, at) => v * values[Math.floor(at / n)] ** power)
  const out = new Float64Array(n * n)
  addProductInto(rowMajor(out, n), transposed(rowMajor(vectors, n)), rowMajor(scaled, n), n, n, n)
  return out
}

const traceWith = (matrix: Float64Array, diagonal: Float64Array): number =>
  diagonal.reduce((sum, v, k) => sum + v * matrix[k * diagonal.length + k], 0)

/** M = I + β (tr C / tr GC) G with G = Σ g gᵀ and C the coefficients' variances; I where nothing is felt of any. */
const metricOf = (gradients: Float64Array, variances: Float64Array): Float64Array => {
  const K = variances.length
  const rows = gradients.length / K
  const sensitivity = new Float64Array(K * K)
  addProductInto(rowMajor(sensitivity, K), transposed(rowMajor(gradients, K)), rowMajor(gradients, K), K, rows, K)
  const felt = traceWith(sensitivity, variances)
  const ratio = felt > 0 ? variances.reduce((a, b) => a + b, 0) / felt : 0
  return sensitivity.map((g, at) => SHARE * ratio * g + (at % (K + 1) === 0 ? 1 : 0))
}

/**
 * The modes that lose least of given quantities, among the space of a reduction with K modes (orthonormal in L²). A loss δa of
 * coefficients changes a quantity by g·δa to first order, g its gradient. So the traces are reduced in the inner product
 * δaᵀMδa, M = I + β E[g gᵀ], E[g gᵀ] in units that make both parts alike: with M^½ C M^½ = U Λ Uᵀ the new modes are Uᵀ M^−½ Φ, and
 * coefficients are taken with Uᵀ M^½ Φ.
 * @param gradients [n, K] of the quantities with respect to the coefficients, each relative to the size of its quantity, 1/m
 * @param modes how many are wanted, ≤ K
 * @source Bui-Thanh, Willcox, Ghattas, van Bloemen Waanders, "Goal-oriented, model-constrained optimization for reduction of
 * large-scale systems", J. Comput. Phys. 224 (2007): the goal; here to first order, as a weighted POD
 * @verifiedBy test/trace/goal-oriented.test.ts
 */
export const towardsQuantities = (reduction: Reduction, gradients: Float64Array, modes: number): Reduction => {
  const { modeCount: K, mean, singularValues, count } = reduction
  const wanted = Math.min(modes, K)
  const variances = singularValues.map((s) => (s * s) / count)
  const metric = leadingEigenpairs(metricOf(gradients, variances), K, K, 0)
  const [root, inverse] = [powerOf(metric, K, 0.5), powerOf(metric, K, -0.5)]
  const weighted = root.map((v, at) => v * variances[at % K])
  const axes = leadingEigenpairs(product(weighted, root, K, K, K), K, K, 0)
  const energies = axes.values.map((v) => Math.max(0, v) * count)
  const turned = (matrix: Float64Array): Float64Array =>
    product(product(axes.vectors, matrix, wanted, K, K), reduction.modes, wanted, K, mean.length)
  const kept = singularValues.reduce((sum, s) => sum + s * s, 0)
  return {
    ...reduction,
    modeCount: wanted,
    modes: turned(inverse),
    duals: turned(root),
    singularValues: energies.slice(0, wanted).map(Math.sqrt),
    totalEnergy: energies.reduce((a, b) => a + b, 0) + reduction.totalEnergy - kept,
  }
}
