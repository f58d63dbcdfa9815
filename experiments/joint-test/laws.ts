import type { TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'

/** Row ← value(k). */
const fill = (out: Float64Array, value: (k: number) => number): void => {
  for (let k = 0; k < out.length; k++) out[k] = value(k)
}

/** A law of whitened coefficients: `draw` fills one row from θ, r + 2 standard normals and a uniform number. */
export interface Law {
  readonly name: string
  readonly draw: (out: Float64Array, theta: Float64Array, z: Float64Array, u: number) => void
}

const CONDITIONS = 2

/** θ [n, p] uniform, the same for every law of one replication: model and real rows are pairs. */
const conditionsOf = (n: number, seed: number): Float64Array => {
  const stream = randomStream(seed, 'joint-test/theta')
  const out = new Float64Array(n * CONDITIONS)
  for (let i = 0; i < n; i++) stream.uniformsInto(out.subarray(i * CONDITIONS, (i + 1) * CONDITIONS), i)
  return out.map((u) => 2 * u - 1)
}

/** n rows of r coefficients. */
export const rowsOf = ({ draw }: Law, n: number, modes: number, seed: number, purpose: string): TrainingData => {
  const conditions = conditionsOf(n, seed)
  const coefficients = new Float64Array(n * modes)
  const normals = randomStream(seed, `joint-test/${purpose}`)
  const uniforms = randomStream(seed, `joint-test/${purpose}/category`)
  const [z, u] = [new Float64Array(modes + 2), new Float64Array(1)]
  for (let i = 0; i < n; i++) {
    normals.normalsInto(z, i)
    uniforms.uniformsInto(u, i)
    const theta = conditions.subarray(i * CONDITIONS, (i + 1) * CONDITIONS)
    draw(coefficients.subarray(i * modes, (i + 1) * modes), theta, z, u[0])
  }
  return { count: n, conditionCount: CONDITIONS, conditions, modes, coefficients }
}

const scaled =
  (factor: (k: number, theta: Float64Array) => number): Law['draw'] =>
  (out, theta, z) => {
    for (let k = 0; k < out.length; k++) out[k] = factor(k, theta) * z[k]
  }

export const REAL: Law = { name: 'equal', draw: scaled(() => 1) }

/** What a generator gets wrong: every law has unit variance of its coefficients unless it is about the variance. */
export const WRONG: readonly Law[] = [
  { name: 'scale of all modes + 10 %', draw: scaled(() => 1.1) },
  { name: 'scale of all modes − 10 %', draw: scaled(() => 0.9) },
  { name: 'scale of all modes + 3 %', draw: scaled(() => 1.03) },
  { name: 'scale of the leading 8 + 10 %', draw: scaled((k) => (k < 8 ? 1.1 : 1)) },
  { name: 'scale of the first + 30 %', draw: scaled((k) => (k < 1 ? 1.3 : 1)) },
  { name: 'scales ± 15 %, in turn', draw: scaled((k) => (k % 2 ? 0.85 : Math.sqrt(2 - 0.85 ** 2))) },
  {
    name: 'scale depends on θ: e^(0.15 θ)',
    draw: scaled((_, theta) => Math.exp(0.15 * theta[0])),
  },
  {
    name: 'mean of the leading 4 depends on θ: 0.15 θ',
    draw: (out, theta, z) => fill(out, (k) => z[k] + (k < 4 ? 0.15 * theta[0] : 0)),
  },
  {
    name: 'two branches ± 0.9 in the first',
    draw: (out, _, z, u) => fill(out, (k) => (k === 0 ? Math.sqrt(1 - 0.81) * z[0] + (u < 0.5 ? 0.9 : -0.9) : z[k])),
  },
  {
    name: 'heavy tails of all modes, one scale per sample (0.8 or 1.17)',
    draw: (out, _, z, u) => {
      const s = u < 0.5 ? 0.8 : Math.sqrt(2 - 0.64)
      fill(out, (k) => s * z[k])
    },
  },
  {
    name: 'skewed marginals (exponential + normal)',
    draw: (out, _, z) => fill(out, (k) => (0.6 * (z[k] * z[k] - 1)) / Math.SQRT2 + 0.8 * z[(k + 1) % out.length]),
  },
  {
    name: 'neighbours correlated by 0.3',
    draw: (out, _, z) => fill(out, (k) => (k % 2 ? 0.3 * z[k - 1] + Math.sqrt(0.91) * z[k] : z[k])),
  },
]
