import type { Mesh } from '../../src/mesh/mesh.ts'
import { nodeCount, nodesPerCell } from '../../src/mesh/mesh.ts'

const CODE = { T3: 2, Q4: 3 } as const

/** Rows of version 2.2 elements without their number: an element in several groups is repeated, one in none has tag 0. */
const cellRows = (mesh: Mesh): string[] => {
  const groups = [...mesh.cellGroups.values()].map((cells) => new Set(cells))
  return mesh.blocks.flatMap(({ type, offset, connectivity }) => {
    const n = nodesPerCell(type)
    return Array.from({ length: connectivity.length / n }, (_, e) => {
      const nodes = [...connectivity.subarray(e * n, (e + 1) * n)].map((node) => node + 1).join(' ')
      const tags = groups.flatMap((cells, g) => (cells.has(offset + e) ? [g + 1] : []))
      return (tags.length > 0 ? tags : [0]).map((tag) => `${CODE[type]} 2 ${tag} ${tag} ${nodes}`)
    }).flat()
  })
}

const facetRows = (mesh: Mesh): string[] =>
  [...mesh.facetGroups.values()].flatMap((pairs, g) =>
    Array.from(
      { length: pairs.length / 2 },
      (_, f) => `1 2 ${g + 1} ${g + 1} ${pairs[2 * f] + 1} ${pairs[2 * f + 1] + 1}`,
    ),
  )

const section = (name: string, lines: readonly string[]): string => `$${name}\n${lines.join('\n')}\n$End${name}\n`
const counted = (rows: readonly string[]): string[] => [String(rows.length), ...rows]

/** A mesh as an ASCII .msh file of version 2.2, with its groups as physical groups. */
export const gmshText = (mesh: Mesh): string => {
  const names = [
    ...[...mesh.facetGroups.keys()].map((name, g) => `1 ${g + 1} "${name}"`),
    ...[...mesh.cellGroups.keys()].map((name, g) => `2 ${g + 1} "${name}"`),
  ]
  const nodes = Array.from(
    { length: nodeCount(mesh) },
    (_, n) => `${n + 1} ${mesh.points[2 * n]} ${mesh.points[2 * n + 1]} 0`,
  )
  const elements = [...facetRows(mesh), ...cellRows(mesh)].map((row, e) => `${e + 1} ${row}`)
  return [
    section('MeshFormat', ['2.2 0 8']),
    section('PhysicalNames', counted(names)),
    section('Nodes', counted(nodes)),
    section('Elements', counted(elements)),
  ].join('')
}
