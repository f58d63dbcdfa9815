/** Groups of rows left out in turn, and Student's t at 97.5 % for one degree of freedom fewer. */
const GROUPS = 10
const T = 2.2621571627

export const JACKKNIFE_NOTE = `95 % intervals: jackknife over ${GROUPS} groups of rows`

/**
 * Intervals of several statistics of rows: value ± t √((G−1)/G Σ (v_g − v̄)²), v_g without the rows i ≡ g mod G.
 * @param values of the rows that `keep` accepts
 * @returns [statistic] → interval about its value on all rows
 * @source Efron, Tibshirani, An Introduction to the Bootstrap (1993), ch. 11; Kott, J. Official Statistics 17 (2001), groups
 * @verifiedBy test/generative/trust-panel.test.ts (coverage of a mean's error)
 */
export const jackknifeIntervals = (
  centres: readonly number[],
  values: (keep: (row: number) => boolean) => readonly number[],
): (readonly [number, number])[] => {
  const replicates = Array.from({ length: GROUPS }, (_, g) => values((row) => row % GROUPS !== g))
  return centres.map((centre, k) => {
    const mean = replicates.reduce((sum, v) => sum + v[k], 0) / GROUPS
    const spread = replicates.reduce((sum, v) => sum + (v[k] - mean) ** 2, 0)
    const half = T * Math.sqrt(((GROUPS - 1) / GROUPS) * spread)
    return [centre - half, centre + half] as const
  })
}
