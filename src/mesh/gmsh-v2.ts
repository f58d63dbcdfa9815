import { InvalidInput } from '../numeric/errors.ts'
import type { RawMesh } from './gmsh-elements.ts'
import { elementSink } from './gmsh-elements.ts'
import type { Cursor } from './gmsh-text.ts'

/**
 * Sections of version 2.2: each element carries its physical tag (0 for none); Gmsh repeats an element that is in several
 * groups.
 * @source Gmsh reference manual, "MSH file format version 2 (Legacy)"
 */
export const readVersion2 = (nodes: Cursor, elements: Cursor): RawMesh => ({
  ...readNodes(nodes),
  ...readElements(elements),
})

const readNodes = (cursor: Cursor): Pick<RawMesh, 'tags' | 'coordinates' | 'nodeLines'> => {
  const tags: number[] = []
  const coordinates: number[] = []
  const nodeLines: number[] = []
  const [count] = cursor.integers(1, 'number of nodes')
  for (let i = 0; i < count; i++) {
    const [tag, x, y, z] = cursor.numbers(4, 'a node: tag, x, y, z')
    tags.push(tag)
    coordinates.push(x, y, z)
    nodeLines.push(cursor.line())
  }
  return { tags, coordinates, nodeLines }
}

const readElements = (cursor: Cursor): Pick<RawMesh, 'elements' | 'foreign'> => {
  const sink = elementSink()
  const [count] = cursor.integers(1, 'number of elements')
  for (let i = 0; i < count; i++) {
    const row = cursor.integers(3, 'an element: tag, type, number of tags, tags, nodes')
    const [tag, type, tagCount] = row
    const from = 3 + tagCount
    const nodes = sink.nodesOf(type)
    if (row.length < from + nodes) incomplete(cursor, from + nodes, row)
    const groups = tagCount > 0 && row[3] !== 0 ? [Math.abs(row[3])] : []
    sink.add(type, cursor.line(), tag, groups, row.slice(from, from + nodes))
  }
  return { elements: sink.elements, foreign: sink.foreign }
}

const incomplete = (cursor: Cursor, needed: number, row: readonly number[]): never => {
  throw InvalidInput.of(
    cursor.path(),
    `an element of ${needed} numbers: tag, type, number of tags, tags, nodes`,
    row.join(' '),
  )
}
