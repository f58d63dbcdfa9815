import { gatherTiedInto, scatterTiedInto } from '../numeric/kernels/tie.ts'

/** Pairs of dofs that move as one, lane by lane: the constraint u_a = u_b of an explicit step with lumped mass. */
export interface Ties {
  readonly pairs: number
  /** Which lanes tie each pair: [pairs·B] 1 or 0. All of them before the first call. */
  setTied(tied: Uint8Array): void
  /** force [D·B]: the first dof of a tied pair gets the share of both forces that its own mass is of both masses. */
  gatherInto(force: Float64Array): void
  /** u [D·B]: the second dof of a tied pair moves as the first. */
  scatterInto(u: Float64Array): void
}

/**
 * Ties by elimination: with lumped masses (m_a + m_b) ü = f_a + f_b is exact, and m_a ü = m_a / (m_a + m_b) (f_a + f_b) is the same
 * equation in a form that the integrator's own update solves. Both dofs then share one history to the last bit, so that opening
 * and closing never meets a gap that round-off made.
 * @param first,second [pairs] dofs; each in one pair only
 * @param mass [D]
 * @verifiedBy test/time/ties.test.ts, test/verification/crack.test.ts
 */
export const preparedTies = (
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  mass: Float64Array,
  lanes: number,
): Ties => {
  const pairs = first.length
  const [a, b] = [first, second].map((dofs) => Int32Array.from(dofs, (dof) => dof * lanes))
  const share = Float64Array.from(first, (dof, p) => mass[dof] / (mass[dof] + mass[second[p]]))
  const mask = new Uint8Array(pairs * lanes)
  const own = new Float64Array(pairs * lanes)
  const other = new Float64Array(pairs * lanes)
  const setTied = (tied: Uint8Array): void => {
    mask.set(tied)
    for (let k = 0; k < mask.length; k++) {
      const r = share[Math.trunc(k / lanes)]
      own[k] = mask[k] === 1 ? r : 1
      other[k] = mask[k] === 1 ? r : 0
    }
  }
  setTied(mask.slice().fill(1))
  return {
    pairs,
    setTied,
    gatherInto: (force) => gatherTiedInto(force, a, b, own, other, lanes),
    scatterInto: (u) => scatterTiedInto(u, a, b, mask, lanes),
  }
}
