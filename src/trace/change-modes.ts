import { addProductInto, rowMajor } from '../numeric/blocked-product.ts'
import { encodeInto } from './codec.ts'
import type { Reduction } from './reduction.ts'

/**
 * Coefficients of the same traces in another reduction: a′ = Ψ′(ū − ū′) + Ψ′Φᵀ a, with Φ the modes, ū the mean, Ψ′ the other's duals. What
 * a decoded trace holds outside the other's modes is lost, as in encoding; no trace is decoded.
 * @param coefficients [n, r] m
 * @returns [n, r′] m
 * @verifiedBy test/trace/change-modes.test.ts
 */
export const changeModes = (from: Reduction, to: Reduction, coefficients: Float64Array, n: number): Float64Array => {
  const [r, width] = [from.modeCount, to.modeCount]
  const turned = new Float64Array(r * width)
  encodeInto(turned, { ...to, mean: new Float64Array(to.mean.length) }, from.modes, r)
  const shift = new Float64Array(width)
  encodeInto(shift, to, from.mean, 1)
  const out = new Float64Array(n * width)
  for (let i = 0; i < n; i++) out.set(shift, i * width)
  addProductInto(rowMajor(out, width), rowMajor(coefficients, r), rowMajor(turned, width), n, r, width)
  return out
}
