import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { readGmsh } from '../mesh/gmsh.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { sha256 } from '../study/canonical.ts'
import type { Study } from '../study/schema.ts'
import { parseStudy } from '../study/study.ts'

/** A study with the mesh it names, ready for the recipes. */
export interface LoadedStudy {
  readonly study: Study
  readonly mesh: Mesh
  readonly meshHash: string
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'which does not exist',
  ENOTDIR: 'which does not exist',
  EISDIR: 'which is a folder',
  EACCES: 'which this user may not read',
}

/** @throws InvalidInput when there is no such file, or it cannot be read */
export const readInput = async (path: string, argument: string): Promise<Buffer> => {
  try {
    return await readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw InvalidInput.of(argument, 'a file that can be read', `${path}, ${REASONS[code ?? ''] ?? message}`)
  }
}

/** A mesh file; the reader refuses binary ones by their header. */
export const loadMesh = async (path: string, argument: string): Promise<{ mesh: Mesh; hash: string }> => {
  const bytes = await readInput(path, argument)
  return { mesh: readGmsh(bytes.toString('utf8'), basename(path)), hash: sha256(bytes) }
}

/** Some editors begin a file with it; JSON does not allow it. */
const BYTE_ORDER_MARK = /^\uFEFF/

/** Reads and checks a study file and its mesh. */
export const loadStudy = async (path: string): Promise<LoadedStudy> => {
  const text = (await readInput(path, 'study file')).toString('utf8').replace(BYTE_ORDER_MARK, '')
  const study = parseStudy(text, basename(path))
  const { mesh, hash } = await loadMesh(resolve(dirname(path), study.domain.mesh), 'domain.mesh')
  return { study, mesh, meshHash: hash }
}
