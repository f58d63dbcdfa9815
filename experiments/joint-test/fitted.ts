/**
 * What the joint test says of a law of the right family that was fitted to N runs, with and without its scale set on fresh runs.
 * `node experiments/joint-test/fitted.ts [--smoke] [modes] [N] [n]`
 */
import { type ConditionalLaw, fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { columnDeviations, sampleOf } from '../../src/generative/distances.ts'
import { whitened } from '../../src/generative/joint-rows.ts'
import { jointTest } from '../../src/generative/joint-test.ts'
import { freshVariance, withFreshScale } from '../../src/generative/scale-calibration.ts'
import { loadScaleGauss } from '../../src/generative/scale-gauss.ts'
import { latentDimension } from '../../src/generative/trace-model.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'

const args = process.argv.slice(2)
const smoke = args.includes('--smoke')
const [modes, runs, n] = [0, 1, 2].map((at) =>
  Number(args.filter((a) => a !== '--smoke')[at] ?? (smoke ? [12, 100, 60] : [200, 2000, 1600])[at]),
)
const VALIDATION = Math.ceil(runs / 2)
const SETTINGS = { n, permutations: smoke ? 19 : 199 }

const rowsInto = (out: Float64Array, width: number, purpose: string, normal: boolean): Float64Array => {
  const stream = randomStream(1, `fitted/${purpose}`)
  for (let i = 0; i < out.length / width; i++) {
    const row = out.subarray(i * width, (i + 1) * width)
    if (normal) stream.normalsInto(row, i)
    else stream.uniformsInto(row, i)
  }
  return out
}

/** Amplitudes fall like those of a wave's modes: about 8 of equal size would have as much energy per mode. */
const amplitude = (k: number): number => (1 + k / 4) ** -1.1

/** a_k = amplitude_k (mean(θ) + scale e^(0.3 θ₁) z): within reach of the conditional law, but for the exponential. */
const draw = (count: number, purpose: string, thetas = purpose, scale = 1): TrainingData => {
  const conditions = rowsInto(new Float64Array(2 * count), 2, `${thetas}/theta`, false).map((u) => 2 * u - 1)
  const z = rowsInto(new Float64Array(count * modes), modes, `${purpose}/z`, true)
  const coefficients = z.map((v, at) => {
    const [i, k] = [Math.floor(at / modes), at % modes]
    const [a, b] = [conditions[2 * i], conditions[2 * i + 1]]
    return amplitude(k) * (2 * a - b * b * ((k % 3) - 1) + scale * Math.exp(0.3 * a) * v)
  })
  return { count, conditionCount: 2, conditions, modes, coefficients }
}

const training = draw(runs, 'training')
const validation = draw(VALIDATION, 'validation')
const test = draw(n, 'test')
const law = fitConditionalLaw(training)
const calibrated = withFreshScale(law, validation)

const sampled = async (from: ConditionalLaw): Promise<TrainingData> => {
  const d = latentDimension(modes)
  const latent = rowsInto(new Float64Array(n * d), d, 'latent', true)
  const model = loadScaleGauss({ kind: 'scale-gauss', law: from })
  return { ...test, coefficients: await model.sample(test.conditions, latent, n) }
}

const candidates: readonly (readonly [string, TrainingData])[] = [
  ['the true law', draw(n, 'other', 'test')],
  ['fitted to the training runs', await sampled(law)],
  ['the same, scale set on validation runs', await sampled(calibrated)],
  ['true law, scale + 10 %', draw(n, 'other', 'test', 1.1)],
  ['true law, scale − 10 %', draw(n, 'other', 'test', 0.9)],
]

console.log(
  `${modes} modes, N = ${runs}, ${VALIDATION} validation runs, n = ${n}: deviations above the mean of the relabellings`,
)
const amplitudes = columnDeviations(sampleOf(training.coefficients, modes))
for (const [name, data] of candidates) {
  const { parts, pValue } = jointTest(whitened(law, data), whitened(law, test), {
    ...SETTINGS,
    ...{ amplitudes, strict: modes <= 64 },
  })
  console.log(
    `| ${name} | ${parts.map((p) => `${p.name} ${p.standardised.toFixed(1)}`).join(', ')} | p = ${pValue.toFixed(3)} |`,
  )
}

/** The same by other exponents of the amplitude: weights ride on the rows. */
const EXPONENTS = [0, 0.25, 0.5, 0.75, 1]
const weighed = (data: TrainingData, exponent: number): TrainingData => ({
  ...data,
  coefficients: data.coefficients.map((w, at) => w * (amplitudes[at % modes] / amplitudes[0]) ** exponent),
})
console.log(`statistic 'all' with modes weighed by amplitude to the power of ${EXPONENTS.join(', ')}:`)
for (const [name, data] of candidates) {
  const cells = EXPONENTS.map((exponent) => {
    const [a, b] = [data, test].map((d) => weighed(whitened(law, d), exponent))
    return jointTest(a, b, SETTINGS).parts[0].standardised.toFixed(1)
  })
  console.log(`| ${name} | ${cells.join(' | ')} |`)
}
const fresh = freshVariance(law, test)
const mean = (values: Float64Array): string => (values.reduce((a, b) => a + b, 0) / values.length).toFixed(3)
const edges = [0, 8, 32, 64, 128, 200].filter((k) => k < modes).concat(modes)
console.log('variance of test runs in units of the law, by direction:')
for (let i = 0; i + 1 < edges.length; i++)
  console.log(`  ${edges[i]} … ${edges[i + 1]}: ${mean(fresh.slice(edges[i], edges[i + 1]))}`)
