/**
 * f_a ← own·f_a + other·f_b, pair by pair and lane by lane: (1, 0) leaves the force as it is, (r, r) with r = m_a / (m_a + m_b) makes
 * a's own update that of both masses under both forces.
 * @param force [D·B]
 * @param first,second [P] dof times B of each pair
 * @param own,other [P·B]
 * @verifiedBy test/time/ties.test.ts
 */
export const gatherTiedInto = (
  force: Float64Array,
  first: Int32Array,
  second: Int32Array,
  own: Float64Array,
  other: Float64Array,
  B: number,
): void => {
  for (let p = 0; p < first.length; p++) {
    const a = first[p]
    const b = second[p]
    const w = p * B
    for (let l = 0; l < B; l++) force[a + l] = own[w + l] * force[a + l] + other[w + l] * force[b + l]
  }
}

/**
 * u_b ← u_a in the lanes that tie the pair, to the last bit.
 * @param u [D·B]
 * @param tied [P·B] 1 or 0
 * @verifiedBy test/time/ties.test.ts
 */
export const scatterTiedInto = (
  u: Float64Array,
  first: Int32Array,
  second: Int32Array,
  tied: Uint8Array,
  B: number,
): void => {
  for (let p = 0; p < first.length; p++) {
    const a = first[p]
    const b = second[p]
    const w = p * B
    for (let l = 0; l < B; l++) u[b + l] = tied[w + l] === 1 ? u[a + l] : u[b + l]
  }
}
