import { InvalidInput } from '../numeric/errors.ts'
import type { RawMesh } from './gmsh-elements.ts'
import { elementSink } from './gmsh-elements.ts'
import type { Cursor, Sections } from './gmsh-text.ts'

/** Physical tags by entity, key `dim:tag`. */
type Entities = ReadonlyMap<string, readonly number[]>

/**
 * Sections of version 4.1: elements belong to entities, entities to physical groups.
 * @source Gmsh reference manual, "MSH file format" (version 4.1)
 */
export const readVersion4 = (sections: Sections, nodes: Cursor, elements: Cursor): RawMesh => {
  const entitySection = sections.get('Entities')
  const entities = entitySection && readEntities(entitySection)
  return { ...readNodes(nodes), ...readElements(elements, entities) }
}

const readEntities = (cursor: Cursor): Entities => {
  const counts = cursor.integers(4, 'numbers of points, curves, surfaces and volumes')
  const entities = new Map<string, readonly number[]>()
  for (let dim = 0; dim < 4; dim++) {
    // A point has one corner of coordinates before its physical tags, all others two (their bounding box).
    const at = dim === 0 ? 4 : 7
    for (let i = 0; i < counts[dim]; i++) {
      const row = cursor.numbers(at + 1, 'an entity: tag, coordinates, number of physical tags')
      // A negative tag says that the group takes the entity the other way round.
      entities.set(`${dim}:${row[0]}`, row.slice(at + 1, at + 1 + row[at]).map(Math.abs))
    }
  }
  return entities
}

const readNodes = (cursor: Cursor): Pick<RawMesh, 'tags' | 'coordinates' | 'nodeLines'> => {
  const tags: number[] = []
  const coordinates: number[] = []
  const nodeLines: number[] = []
  const [blocks, total] = cursor.integers(2, 'number of entity blocks, number of nodes')
  for (let b = 0; b < blocks; b++) {
    const [, , , count] = cursor.integers(4, 'a node block: dimension, entity, parametric, count')
    for (let i = 0; i < count; i++) tags.push(cursor.integers(1, 'a node tag')[0])
    for (let i = 0; i < count; i++) {
      const [x, y, z] = cursor.numbers(3, 'node coordinates x y z')
      coordinates.push(x, y, z)
      nodeLines.push(cursor.line())
    }
  }
  checkTotal(cursor, 'nodes', total, tags.length)
  return { tags, coordinates, nodeLines }
}

const readElements = (cursor: Cursor, entities: Entities | undefined): Pick<RawMesh, 'elements' | 'foreign'> => {
  const sink = elementSink()
  const [blocks, total] = cursor.integers(2, 'number of entity blocks, number of elements')
  let read = 0
  for (let b = 0; b < blocks; b++) {
    const [dim, entity, type, count] = cursor.integers(4, 'an element block: dimension, entity, type, count')
    const groups = groupsOf(cursor, entities, dim, entity)
    const nodes = sink.nodesOf(type)
    for (let i = 0; i < count; i++, read++) {
      const row = cursor.integers(1 + nodes, 'an element: tag, nodes')
      sink.add(type, cursor.line(), row[0], groups, row.slice(1, 1 + nodes))
    }
  }
  checkTotal(cursor, 'elements', total, read)
  return { elements: sink.elements, foreign: sink.foreign }
}

const groupsOf = (cursor: Cursor, entities: Entities | undefined, dim: number, entity: number): readonly number[] => {
  if (entities === undefined) return []
  const groups = entities.get(`${dim}:${entity}`)
  if (groups !== undefined) return groups
  const received = `entity ${entity} of dimension ${dim} (a partitioned mesh? save it without partitions)`
  throw InvalidInput.of(cursor.path(), 'an entity that $Entities lists', received)
}

const checkTotal = (cursor: Cursor, what: string, declared: number, read: number): void => {
  if (declared !== read) throw InvalidInput.of(cursor.path(), `${declared} ${what}, as the section says`, read)
}
