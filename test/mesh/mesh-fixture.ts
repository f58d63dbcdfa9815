import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { InvalidInput, type Problem } from '../../src/numeric/errors.ts'

export const GMSH_FIXTURES = resolve(import.meta.dirname, '../fixtures/gmsh')
export const MESHES = resolve(import.meta.dirname, '../../meshes')

export const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
export const fixtureText = (file: string): string => readFileSync(resolve(GMSH_FIXTURES, file), 'utf8')
const plate = readGmsh(readFileSync(resolve(MESHES, 'plate-with-hole.msh'), 'utf8'), 'plate-with-hole.msh')
export const plateWithHole = (): Mesh => plate

/** Coordinates of a node. */
export const at = (mesh: Mesh, node: number): [number, number] => [mesh.points[2 * node], mesh.points[2 * node + 1]]

/** The problems that an action reports; fails when it reports none. */
export const problemsOf = (action: () => unknown): readonly Problem[] => {
  try {
    action()
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems
    throw error
  }
  throw new Error('no problem was reported')
}

/** What a program prints, or undefined where it is not installed. */
export const output = (program: string, ...args: string[]): string | undefined => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch {
    return undefined
  }
}

/** Whether the machine has what a check needs; says so on the console where it has not. */
export const present = (found: boolean, name: string): boolean => {
  if (!found) console.log(`skipped: ${name}`)
  return found
}
