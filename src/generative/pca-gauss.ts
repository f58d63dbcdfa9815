import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { leadingNormals } from './category.ts'
import type { ModelState, SavedModel } from './saved-model.ts'
import { latentDimension } from './trace-model.ts'
import { checkSampleArguments, checkTrainingData, type TrainingData } from './training-data.ts'

export interface PcaGaussState extends ModelState {
  readonly kind: 'pca-gauss'
  readonly conditionCount: number
  readonly modes: number
  /** [r] */
  readonly mean: Float64Array
  /** [r, r] lower Cholesky factor of the covariance. */
  readonly factor: Float64Array
}

/** Relative to the largest variance: keeps the factorisation of a rank-deficient covariance alive. */
const JITTER = 1e-12

const momentsOf = (data: TrainingData): { mean: Float64Array; covariance: Matrix } => {
  const { count, modes, coefficients } = data
  const rows = new Matrix(Array.from({ length: count }, (_, n) => coefficients.subarray(n * modes, (n + 1) * modes)))
  const mean = rows.mean('column')
  rows.subRowVector(mean)
  const covariance = rows
    .transpose()
    .mmul(rows)
    .div(count - 1)
  const jitter = JITTER * Math.max(...covariance.diagonal())
  return { mean: Float64Array.from(mean), covariance: covariance.add(Matrix.eye(modes, modes).mul(jitter)) }
}

/** Mean and covariance of the training coefficients, whatever θ: the linear random model. */
export const fitPcaGauss = (data: TrainingData): SavedModel<PcaGaussState> => {
  const { conditionCount, modes } = checkTrainingData(data)
  const { mean, covariance } = momentsOf(data)
  const factor = Float64Array.from(new CholeskyDecomposition(covariance).lowerTriangularMatrix.to1DArray())
  return loadPcaGauss({ kind: 'pca-gauss', conditionCount, modes, mean, factor })
}

export const loadPcaGauss = (state: PcaGaussState): SavedModel<PcaGaussState> => ({
  state,
  name: state.kind,
  description: 'Gaussian with the training mean and covariance, whatever the load parameters',
  modes: state.modes,
  flopsPerSample: 2 * state.modes ** 2,
  sample: async (conditions, latent, n) => {
    const { modes, mean, factor, conditionCount } = state
    checkSampleArguments(conditions, conditionCount, latent, latentDimension(modes), n)
    const out = new Float64Array(n * modes)
    for (let i = 0; i < n; i++) out.set(mean, i * modes)
    const normals = leadingNormals(latent, n, modes)
    addProductInto(rowMajor(out, modes), rowMajor(normals, modes), transposed(rowMajor(factor, modes)), n, modes, modes)
    return out
  },
})
