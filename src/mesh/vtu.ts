import { forEachCell } from './cells.ts'
import type { Mesh } from './mesh.ts'
import { cellCount, nodeCount } from './mesh.ts'

/** Numbers over the nodes or the cells of a mesh, written in the precision they come in. */
export interface VtuField {
  readonly name: string
  /** [entities · components], components running fastest. A plane vector gets a third component 0, as ParaView wants it. */
  readonly values: Float32Array | Float64Array
  readonly components?: 1 | 2 | 3
}

export interface VtuFields {
  readonly points?: readonly VtuField[]
  readonly cells?: readonly VtuField[]
}

type Raw = Float32Array | Float64Array | Int32Array | Uint8Array

const VTK_TYPE = { T3: 5, Q4: 9 } as const

/**
 * A mesh with fields as a VTK XML unstructured grid: appended raw data with 64-bit headers. Opens in ParaView, VTK and meshio.
 * @throws RangeError for a field whose length does not fit the mesh
 * @source VTK file formats, "XML file formats: unstructured grid"
 * @verifiedBy test/mesh/vtu.test.ts
 */
export const vtu = (mesh: Mesh, fields: VtuFields = {}): Uint8Array => {
  const nodes = nodeCount(mesh)
  const cells = cellCount(mesh)
  const appended = appender()
  const section = (name: string, arrays: readonly string[]): string => `<${name}>\n${arrays.join('')}</${name}>\n`
  const data = (all: readonly VtuField[] = [], count: number): string[] =>
    all.map((f) => fieldTag(appended.add, f, count))
  const piece = [
    section('PointData', data(fields.points, nodes)),
    section('CellData', data(fields.cells, cells)),
    section('Points', [appended.add('Points', 3, widened(mesh.points, 2))]),
    section('Cells', cellTags(mesh, appended.add)),
  ].join('')
  const head =
    '<?xml version="1.0"?>\n<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian" header_type="UInt64">\n' +
    `<UnstructuredGrid>\n<Piece NumberOfPoints="${nodes}" NumberOfCells="${cells}">\n${piece}</Piece>\n` +
    '</UnstructuredGrid>\n<AppendedData encoding="raw">\n_'
  // meshio needs the newline before the closing tag.
  return Buffer.concat([Buffer.from(head), ...appended.chunks, Buffer.from('\n</AppendedData>\n</VTKFile>\n')])
}

/**
 * A ParaView collection: one file per time.
 * @param entries times in s and file names relative to the collection
 */
export const pvd = (entries: readonly { readonly time: number; readonly file: string }[]): string =>
  '<?xml version="1.0"?>\n<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">\n<Collection>\n' +
  entries.map(({ time, file }) => `<DataSet timestep="${time}" part="0" file="${escaped(file)}"/>\n`).join('') +
  '</Collection>\n</VTKFile>\n'

type Append = (name: string, components: number, values: Raw) => string

/** Gathers the appended arrays, each behind its length in bytes, and gives out their tags. */
const appender = (): { readonly add: Append; readonly chunks: Uint8Array[] } => {
  const chunks: Uint8Array[] = []
  let offset = 0
  const add: Append = (name, components, values) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    chunks.push(new Uint8Array(BigUint64Array.of(BigInt(bytes.length)).buffer), bytes)
    const tag =
      `<DataArray type="${typeName(values)}" Name="${escaped(name)}" NumberOfComponents="${components}"` +
      ` format="appended" offset="${offset}"/>\n`
    offset += 8 + bytes.length
    return tag
  }
  return { add, chunks }
}

const typeName = (values: Raw): string => {
  if (values instanceof Float64Array) return 'Float64'
  if (values instanceof Float32Array) return 'Float32'
  return values instanceof Int32Array ? 'Int32' : 'UInt8'
}

const fieldTag = (add: Append, { name, values, components = 1 }: VtuField, count: number): string => {
  if (values.length !== count * components) {
    throw new RangeError(`field '${name}': ${values.length} numbers for ${count} entities of ${components} components`)
  }
  return components === 2 ? add(name, 3, widened(values, 2)) : add(name, components, values)
}

/** [n · from] to [n · 3], zeros behind. */
const widened = (values: Float32Array | Float64Array, from: number): Float32Array | Float64Array => {
  const count = values.length / from
  const wide = values instanceof Float64Array ? new Float64Array(3 * count) : new Float32Array(3 * count)
  for (let i = 0; i < count; i++) for (let c = 0; c < from; c++) wide[3 * i + c] = values[from * i + c]
  return wide
}

const cellTags = (mesh: Mesh, add: Append): string[] => {
  const connectivity: number[] = []
  const offsets: number[] = []
  const types: number[] = []
  forEachCell(mesh, (_, nodes, type) => {
    for (const node of nodes) connectivity.push(node)
    offsets.push(connectivity.length)
    types.push(VTK_TYPE[type])
  })
  return [
    add('connectivity', 1, Int32Array.from(connectivity)),
    add('offsets', 1, Int32Array.from(offsets)),
    add('types', 1, Uint8Array.from(types)),
  ]
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (c) => ENTITIES[c])
