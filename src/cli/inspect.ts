import { stat } from 'node:fs/promises'
import { InvalidInput } from '../numeric/errors.ts'
import { diskFolder } from '../runtime/disk-folder.ts'
import { loadMesh, loadStudy, readInput } from '../runtime/study-file.ts'
import { openZipFolder } from '../runtime/zip-folder.ts'
import { checkOnMesh } from '../study/check.ts'
import { costOf } from '../study/cost.ts'
import { surveyFolder } from '../study/folder-survey.ts'
import { surveyMesh, surveyStudy } from '../study/survey.ts'
import { folderText, meshText, studyText } from './inspect-text.ts'
import type { Options } from './options.ts'

const WHAT = 'a study file (.json), a mesh (.msh), a result folder or an exported one (.zip)'

type Kind = 'study' | 'mesh' | 'folder' | 'zip'

/** How a zip begins: with its first file, or with its end when it holds none. */
const ZIP = ['PK\u0003\u0004', 'PK\u0005\u0006']

/** What a path holds: a folder by itself, a file by how it begins. */
const kindOf = async (path: string): Promise<Kind> => {
  if ((await stat(path).catch(() => null))?.isDirectory()) return 'folder'
  const start = (await readInput(path, 'inspect')).subarray(0, 4096).toString('utf8').trimStart()
  if (ZIP.some((begin) => start.startsWith(begin)) || path.endsWith('.zip')) return 'zip'
  if (start.startsWith('$') || path.endsWith('.msh')) return 'mesh'
  if (start.startsWith('{') || path.endsWith('.json')) return 'study'
  throw InvalidInput.of('inspect', WHAT, `${path}, which is none of them`)
}

const inspectStudy = async (path: string, { workers }: Options, signal: AbortSignal) => {
  const { study, mesh } = await loadStudy(path)
  const domain = checkOnMesh(study, mesh)
  return {
    kind: 'study',
    path,
    ...surveyStudy(study, domain),
    cost: await costOf(study, domain, workers, signal),
  } as const
}

const inspectMesh = async (path: string) =>
  ({ kind: 'mesh', path, ...surveyMesh((await loadMesh(path, 'inspect')).mesh) }) as const

const inspectFolder = async (path: string) =>
  ({ kind: 'folder', path, ...(await surveyFolder(diskFolder(path), path)) }) as const

const inspectZip = async (path: string) => {
  const zip = await openZipFolder(path)
  try {
    return { kind: 'folder', path, ...(await surveyFolder(zip, path)) } as const
  } finally {
    zip.close()
  }
}

export type StudyInspection = Awaited<ReturnType<typeof inspectStudy>>
export type MeshInspection = Awaited<ReturnType<typeof inspectMesh>>
export type FolderInspection = Awaited<ReturnType<typeof inspectFolder>>

const textOf = (found: Found): string => {
  if (found.kind === 'study') return studyText(found)
  return found.kind === 'mesh' ? meshText(found) : folderText(found)
}

type Found = StudyInspection | MeshInspection | FolderInspection
type Look = (path: string, options: Options, signal: AbortSignal) => Promise<Found>
const LOOK: Readonly<Record<Kind, Look>> = {
  study: inspectStudy,
  mesh: inspectMesh,
  folder: inspectFolder,
  zip: inspectZip,
}

/** Tells what a study file, a mesh or a result folder holds. */
export const inspect = async (options: Options, signal: AbortSignal): Promise<void> => {
  const [path, ...more] = options.positionals
  if (path === undefined || more.length > 0)
    throw InvalidInput.of('inspect', `one of ${WHAT}`, path === undefined ? 'nothing' : options.positionals.join(' '))
  const found = await LOOK[await kindOf(path)](path, options, signal)
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : textOf(found))
}
