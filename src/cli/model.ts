import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidInput } from '../numeric/errors.ts'
import { diskFolder, writeWhole } from '../runtime/disk-folder.ts'
import { cardText } from '../study/card-text.ts'
import type { StudyFolder } from '../study/folder.ts'
import { type ExportFormat, exportFolder, exportOnnx, judgedCard } from '../study/model-export.ts'
import { bytes } from './inspect-text.ts'
import type { Options } from './options.ts'

const USAGE = '`export DIR` or `card DIR`, DIR the result folder of a trained study'

/** The flags go by their names on the command line. */
const asFlag = (error: unknown): never => {
  throw error instanceof InvalidInput
    ? new InvalidInput(error.problems.map((p) => (p.path === 'granularity' ? { ...p, path: '--granularity' } : p)))
    : error
}

const resultFolder = async (path: string): Promise<StudyFolder> => {
  const known = await stat(join(path, 'study.json')).catch(() => null)
  if (known === null) throw InvalidInput.of('model', 'a folder that a study was run in (it holds study.json)', path)
  return diskFolder(path)
}

/** The files of an export by the path that each goes to. */
const filesOf = async (folder: StudyFolder, options: Options, out: string): Promise<Record<string, Uint8Array>> => {
  const request = { granularity: options.granularity ?? '1', traces: options.traces }
  if (options.format === 'onnx') return { [out]: await exportOnnx(folder, request) }
  if (options.traces)
    throw InvalidInput.of('--traces', 'nothing with --format safetensors (the reduction is a file of the folder)', 'it')
  const files = Object.entries(await exportFolder(folder, request))
  return Object.fromEntries(files.map(([name, content]) => [join(out, name), content]))
}

const tell = (
  files: Readonly<Record<string, Uint8Array>>,
  { json, quiet, format, granularity = '1' }: Options,
): void => {
  const sizes = Object.entries(files).map(([path, content]) => ({ path, bytes: content.length }))
  if (json) process.stdout.write(`${JSON.stringify({ event: 'exported', format, granularity, files: sizes })}\n`)
  else if (!quiet) for (const { path, bytes: size } of sizes) process.stdout.write(`${path} (${bytes(size)})\n`)
}

const exportModel = async (folder: StudyFolder, options: Options): Promise<void> => {
  const { out, format } = options
  if (out === undefined) throw InvalidInput.of('--out', OUT[format], 'nothing')
  const files = await filesOf(folder, options, out).catch(asFlag)
  for (const [path, content] of Object.entries(files)) await writeWhole(path, content)
  tell(files, options)
}

const OUT: Readonly<Record<ExportFormat, string>> = {
  onnx: 'the ONNX file to write',
  safetensors: 'the folder to write the model to',
}

const showCard = async (folder: StudyFolder, { json }: Options): Promise<void> => {
  const { card, judgement } = await judgedCard(folder)
  process.stdout.write(json ? `${JSON.stringify({ ...card, judgement })}\n` : cardText(card, judgement))
}

const ACTIONS: Readonly<Record<string, (folder: StudyFolder, options: Options) => Promise<void>>> = {
  export: exportModel,
  card: showCard,
}

/** What can be done with a trained generator. */
export const model = async (options: Options): Promise<void> => {
  const [action, path, ...more] = options.positionals
  if (action === undefined || !Object.hasOwn(ACTIONS, action) || path === undefined || more.length > 0)
    throw InvalidInput.of('model', USAGE, options.positionals.join(' ') || 'nothing')
  await ACTIONS[action](await resultFolder(path), options)
}
