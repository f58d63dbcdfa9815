/**
 * How good the generator is, against targets that were fixed beforehand: `node experiments/generator-quality/run.ts`. Judged on
 * validation runs; `--open-test` opens the held-out runs, once. What is finished is not made again; `--smoke` runs every part on a law
 * that is made in no time.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cliProgress } from '../../src/cli/progress.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { diskFolder, writeWhole } from '../../src/runtime/disk-folder.ts'
import { loadStudy } from '../../src/runtime/study-file.ts'
import { threadRunner } from '../../src/runtime/threads.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { createExecutor, type TensorExecutor } from '../../src/tensor/executor.ts'
import type { NetworkResult } from '../nesting/summary.ts'
import { publishTable, standAlone } from '../publish.ts'
import { seedsOf } from '../seeds.ts'
import { qualityFigure } from './figure.ts'
import { folderGround, type ThreadedJob } from './folder-ground.ts'
import type { HeldSplit } from './held.ts'
import { judgeReal, measureOf } from './judge.ts'
import {
  BASELINE_NAMES,
  type Bench,
  type Court,
  judgedBaseline,
  judgedGenerator,
  judgedWidths,
  networksOf,
  trainedNetwork,
} from './models.ts'
import { openOnce } from './opened.ts'
import { readRecipe, smokeRecipe } from './recipe.ts'
import type { Results } from './results.ts'
import { smokeGround } from './smoke-ground.ts'
import { tablesOf } from './table.ts'

const HERE = import.meta.dirname
const OPENED = 'opened.json'

interface Choice {
  readonly split: HeldSplit
  readonly seeds: readonly number[]
  /** Where the opening of the held-out runs is noted. */
  readonly notes: string
}

const trainAll = async (bench: Bench, seeds: readonly number[]): Promise<void> => {
  for (const seed of seeds)
    for (const network of networksOf(bench)) {
      const start = performance.now()
      await trainedNetwork(bench, network, seed)
      console.error(`${network.name}, seed ${seed}: trained, ${((performance.now() - start) / 1000).toFixed(0)} s`)
    }
}

/** Opens the runs that models are judged by; the test runs when all networks stand, and with one recipe only. */
const courtOf = async ({ ground, recipe, hash }: Bench, { split, notes }: Choice): Promise<Court> => {
  const measure = measureOf(ground.data, recipe)
  if (split === 'test')
    await openOnce(join(notes, OPENED), { recipe: hash, study: ground.hash }, new Date().toISOString().slice(0, 10))
  return { measure, held: await ground.open(split) }
}

const judgedAll = async (bench: Bench, court: Court, seeds: readonly number[]) => {
  const generators: Results['generators'][number][] = []
  const widths: NetworkResult[] = []
  for (const seed of seeds) {
    generators.push({ seed, judgement: await judgedGenerator(bench, court, seed) })
    for (const network of networksOf(bench))
      widths.push({ name: network.name, seed, widths: await judgedWidths(bench, court, network, seed) })
  }
  const baselines: Results['baselines'][number][] = []
  for (const name of BASELINE_NAMES) baselines.push({ name, judgement: await judgedBaseline(bench, court, name) })
  return { generators, widths, baselines }
}

const resultsOf = async (bench: Bench, choice: Choice): Promise<Results> => {
  const { recipe, hash, ground, executor } = bench
  await trainAll(bench, choice.seeds)
  const court = await courtOf(bench, choice)
  return {
    ...{ recipe, recipeHash: hash, studyHash: ground.hash, split: choice.split, executor: executor.name },
    ...{ runs: court.held.runs.count, modes: ground.data.training.modes, margin: court.measure.margin },
    real: judgeReal(court.held, court.measure, recipe),
    ...(await judgedAll(bench, court, choice.seeds)),
  }
}

const runStudy = async (bench: Bench, choice: Choice, publish: boolean): Promise<string> => {
  const results = await resultsOf(bench, choice)
  const tables = tablesOf(results)
  const figure = standAlone(qualityFigure(results))
  const file = (name: string): string => join(bench.out, choice.split, name)
  await writeWhole(file('result.json'), `${JSON.stringify(results, null, 2)}\n`)
  await writeWhole(file('tables.md'), `${tables}\n`)
  await writeWhole(file('quality.svg'), figure)
  if (publish) {
    await publishTable(join(HERE, 'README.md'), `${tables}\n\n![Numbers per seed against their targets](quality.svg)`)
    await writeWhole(join(HERE, 'quality.svg'), figure)
  }
  return tables
}

const jobOf = async (out: string): Promise<ThreadedJob> => {
  const { study, mesh, meshHash } = await loadStudy(join(HERE, 'study.json'))
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  return {
    ...{ study, meshHash, domain: checkOnMesh(study, mesh), folder: diskFolder(out), runner: threadRunner() },
    ...{ progress: cliProgress({ quiet: false, json: false }), signal: controller.signal },
    timings: async () => ({}),
  }
}

/** Whether the held-out runs stay closed to another recipe, and what was noted stays. */
const checkRefusal = async (bench: Bench, choice: Choice): Promise<void> => {
  const note = await readFile(join(choice.notes, OPENED), 'utf8')
  const refused = await courtOf({ ...bench, hash: 'another' }, choice).then(
    () => false,
    (error) => error instanceof InvalidInput,
  )
  if (!refused) throw new Error('the held-out runs were opened with a second recipe')
  if ((await readFile(join(choice.notes, OPENED), 'utf8')) !== note) throw new Error('the note of the opening changed')
}

const smoke = async (executor: TensorExecutor): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'generator-quality-'))
  const { recipe, hash } = await readRecipe(join(HERE, 'recipe.json'))
  const small = smokeRecipe(recipe)
  const bench: Bench = { recipe: small, hash, ground: smokeGround(), executor, out: root, made: [] }
  const choices = (['validation', 'test'] as const).map((split) => ({ split, seeds: small.seeds, notes: root }))
  try {
    for (const choice of choices) {
      const tables = await runStudy(bench, choice, false)
      const made = bench.made.length
      if ((await runStudy(bench, choice, false)) !== tables) throw new Error('the second run gave other numbers')
      if (bench.made.length !== made) throw new Error('the second run made something again')
      console.log(`${tables}\n`)
    }
    await checkRefusal(bench, choices[1])
  } finally {
    await rm(root, { recursive: true })
  }
}

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    'open-test': { type: 'boolean', default: false },
    seeds: { type: 'string' },
    out: { type: 'string', default: 'out/generator-quality' },
  },
})
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
if (values.smoke) await smoke(executor)
else {
  const out = resolve(values.out)
  const fixed = await readRecipe(join(HERE, 'recipe.json'))
  const ground = await folderGround(await jobOf(out), out)
  const seeds = seedsOf(values.seeds) ?? fixed.recipe.seeds
  const choice: Choice = { split: values['open-test'] ? 'test' : 'validation', seeds, notes: HERE }
  console.log(await runStudy({ ...fixed, ground, executor, out, made: [] }, choice, values.publish))
}
