/** What the studies of trained networks share: flags, the place they run in, results that are made once, what they publish. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeWhole } from '../src/runtime/disk-folder.ts'
import { createExecutor, type TensorExecutor } from '../src/tensor/executor.ts'
import { type ExperimentData, folderData, smokeData } from './experiment-data.ts'
import { foundResult } from './found-result.ts'
import { publishTable, standAlone } from './publish.ts'

/** `RESULTS [--smoke] [--publish] [--seeds 1,2] [--config FILE] [--study FILE] [--out FOLDER]`, of the study in a folder of this name. */
export const flagsOf = (name: string) =>
  parseArgs({
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      seeds: { type: 'string' },
      config: { type: 'string', default: join(import.meta.dirname, name, 'config.json') },
      study: { type: 'string', default: join(import.meta.dirname, 'plate-with-hole/study.json') },
      out: { type: 'string', default: `out/experiments/${name}` },
    },
  })
export type Flags = ReturnType<typeof flagsOf>

/** Data, executor and folder of a study. Trained networks are kept beside the folder, for all studies. */
export interface StudyPlace {
  readonly data: ExperimentData
  readonly executor: TensorExecutor
  readonly out: string
}

export const trainedIn = ({ out }: StudyPlace): string => join(out, '../trained')

const theExecutor = (): Promise<TensorExecutor> => createExecutor({ kind: 'onnxruntime-cpu' })

/** The reduced traces of a result folder. */
export const placeOf = async ({ values, positionals }: Flags): Promise<StudyPlace> => {
  const data = await folderData(values.study, positionals[0] ?? 'out/demo')
  const out = resolve(values.out)
  await mkdir(out, { recursive: true })
  return { data, executor: await theExecutor(), out }
}

/** A law that is made in no time, in a folder that is removed. */
export const inSmokePlace = async (name: string, action: (place: StudyPlace) => Promise<void>): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), `${name}-`))
  try {
    await action({ data: smokeData(), executor: await theExecutor(), out: join(root, name) })
  } finally {
    await rm(root, { recursive: true })
  }
}

/** A result by its hash: from its file, or made, told of with its seconds, and written. */
export const resultOnce = async <T>(
  { out }: Pick<StudyPlace, 'out'>,
  hash: string,
  label: string,
  make: () => Promise<T>,
): Promise<{ readonly result: T; readonly made: boolean }> => {
  const path = join(out, 'results', `${hash.slice(0, 16)}.json`)
  const found = await foundResult<T>(path)
  if (found !== undefined) return { result: found, made: false }
  const start = performance.now()
  const result = await make()
  await writeWhole(path, JSON.stringify(result))
  console.error(`${label}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  return { result, made: true }
}

/** Tables and one figure of a study. */
export interface Presented {
  readonly tables: string
  readonly figure: { readonly name: string; readonly about: string; readonly svg: string }
}

export const writePresented = async ({ out }: StudyPlace, { tables, figure }: Presented): Promise<void> => {
  await writeWhole(join(out, 'tables.md'), `${tables}\n`)
  await writeWhole(join(out, figure.name), standAlone(figure.svg))
}

/** Into the README of the study in this folder. */
export const publishPresented = async (name: string, { tables, figure }: Presented): Promise<void> => {
  const here = join(import.meta.dirname, name)
  await publishTable(join(here, 'README.md'), `${tables}\n\n![${figure.about}](${figure.name})`)
  await writeWhole(join(here, figure.name), standAlone(figure.svg))
}
