import { extname, join } from 'node:path'
import { granularitiesOf } from '../generative/gan/granularity-text.ts'
import type { TraceModel } from '../generative/trace-model.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { diskFolder } from '../runtime/disk-folder.ts'
import { type StreamedMatrix, writeNpyFile, writeNpzFile } from '../runtime/numpy-file.ts'
import { loadChosenModel } from '../study/loaded-model.ts'
import { choiceLabel, modelChoice } from '../study/model-choice.ts'
import type { Stage } from '../study/progress.ts'
import { checkCount, countOutside } from '../study/range-check.ts'
import { type SampleBlock, sampleBlocks } from '../study/sample-blocks.ts'
import type { Study } from '../study/schema.ts'
import { parseStudy } from '../study/study.ts'
import type { Options } from './options.ts'
import { cliProgress } from './progress.ts'

const LOAD_COLUMNS = 4

/** What the recipes call by its name in a config is a flag here. */
const asFlags = (error: unknown): unknown => {
  if (!(error instanceof InvalidInput)) return error
  const flag = (p: Problem): Problem => ({ ...p, path: p.path.replace(/^config\.(model|granularity).*$/, '--$1') })
  return new InvalidInput(error.problems.map(flag))
}

const choiceOf = (study: Study, { model, granularity }: Options) => {
  try {
    return modelChoice(study, {
      ...(model === undefined ? {} : { model }),
      ...(granularity === undefined
        ? {}
        : { granularity: granularitiesOf(granularity, study.generator.blocks, '--granularity') }),
    })
  } catch (error) {
    throw asFlags(error)
  }
}

const studyIn = async (dir: string): Promise<Study> => {
  const bytes = await diskFolder(dir).read('study.json')
  if (bytes === null)
    throw InvalidInput.of('DIR', 'a folder that `nestwave train` has filled', `${dir} (no study.json)`)
  return parseStudy(new TextDecoder().decode(bytes), join(dir, 'study.json'))
}

const theFolder = ({ positionals }: Options): string => {
  if (positionals.length === 1) return positionals[0]
  throw InvalidInput.of('DIR', 'one folder with a trained model', positionals.join(' ') || 'nothing')
}

/** The two matrices of samples: coefficients [n, r] and θ [n, 4]. Each is made anew when it is read; progress follows the first. */
const matricesOf = (study: Study, model: TraceModel, count: number, signal: AbortSignal, stage: Stage) => {
  const from = (columns: number, of: (block: SampleBlock) => Float64Array, told: boolean): StreamedMatrix => ({
    shape: [count, columns],
    blocks: async function* () {
      for await (const block of sampleBlocks(study, model, count, signal)) {
        yield of(block)
        if (told) stage.advance(block.count)
      }
    },
  })
  const thetas = ({ load }: SampleBlock): Float64Array =>
    Float64Array.from(load.flatMap((s) => [s.amplitude, s.arrival, s.position, s.width]))
  return { coefficients: from(model.modes, (b) => b.coefficients, true), load: from(LOAD_COLUMNS, thetas, false) }
}

/** `nestwave sample DIR`: samples of a trained model in a file, in constant memory. */
export const sample = async (options: Options, signal: AbortSignal): Promise<void> => {
  const dir = theFolder(options)
  const study = await studyIn(dir)
  const out = options.out ?? join(dir, 'coefficients.npy')
  if (!['.npy', '.npz'].includes(extname(out))) throw InvalidInput.of('--out', 'a file FILE.npy or FILE.npz', out)
  const choice = choiceOf(study, options)
  const progress = cliProgress(options)
  const warning = checkCount(study, countOutside(study, options.count))
  if (warning !== null) progress.warn(warning)
  const { model, release } = await loadChosenModel(diskFolder(dir), choice)
  try {
    const stage = progress.stage(`samples of ${choiceLabel(choice)}`, options.count)
    const matrices = matricesOf(study, model, options.count, signal, stage)
    await (extname(out) === '.npy' ? writeNpyFile(out, matrices.coefficients) : writeNpzFile(out, matrices))
    stage.end()
  } finally {
    await release()
  }
  const { modes } = model
  if (options.json)
    process.stdout.write(`${JSON.stringify({ event: 'sampled', file: out, samples: options.count, modes })}\n`)
  else if (!options.quiet) process.stdout.write(`${out}: ${options.count} samples of ${modes} coefficients\n`)
}
