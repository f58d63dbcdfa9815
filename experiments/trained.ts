import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { GanCheckpoint } from '../src/generative/gan/checkpoint.ts'
import { fitGan, type GanState } from '../src/generative/gan/gan-state.ts'
import { type GanOverrides, ganOptions } from '../src/generative/gan/training-options.ts'
import { pack, unpack } from '../src/numeric/container.ts'
import { writeWhole } from '../src/runtime/disk-folder.ts'
import { hashOf } from '../src/study/canonical.ts'
import type { TensorExecutor } from '../src/tensor/executor.ts'
import type { ExperimentData } from './experiment-data.ts'

const found = async <T>(path: string): Promise<T | undefined> => {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return bytes === undefined ? undefined : (unpack(bytes, path) as T)
}

/** The address of a trained network: data, all options, executor. */
export const networkHash = (data: ExperimentData, overrides: GanOverrides, executor: TensorExecutor): string => {
  const { training } = data
  const options = ganOptions(training.conditionCount, training.modes, overrides)
  return hashOf({ data: data.hash, options, executor: executor.name }).slice(0, 16)
}

/**
 * The trained network with these options, from the cache if it is there; a training that was interrupted goes on from its last
 * checkpoint, to the bits of an undisturbed one.
 */
export const trainedOnce = async (
  cache: string,
  data: ExperimentData,
  overrides: GanOverrides,
  executor: TensorExecutor,
): Promise<GanState> => {
  const name = join(cache, networkHash(data, overrides, executor))
  const finished = await found<GanState>(`${name}.bin`)
  if (finished) return finished
  await mkdir(cache, { recursive: true })
  const resume = await found<GanCheckpoint>(`${name}.checkpoint.bin`)
  const { state } = await fitGan(data.training, data.validation, executor, overrides, {
    ...(resume && { resume }),
    onCheckpoint: (checkpoint) => writeWhole(`${name}.checkpoint.bin`, pack(checkpoint)),
  })
  await writeWhole(`${name}.bin`, pack(state))
  await rm(`${name}.checkpoint.bin`, { force: true })
  return state
}
