import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cellAreas } from '../../src/mesh/geometry.ts'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { cellGroupNodes, facetGroupNodes } from '../../src/mesh/groups.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { at, fixtureText, GMSH_FIXTURES, MESHES, present, sha256 } from './mesh-fixture.ts'

const read = (file: string): Mesh => readGmsh(fixtureText(file), file)
const area = (mesh: Mesh): number => cellAreas(mesh).reduce((sum, a) => sum + a, 0)

describe.each(['v41.msh', 'v22.msh'])('readGmsh, %s', (file) => {
  const mesh = read(file)

  it('reads triangles and quadrilaterals in blocks and drops the free-standing point', () => {
    expect(mesh.blocks.map(({ type, offset }) => [type, offset])).toEqual([
      ['T3', 0],
      ['Q4', cellCount(mesh) - 4],
    ])
    expect(nodeCount(mesh)).toBe(new Set(mesh.blocks.flatMap(({ connectivity }) => [...connectivity])).size)
    expect(Math.max(...mesh.points)).toBe(2)
  })

  it('covers two unit squares less the triangular hole', () => {
    expect(Math.min(...cellAreas(mesh))).toBeGreaterThan(0)
    expect(area(mesh)).toBeCloseTo(2 - 0.3 ** 2 / 2, 12)
  })

  it('keeps overlapping, named and unnamed groups', () => {
    expect([...mesh.cellGroups.keys()].sort()).toEqual(['fine zone', 'plate', 'surface-3'])
    expect(mesh.cellGroups.get('plate')?.length).toBe(cellCount(mesh))
    expect([...mesh.cellGroups.get('fine zone')!]).toEqual([0, 1, 2, 3].map((i) => mesh.blocks[1].offset + i))
    expect(mesh.cellGroups.get('surface-3')?.length).toBe(mesh.blocks[1].offset)
    expect([...mesh.facetGroups.keys()].sort()).toEqual(['curve-6', 'inside', 'left'])
  })

  it('finds the nodes of groups', () => {
    const left = [...facetGroupNodes(mesh, 'left')].map((n) => at(mesh, n))
    expect(left.map(([x]) => x)).toEqual([0, 0, 0])
    expect(left.map(([, y]) => Number(y.toFixed(9))).sort()).toEqual([0, 0.5, 1])
    expect([...cellGroupNodes(mesh, 'fine zone')].every((n) => at(mesh, n)[0] > 1 - 1e-9)).toBe(true)
    expect(cellGroupNodes(mesh, 'fine zone').length).toBe(9)
  })

  it('turns boundary facets outward', () => {
    const pairs = mesh.facetGroups.get('left')!
    for (let i = 0; i < pairs.length; i += 2) expect(at(mesh, pairs[i])[1]).toBeGreaterThan(at(mesh, pairs[i + 1])[1])
  })
})

describe('readGmsh', () => {
  it('reads the same mesh from versions 4.1 and 2.2', () => {
    const [a, b] = [read('v41.msh'), read('v22.msh')]
    expect(a.points).toEqual(b.points)
    expect(a.blocks).toEqual(b.blocks)
    expect(new Map([...a.cellGroups].sort())).toEqual(new Map([...b.cellGroups].sort()))
    expect(new Map([...a.facetGroups].sort())).toEqual(new Map([...b.facetGroups].sort()))
  })

  it('reads files with Windows line ends', () => {
    expect(readGmsh(fixtureText('v41.msh').replaceAll('\n', '\r\n'), 'dos.msh')).toEqual(read('v41.msh'))
  })

  it('passes over unknown sections', () => {
    const text = fixtureText('v41.msh').replace('$Nodes\n', '$Comments\nanything 1 2 $3\n$EndComments\n$Nodes\n')
    expect(readGmsh(text, 'a.msh')).toEqual(read('v41.msh'))
  })

  it('names groups by tag where $PhysicalNames is missing', () => {
    const text = fixtureText('v22.msh').replace(/\$PhysicalNames[\s\S]*\$EndPhysicalNames\n/, '')
    const mesh = readGmsh(text, 'a.msh')
    expect([...mesh.cellGroups.keys()].sort()).toEqual(['surface-1', 'surface-2', 'surface-3'])
    expect([...mesh.facetGroups.keys()].sort()).toEqual(['curve-4', 'curve-5', 'curve-6'])
  })

  it('turns a mesh whose cells all run clockwise', () => {
    // Seen from below: x ↦ 2 − x.
    const mirrored = fixtureText('v22.msh').replace(/\$Nodes\n\d+\n([\s\S]*)\$EndNodes/, (section, rows: string) =>
      section.replace(
        rows,
        rows.replaceAll(/^(\d+) (\S+) /gm, (_, tag: string, x: string) => `${tag} ${2 - Number(x)} `),
      ),
    )
    const mesh = readGmsh(mirrored, 'mirrored.msh')
    expect(Math.min(...cellAreas(mesh))).toBeGreaterThan(0)
    expect(area(mesh)).toBeCloseTo(area(read('v22.msh')), 12)
  })

  it('accepts any constant z', () => {
    const lifted = fixtureText('v22.msh').replaceAll(/^(\d+ \S+ \S+) 0$/gm, '$1 0.25')
    expect(lifted).toContain('0.25')
    expect(readGmsh(lifted, 'lifted.msh')).toEqual(read('v22.msh'))
  })
})

describe('the files Gmsh wrote', () => {
  const made = JSON.parse(fixtureText('made.json')) as Record<string, string>
  const version = (): string | undefined => {
    try {
      return execFileSync('sh', ['-c', 'gmsh --version 2>&1'], { encoding: 'utf8' }).trim()
    } catch {
      return undefined
    }
  }

  it.each(['make.sh', 'mixed.geo'])('%s is the script that made them', (file) => {
    expect(sha256(join(GMSH_FIXTURES, file))).toBe(made[file])
  })

  it('come out the same again', ({ skip }) => {
    if (!present(`Gmsh ${version()}` === made.by, made.by)) return skip()
    const folder = mkdtempSync(join(tmpdir(), 'nestwave-gmsh-'))
    execFileSync(join(GMSH_FIXTURES, 'make.sh'), [folder])
    const files = readdirSync(folder)
    expect(files.length).toBe(7)
    for (const file of files) expect(readFileSync(join(folder, file))).toEqual(readFileSync(join(GMSH_FIXTURES, file)))
    execFileSync('gmsh', [
      '-2',
      '-order',
      '1',
      '-format',
      'msh41',
      join(MESHES, 'plate-with-hole.geo'),
      '-o',
      join(folder, 'p.msh'),
    ])
    expect(readFileSync(join(folder, 'p.msh'))).toEqual(readFileSync(join(MESHES, 'plate-with-hole.msh')))
  })
})
