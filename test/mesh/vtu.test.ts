import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { pvd, vtu } from '../../src/mesh/vtu.ts'
import { fixtureText, output, present } from './mesh-fixture.ts'

const mesh = readGmsh(fixtureText('v41.msh'), 'v41.msh')
const nodes = nodeCount(mesh)
const cells = cellCount(mesh)
const displacement = Float64Array.from({ length: 2 * nodes }, (_, i) => Math.sin(i))
const modulus = Float32Array.from({ length: cells }, (_, i) => 2e11 + i * 1e9)
const bytes = vtu(mesh, {
  points: [{ name: 'u <m>', values: displacement, components: 2 }],
  cells: [{ name: 'E', values: modulus }],
})

/** The bytes of an appended array, found as a reader does: tag, offset, length. */
const appended = (name: string): Buffer => {
  const file = Buffer.from(bytes)
  const text = file.toString('latin1')
  const [, offset] = new RegExp(`Name="${name}"[^>]*offset="(\\d+)"`).exec(text)!
  const start = text.indexOf('_', text.indexOf('<AppendedData')) + 1 + Number(offset)
  return Buffer.from(file.subarray(start + 8, start + 8 + Number(file.readBigUInt64LE(start))))
}
const f64 = (b: Buffer): number[] => Array.from({ length: b.length / 8 }, (_, i) => b.readDoubleLE(8 * i))
const i32 = (b: Buffer): number[] => Array.from({ length: b.length / 4 }, (_, i) => b.readInt32LE(4 * i))

describe('vtu', () => {
  it('holds the mesh', () => {
    const points = f64(appended('Points'))
    expect(points.filter((_, i) => i % 3 !== 2)).toEqual([...mesh.points])
    expect(points.filter((_, i) => i % 3 === 2)).toEqual(new Array(nodes).fill(0))
    expect(i32(appended('connectivity'))).toEqual(mesh.blocks.flatMap(({ connectivity }) => [...connectivity]))
    expect(i32(appended('offsets')).at(-1)).toBe(i32(appended('connectivity')).length)
    const triangles = mesh.blocks[1].offset
    expect([...appended('types')]).toEqual(Array.from({ length: cells }, (_, i) => (i < triangles ? 5 : 9)))
  })

  it('holds the fields, plane vectors with a third component', () => {
    const u = f64(appended('u &lt;m&gt;'))
    expect(u.length).toBe(3 * nodes)
    expect(u.filter((_, i) => i % 3 !== 2)).toEqual([...displacement])
    expect(new Float32Array(new Uint8Array(appended('E')).buffer)).toEqual(modulus)
  })

  it('ends as meshio needs it', () => {
    expect(Buffer.from(bytes).toString('latin1').endsWith('\n</AppendedData>\n</VTKFile>\n')).toBe(true)
  })

  it('refuses a field of the wrong length', () => {
    expect(() => vtu(mesh, { points: [{ name: 'u', values: new Float64Array(3) }] })).toThrow(/field 'u': 3 numbers/)
  })
})

describe('pvd', () => {
  it('lists files by time', () => {
    const text = pvd([
      { time: 0, file: 'a 0.vtu' },
      { time: 1.5e-6, file: 'a&1.vtu' },
    ])
    expect(text.match(/timestep="[^"]*" part="0" file="[^"]*"/g)).toEqual([
      'timestep="0" part="0" file="a 0.vtu"',
      'timestep="0.0000015" part="0" file="a&amp;1.vtu"',
    ])
  })
})

const PYTHON = '/usr/bin/python3'
const READ_VTK = `
import sys, vtk
r = vtk.vtkXMLUnstructuredGridReader(); r.SetFileName(sys.argv[1]); r.Update(); g = r.GetOutput()
u = g.GetPointData().GetArray('u <m>'); e = g.GetCellData().GetArray('E')
print(g.GetNumberOfPoints(), g.GetNumberOfCells(), u.GetNumberOfComponents(), repr(u.GetComponent(3, 1)), e.GetTuple1(2))`
const READ_MESHIO = `
import sys, meshio
m = meshio.read(sys.argv[1]); u = m.point_data['u <m>']
print(len(m.points), sum(len(c.data) for c in m.cells), u.shape[1], repr(float(u[3, 1])), float(m.cell_data['E'][0][2]))`

describe.each([
  ['VTK', 'import vtk', READ_VTK],
  ['meshio', 'import meshio', READ_MESHIO],
])('%s', (name, probe, script) => {
  it('reads what vtu wrote', ({ skip }) => {
    if (!present(output(PYTHON, '-c', probe) !== undefined, `VTU read by ${name}`)) return skip()
    const file = join(mkdtempSync(join(tmpdir(), 'nestwave-vtu-')), 'a.vtu')
    writeFileSync(file, bytes)
    const [n, c, components, u, e] = output(PYTHON, '-c', script, file)!.trim().split(' ').map(Number)
    expect([n, c, components, u, e]).toEqual([nodes, cells, 3, displacement[7], modulus[2]])
  })
})
