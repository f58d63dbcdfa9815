import { randomStream } from '../../numeric/random.ts'
import { type EmOptions, fitMixture } from './expectation-maximisation.ts'
import { type MixtureLaw, meanLogDensity } from './mixture-law.ts'
import { mixtureStart } from './mixture-start.ts'

/** Leading white modes that a mixture may span; beyond its own it is standard normal. */
const SIZES = [2, 4, 8]
const MOST_COMPONENTS = 8
const FOLDS = 5
const STARTS = 2
/** Numbers of components without a gain after which larger ones are not tried. */
const PATIENCE = 2
const EM: EmOptions = { ridge: 1e-3, iterations: 200, tolerance: 1e-4 }
const HALF_LOG_2_PI_E = (x2: number): number => -0.5 * (Math.log(2 * Math.PI) + x2)

/** The leading q of r columns. */
const leadingColumns = (white: Float64Array, modes: number, q: number): Float64Array => {
  const n = white.length / modes
  const out = new Float64Array(n * q)
  for (let i = 0; i < n; i++) out.set(white.subarray(i * modes, i * modes + q), i * q)
  return out
}

/** The best of a few starts. */
const fitted = (rows: Float64Array, q: number, components: number, seed: number): MixtureLaw => {
  const stream = randomStream(seed, `gaussian-mixture/${q}/${components}`)
  const starts = components === 1 ? 1 : STARTS
  const fits = Array.from({ length: starts }, (_, attempt) =>
    fitMixture(rows, mixtureStart(rows, q, components, EM.ridge, stream, attempt), EM),
  )
  return fits.reduce((a, b) => (b.logDensity > a.logDensity ? b : a)).law
}

const rowsWhere = (rows: Float64Array, q: number, keep: (n: number) => boolean): Float64Array =>
  rows.filter((_, at) => keep(Math.floor(at / q)))

/** Mean log density of rows that the fit has not seen, beyond that of standard normal ones: so that sizes q can be compared. */
const heldOutGain = (rows: Float64Array, q: number, components: number, seed: number): number => {
  const n = rows.length / q
  let gain = 0
  for (let fold = 0; fold < FOLDS; fold++) {
    const law = fitted(
      rowsWhere(rows, q, (i) => i % FOLDS !== fold),
      q,
      components,
      seed,
    )
    const held = rowsWhere(rows, q, (i) => i % FOLDS === fold)
    const normal = held.reduce((sum, v) => sum + HALF_LOG_2_PI_E(v * v), 0)
    gain += meanLogDensity(law, held) * (held.length / q) - normal
  }
  return gain / n
}

export interface MixtureChoice {
  readonly law: MixtureLaw
  /** Cross-validated mean log density beyond that of the standard normal law, of what was tried. */
  readonly tried: readonly { readonly size: number; readonly components: number; readonly gain: number }[]
}

/**
 * The mixture of 1 … 8 components on the leading 2 … 8 white modes whose density of rows left out is the largest, by
 * five-fold cross-validation; then fitted to all rows.
 * @param white [N, r]
 * @verifiedBy test/generative/mixture.test.ts (a known two-branch law)
 */
export const chooseMixture = (white: Float64Array, modes: number, seed: number): MixtureChoice => {
  const tried: { size: number; components: number; gain: number }[] = []
  const sizes = [...new Set(SIZES.map((q) => Math.min(q, modes)))]
  for (const size of sizes) {
    const rows = leadingColumns(white, modes, size)
    const gains: number[] = []
    const stale = (): boolean => gains.length - 1 - gains.indexOf(Math.max(...gains)) >= PATIENCE
    for (let components = 1; components <= MOST_COMPONENTS && !stale(); components++) {
      gains.push(heldOutGain(rows, size, components, seed))
      tried.push({ size, components, gain: gains.at(-1)! })
    }
  }
  const best = tried.reduce((a, b) => (b.gain > a.gain ? b : a))
  return { law: fitted(leadingColumns(white, modes, best.size), best.size, best.components, seed), tried }
}
