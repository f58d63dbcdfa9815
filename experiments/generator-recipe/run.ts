/**
 * What each part of the generator's recipe is worth on the demo's runs: trains with one part changed at a time, and judges the
 * whitened leading modes on the validation runs. `node experiments/generator-recipe/run.ts out/demo`, about a minute a row.
 */
import { resolve } from 'node:path'
import { fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { energyTest } from '../../src/generative/energy-distance.ts'
import { calibrateInto, calibrationMap, whiteMoments } from '../../src/generative/gan/calibration.ts'
import { extract } from '../../src/generative/gan/extract.ts'
import { uniformGranularity } from '../../src/generative/gan/granularity.ts'
import { compileSampler } from '../../src/generative/gan/sampler.ts'
import { trainGan } from '../../src/generative/gan/train.ts'
import { type GanOverrides, ganOptions } from '../../src/generative/gan/training-options.ts'
import { type WhiteData, whiteData } from '../../src/generative/gan/white-data.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { diskFolder } from '../../src/runtime/disk-folder.ts'
import { loadStudy } from '../../src/runtime/study-file.ts'
import { loadTraces } from '../../src/study/dataset.ts'
import { domainOf } from '../../src/study/domain.ts'
import { loadReduction } from '../../src/study/model-files.ts'
import { silent } from '../../src/study/progress.ts'
import { serialRunner } from '../../src/study/task.ts'
import { trainingDataOf } from '../../src/study/train.ts'
import { createExecutor } from '../../src/tensor/executor.ts'

const VARIANTS: Readonly<Record<string, GanOverrides>> = {
  'the recipe': {},
  'κ = 32': { distillationWeight: 32 },
  'no distillation': { distillationWeight: 0 },
  'no noise': { instanceNoise: 0 },
  'no energy score': { energyWeight: 0 },
  'width 64, hidden 128': { generator: { width: 64, hidden: 128 } },
  'rates 2e-4, 4e-4': { generatorRate: 2e-4, criticRate: 4e-4 },
}
const SAMPLES = 1000
const CALIBRATION = 8192

const out = process.argv[2] ?? 'out/demo'
const { study, mesh, meshHash } = await loadStudy(resolve(import.meta.dirname, '../plate-with-hole/study.json'))
const folder = diskFolder(out)
const job = {
  ...{ study, meshHash, folder, domain: domainOf(study, mesh), runner: serialRunner({}), progress: silent },
  ...{ signal: new AbortController().signal, timings: async () => ({}) },
}
const { reduction } = await loadReduction(folder)
const training = trainingDataOf(study, 'train', await loadTraces(job, 'train'), reduction)
const validation = trainingDataOf(study, 'validation', await loadTraces(job, 'validation'), reduction)
const law = fitConditionalLaw(training)
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })

/** Rows [w, √3 θ]. */
const joint = (w: ArrayLike<number>, theta: ArrayLike<number>, n: number): Float64Array => {
  const [l, p] = [w.length / n, training.conditionCount]
  return Float64Array.from({ length: n * (l + p) }, (_, at) => {
    const [row, k] = [Math.floor(at / (l + p)), at % (l + p)]
    return k < l ? w[row * l + k] : Math.sqrt(3) * theta[row * p + k - l]
  })
}

const normals = (n: number, width: number, purpose: string): Float32Array => {
  const z = new Float64Array(n * width)
  randomStream(study.seed, purpose).normalsInto(z, 0)
  return Float32Array.from(z)
}

/** n conditions, those of the data repeated in order. */
const repeated = (data: TrainingData, n: number): Float64Array =>
  Float64Array.from({ length: n * data.conditionCount }, (_, at) => data.conditions[at % data.conditions.length])

const distance = (w: ArrayLike<number>, theta: ArrayLike<number>, n: number, held: WhiteData): number => {
  const width = w.length / n + training.conditionCount
  return energyTest(joint(w, theta, n), joint(held.x, held.theta, held.count), width, 0).distance
}

const tryOut = async (name: string, overrides: GanOverrides): Promise<void> => {
  const options = ganOptions(training.conditionCount, training.modes, { seed: study.seed, ...overrides })
  const { latent, blocks } = options.generator
  const [white, held] = [whiteData(law, training, latent), whiteData(law, validation, latent)]
  const start = performance.now()
  const { best, history } = await trainGan(executor, options, white, held)
  const seconds = (performance.now() - start) / 1000
  const sampler = await compileSampler(
    executor,
    extract(options.generator, best.weights, uniformGranularity(1, blocks)),
  )
  const half = new Float64Array(CALIBRATION).fill(0.5)
  const theta = repeated(validation, SAMPLES)
  const made = await sampler.sample(normals(SAMPLES, latent, 'z'), theta, half.subarray(0, SAMPLES), SAMPLES)
  const many = await sampler.sample(
    normals(CALIBRATION, latent, 'calibration'),
    repeated(training, CALIBRATION),
    half,
    CALIBRATION,
  )
  const from = whiteMoments(many, latent)
  const calibrated = new Float64Array(made.length)
  calibrateInto(calibrated, calibrationMap(from, whiteMoments(white.x, latent)), made, SAMPLES)
  const variance =
    Array.from({ length: latent }, (_, k) => from.covariance[k * (latent + 1)]).reduce((a, b) => a + b) / latent
  const last = history.at(-1)!
  const cells = [variance, distance(made, theta, SAMPLES, held), distance(calibrated, theta, SAMPLES, held)]
  console.log(
    `| ${name} | ${cells[0].toFixed(2)} | ${cells[1].toFixed(4)} | ${cells[2].toFixed(4)} | ${last.criticGap.toFixed(2)} | ${last.heldOutGap.toFixed(2)} | ${best.iteration} | ${seconds.toFixed(0)} |`,
  )
  await sampler.release()
}

const { latent } = ganOptions(training.conditionCount, training.modes).generator
const [white, held] = [whiteData(law, training, latent), whiteData(law, validation, latent)]
const theta = repeated(validation, SAMPLES)
console.log(`real training runs: ${distance(white.x, white.theta, white.count, held).toFixed(4)}`)
console.log(`standard normal modes: ${distance(normals(SAMPLES, latent, 'z'), theta, SAMPLES, held).toFixed(4)}`)
console.log(
  '| recipe | variance | energy distance | calibrated | gap, training | gap, validation | best iteration | s |',
)
console.log('|---|---|---|---|---|---|---|---|')
for (const [name, overrides] of Object.entries(VARIANTS)) await tryOut(name, overrides)
