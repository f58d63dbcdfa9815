/**
 * Which combination of widths is worth its cost: `node experiments/mix-n-match/run.ts out/demo`. What is finished is not made again;
 * `--smoke` runs every part on a law that is made in no time.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeWhole } from '../../src/runtime/disk-folder.ts'
import { hashOf } from '../../src/study/canonical.ts'
import { createExecutor, type TensorExecutor } from '../../src/tensor/executor.ts'
import { type ExperimentData, folderData, smokeData } from '../experiment-data.ts'
import { foundResult } from '../found-result.ts'
import { checkOverrides } from '../overrides.ts'
import { publishTable, standAlone } from '../publish.ts'
import { seedsOf } from '../seeds.ts'
import { networkHash, trainedOnce } from '../trained.ts'
import { paretoFigure } from './figure.ts'
import { type MixConfig, type SearchResult, searched } from './search.ts'
import { tablesOf } from './table.ts'

const HERE = import.meta.dirname

/** One seed: from its file, or trained, searched and written. */
const resultOf = async (
  config: MixConfig,
  data: ExperimentData,
  executor: TensorExecutor,
  out: string,
  seed: number,
): Promise<SearchResult> => {
  const overrides = { ...config.options, seed }
  const { measure, repeats, limit } = config
  const hash = hashOf({ network: networkHash(data, overrides, executor), measure, repeats, limit })
  const path = join(out, 'results', `${hash.slice(0, 16)}.json`)
  const found = await foundResult<SearchResult>(path)
  if (found) return found
  const start = performance.now()
  const state = await trainedOnce(join(out, '../trained'), data, overrides, executor)
  const result = await searched(seed, state, data, executor, config)
  await writeWhole(path, JSON.stringify(result))
  console.log(`seed ${seed}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  return result
}

const runStudy = async (
  config: MixConfig,
  data: ExperimentData,
  executor: TensorExecutor,
  out: string,
): Promise<{ readonly tables: string; readonly figure: string }> => {
  const results: SearchResult[] = []
  for (const seed of config.seeds) results.push(await resultOf(config, data, executor, out, seed))
  const presented = { tables: tablesOf(config, results), figure: standAlone(paretoFigure(results[0])) }
  await writeWhole(join(out, 'tables.md'), `${presented.tables}\n`)
  await writeWhole(join(out, 'front.svg'), presented.figure)
  return presented
}

const SMOKE: Pick<MixConfig, 'seeds' | 'options'> = {
  seeds: [1, 2],
  options: {
    generator: { latent: 4, width: 8, hidden: 16, blocks: 2 },
    ...{ criticHidden: [8, 8], iterations: 20, batch: 32, evaluateEvery: 10 },
  },
}

const smoke = async (config: MixConfig, executor: TensorExecutor): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'mix-n-match-'))
  try {
    const run = () => runStudy({ ...config, ...SMOKE }, smokeData(), executor, join(root, 'mix-n-match'))
    const { tables } = await run()
    if ((await run()).tables !== tables) throw new Error('the second run gave other numbers')
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
    out: { type: 'string', default: 'out/experiments/mix-n-match' },
  },
})
const given = JSON.parse(await readFile(values.config, 'utf8')) as MixConfig
const config = { ...given, seeds: seedsOf(values.seeds) ?? given.seeds }
checkOverrides({ options: config.options })
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
if (values.smoke) await smoke(config, executor)
else {
  const data = await folderData(values.study, positionals[0] ?? 'out/demo')
  const out = resolve(values.out)
  await mkdir(out, { recursive: true })
  const { tables, figure } = await runStudy(config, data, executor, out)
  console.log(tables)
  if (values.publish) {
    await publishTable(join(HERE, 'README.md'), `${tables}\n\n![Cost against distance](front.svg)`)
    await writeWhole(join(HERE, 'front.svg'), figure)
  }
}
