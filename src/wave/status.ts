import type { FailureReason } from '../numeric/errors.ts'

const finiteLane = (u: Float64Array, lane: number, lanes: number): boolean => {
  for (let k = lane; k < u.length; k += lanes) if (!Number.isFinite(Math.fround(u[k]))) return false
  return true
}

/**
 * Marks samples whose last state left the finite numbers (of single precision, in which traces are kept): what has once become
 * NaN stays NaN. The quantities of every failed sample become NaN.
 * @param status one per sample, changed
 * @param quantities [count·q], changed
 */
export const markNonFinite = (
  status: ('ok' | FailureReason)[],
  quantities: Float64Array,
  u: Float64Array,
  lanes: number,
): void => {
  const perSample = quantities.length / status.length
  for (let l = 0; l < status.length; l++) {
    if (status[l] === 'ok' && !finiteLane(u, l, lanes)) status[l] = 'non-finite'
    if (status[l] !== 'ok') quantities.fill(Number.NaN, l * perSample, (l + 1) * perSample)
  }
}
