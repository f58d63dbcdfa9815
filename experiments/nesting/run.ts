/**
 * Training modes of the nested generator side by side, at several seeds: `node experiments/nesting/run.ts out/demo`. What is finished
 * is not made again; `--smoke` runs every part on a law that is made in no time.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeWhole } from '../../src/runtime/disk-folder.ts'
import { hashOf } from '../../src/study/canonical.ts'
import { createExecutor, type TensorExecutor } from '../../src/tensor/executor.ts'
import { type ExperimentData, folderData, smokeData } from '../experiment-data.ts'
import { foundResult } from '../found-result.ts'
import { publishTable, standAlone } from '../publish.ts'
import { seedsOf } from '../seeds.ts'
import { networkHash, trainedOnce } from '../trained.ts'
import { type NestingConfig, type Network, networksOf, readConfig, smokeConfig } from './config.ts'
import { nestingFigure } from './figure.ts'
import { floorDistance, judgeNetwork } from './judge.ts'
import { type NetworkResult, tablesOf } from './summary.ts'

const HERE = import.meta.dirname

interface Study {
  readonly config: NestingConfig
  readonly data: ExperimentData
  readonly executor: TensorExecutor
  readonly out: string
  /** Networks made in this run. */
  readonly made: string[]
}

/** One network of one seed: from its file, or trained, judged and written. */
const resultOf = async (study: Study, network: Network, seed: number): Promise<NetworkResult> => {
  const { config, data, executor, out, made } = study
  const { repeats, correlationSamples } = config
  const overrides = { ...network.overrides, seed }
  const hash = hashOf({ network: networkHash(data, overrides, executor), repeats, correlationSamples })
  const path = join(out, 'results', `${hash.slice(0, 16)}.json`)
  const found = await foundResult<NetworkResult>(path)
  if (found) return { ...found, name: network.name }
  const start = performance.now()
  const state = await trainedOnce(join(out, '../trained'), data, overrides, executor)
  const widths = await judgeNetwork(state, network.granularities, data, executor, { repeats, correlationSamples })
  const result: NetworkResult = { name: network.name, seed, widths }
  await writeWhole(path, JSON.stringify(result))
  made.push(`${network.name} ${seed}`)
  console.log(`${network.name}, seed ${seed}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  return result
}

const present = async (study: Study, results: readonly NetworkResult[], publish: boolean): Promise<string> => {
  const { config, data, executor, out } = study
  const first = { ...networksOf(config, data)[0].overrides, seed: config.seeds[0] }
  const state = await trainedOnce(join(out, '../trained'), data, first, executor)
  const floor = floorDistance(state, data, config)
  const tables = tablesOf(config, results, floor)
  const figure = standAlone(nestingFigure(config, results, floor))
  await writeWhole(join(out, 'tables.md'), `${tables}\n`)
  await writeWhole(join(out, 'nesting.svg'), figure)
  if (publish) {
    await publishTable(join(HERE, 'README.md'), `${tables}\n\n![Distance and correlation per granularity](nesting.svg)`)
    await writeWhole(join(HERE, 'nesting.svg'), figure)
  }
  return tables
}

/** Seed by seed, so that an interrupted study has whole comparisons. */
const runStudy = async (study: Study, publish: boolean): Promise<string> => {
  const results: NetworkResult[] = []
  let tables = ''
  for (const seed of study.config.seeds) {
    for (const network of networksOf(study.config, study.data)) results.push(await resultOf(study, network, seed))
    tables = await present(study, results, publish)
  }
  return tables
}

const smoke = async (config: NestingConfig, executor: TensorExecutor): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'nesting-'))
  const study: Study = {
    config: smokeConfig(config),
    data: smokeData(),
    executor,
    out: join(root, 'nesting'),
    made: [],
  }
  try {
    const tables = await runStudy(study, false)
    const made = study.made.length
    if ((await runStudy(study, false)) !== tables || study.made.length !== made)
      throw new Error('the second run made something again')
    console.log(tables)
  } finally {
    await rm(root, { recursive: true })
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    config: { type: 'string', default: join(HERE, 'config.json') },
    study: { type: 'string', default: join(HERE, '../plate-with-hole/study.json') },
    out: { type: 'string', default: 'out/experiments/nesting' },
  },
})
const given = await readConfig(values.config)
const config = { ...given, seeds: seedsOf(values.seeds) ?? given.seeds }
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
if (values.smoke) await smoke(config, executor)
else {
  const data = await folderData(values.study, positionals[0] ?? 'out/demo')
  const out = resolve(values.out)
  await mkdir(out, { recursive: true })
  console.log(await runStudy({ config, data, executor, out, made: [] }, values.publish))
}
