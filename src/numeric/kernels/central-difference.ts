/**
 * Adding and subtracting this rounds magnitudes below ~1e-296 to zero and leaves all from 1e-264 up untouched to the
 * last bit. Without it the numbers ahead of the wave front become denormal, and the processor handles those many times slower.
 */
const FLUSH = 1e-280

/**
 * u⁻ ← a·u − b·u⁻ − c_i·f, then f ← 0; the caller swaps u and u⁻.
 * @param previous [D·B] u⁻, overwritten by u⁺
 * @param u [D·B]
 * @param force [D·B] K u − F, zeroed for the next step
 * @param c [D] Δt²/(m_i (1 + αΔt/2)); 0 holds a dof that starts at rest
 * @verifiedBy test/time/central-difference.test.ts
 */
export const centralDifferenceInto = (
  previous: Float64Array,
  u: Float64Array,
  force: Float64Array,
  c: Float64Array,
  a: number,
  b: number,
  B: number,
): void => {
  const dofs = c.length
  for (let i = 0; i < dofs; i++) {
    const ci = c[i]
    const end = (i + 1) * B
    for (let l = i * B; l < end; l++) {
      previous[l] = a * u[l] - b * previous[l] - ci * force[l] + FLUSH - FLUSH
      force[l] = 0
    }
  }
}
