import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { meshOf } from './gmsh-build.ts'
import type { Cursor, Sections } from './gmsh-text.ts'
import { sectionsOf, shown } from './gmsh-text.ts'
import { readVersion2 } from './gmsh-v2.ts'
import { readVersion4 } from './gmsh-v4.ts'
import type { Mesh } from './mesh.ts'

const EXPORT = 'export with gmsh -2 -format msh41'

/**
 * Reads a Gmsh mesh file, .msh version 4.1 or 2.2, ASCII: first-order triangles and quadrilaterals as cells, physical surfaces
 * as cell groups, physical curves as facet groups. Points and unknown sections are passed over; nodes that no cell uses are
 * dropped; the others keep the file's order. A physical group without a name is called `surface-3` or `curve-7` after its tag. A
 * cell in several groups counts once. If most cells run clockwise all are turned, so a mesh seen from below is as good as one
 * seen from above; a cell that then still runs clockwise is an error. Facets on the boundary are turned outward.
 * @param text the file's content
 * @param name what to call the file in messages, `plate.msh`
 * @throws InvalidInput with a `plate.msh:LINE` path for each problem (ten of a kind, then their number)
 * @source Gmsh reference manual, "MSH file format"
 * @verifiedBy test/mesh/gmsh.test.ts (files that Gmsh wrote), test/mesh/gmsh-errors.test.ts
 */
export const readGmsh = (text: string, name: string): Mesh => {
  const version = checkHeader(text, name)
  const sections = sectionsOf(text, name)
  const nodes = required(sections, 'Nodes', name)
  const elements = required(sections, 'Elements', name)
  const raw = version === 4 ? readVersion4(sections, nodes, elements) : readVersion2(nodes, elements)
  return meshOf(raw, readNames(sections), name)
}

const checkHeader = (text: string, file: string): 2 | 4 => {
  const [first, second = ''] = text.slice(0, 200).split(/\r?\n/)
  const at = (line: number, expected: string, received: string): InvalidInput =>
    new InvalidInput([{ path: `${file}:${line}`, expected, received }])
  if (first.trim() !== '$MeshFormat') {
    throw at(1, `'$MeshFormat', the first line of a Gmsh .msh file (${EXPORT})`, `'${printable(first)}'`)
  }
  const [version, type] = second.trim().split(/\s+/)
  if (type === '1') throw at(2, `an ASCII file (${EXPORT}, without -bin)`, 'a binary file')
  if (version === '4.1') return 4
  if (version === '2.2') return 2
  throw at(2, `version 4.1 or 2.2 (${EXPORT})`, `version ${version === '' ? 'missing' : printable(version)}`)
}

const printable = (line: string): string => shown(line.replaceAll(/[^\x20-\x7e]/g, '?'))

const required = (sections: Sections, section: string, file: string): Cursor => {
  const cursor = sections.get(section)
  if (cursor !== undefined) return cursor
  throw InvalidInput.of(
    file,
    `a $${section} section`,
    `sections ${[...sections.keys()].map((s) => `$${s}`).join(', ')}`,
  )
}

/** Names of physical groups by `dim:tag`. */
const readNames = (sections: Sections): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const cursor = sections.get('PhysicalNames')
  if (cursor === undefined) return names
  const problems: Problem[] = []
  const [count] = cursor.integers(1, 'number of physical names')
  for (let i = 0; i < count; i++) {
    const line = cursor.text('a physical name: dimension, tag, "name"')
    const [, dim, tag, name] = /^(\d+)\s+(\d+)\s+"(.+)"$/.exec(line) ?? []
    if (name === undefined) {
      problems.push({ path: cursor.path(), expected: 'dimension, tag, "name"', received: `'${shown(line)}'` })
    } else names.set(`${dim}:${tag}`, name)
  }
  if (problems.length > 0) throw new InvalidInput(problems)
  return names
}
