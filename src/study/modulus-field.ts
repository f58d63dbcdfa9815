import { boundingBox, cellCentroids } from '../mesh/geometry.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { quantile } from '../uq/marginal.ts'
import { fieldAtPoints, karhunenLoeve, lognormalInto } from '../wave/random-field.ts'
import type { Study } from './schema.ts'

/** The random modulus outside the zone, as a factor on the material's own. */
export interface ModulusField {
  /** Standard normals per sample. */
  readonly count: number
  /** [cells] the factor that a cell exceeds in one run in 10⁵; 1 in the zone. The time step is made for it. */
  readonly bound: Float64Array
  /** out [cells]: log-normal factors with mean 1 outside the zone, 1 inside. */
  factorInto(out: Float64Array, normals: Float64Array): void
}

const RARE = 1e-5

/**
 * A log-normal factor field at the cells' centroids. The zone keeps its own modulus: the submodel must know its cells, and
 * the generator stands for what is outside.
 */
export const modulusField = (
  spec: NonNullable<Study['uncertainty']['modulusField']>,
  mesh: Mesh,
  zoneCells: Int32Array,
): ModulusField => {
  const { kernel, correlationLength, varianceShare, coefficientOfVariation: cv } = spec
  const expansion = karhunenLoeve({ box: boundingBox(mesh), kernel, correlationLength, varianceShare })
  const centroids = cellCentroids(mesh)
  const basis = fieldAtPoints(expansion, centroids)
  const extreme = quantile({ law: 'log-normal', mean: 1, standardDeviation: cv }, 1 - RARE)
  const bound = new Float64Array(centroids.length / 2).fill(extreme)
  for (const cell of zoneCells) bound[cell] = 1
  return {
    count: expansion.count,
    bound,
    factorInto: (out, normals) => {
      lognormalInto(out, basis, normals, { mean: 1, cv })
      for (const cell of zoneCells) out[cell] = 1
    },
  }
}
