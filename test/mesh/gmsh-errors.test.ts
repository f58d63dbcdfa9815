import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import type { Problem } from '../../src/numeric/errors.ts'
import { fixtureText, problemsOf } from './mesh-fixture.ts'

const problemsIn = (text: string): readonly Problem[] => problemsOf(() => readGmsh(text, 'a.msh'))
const only = (text: string): Problem => {
  const problems = problemsIn(text)
  expect(problems.length).toBe(1)
  return problems[0]
}
const v41 = fixtureText('v41.msh')
const v22 = fixtureText('v22.msh')
const lineOf = (text: string, row: string): number => text.split('\n').indexOf(row) + 1

/** A 2.2 file of four nodes (a unit square, then changed) and the given element rows. */
const square = (elements: readonly string[], nodes = ['1 0 0 0', '2 1 0 0', '3 1 1 0', '4 0 1 0']): string =>
  [
    '$MeshFormat\n2.2 0 8\n$EndMeshFormat',
    `$Nodes\n${nodes.length}\n${nodes.join('\n')}\n$EndNodes`,
    `$Elements\n${elements.length}\n${elements.join('\n')}\n$EndElements\n`,
  ].join('\n')
const TWO = ['1 2 2 1 1 1 2 3', '2 2 2 1 1 1 3 4']

describe('what readGmsh says of', () => {
  it('a sound file: nothing', () => expect(() => readGmsh(square(TWO), 'a.msh')).not.toThrow())

  it.each(['v41-binary.msh', 'v22-binary.msh'])('a binary file (%s)', (file) => {
    expect(only(fixtureText(file))).toMatchObject({ path: 'a.msh:2', received: 'a binary file' })
    expect(only(fixtureText(file)).expected).toContain('without -bin')
  })

  it('another version', () => {
    const problem = only(fixtureText('v40.msh'))
    expect(problem).toMatchObject({ path: 'a.msh:2', received: 'version 4' })
    expect(problem.expected).toContain('4.1 or 2.2')
  })

  it('another kind of file', () => {
    expect(only('solid cube\nfacet').received).toBe("'solid cube'")
    expect(only('').received).toBe("''")
    expect(only('\x89PNG\r\n\x1a\n').path).toBe('a.msh:1')
  })

  it.each([
    ['v41.msh', v41],
    ['v22.msh', v22],
  ])('%s cut short anywhere', (_, text) => {
    const end = text.lastIndexOf('$EndElements')
    for (let length = 30; length < end; length += 97) {
      const [problem] = problemsIn(text.slice(0, length))
      expect(`${problem.expected} ${problem.received}`).toMatch(/trunc|\$(Nodes|Elements) section|missing/)
    }
  })

  it('a section with too few lines', () => {
    const text = square(TWO).replace('$Elements\n2', '$Elements\n3')
    expect(only(text)).toMatchObject({ path: 'a.msh:15' })
    expect(only(text).received).toContain('$EndElements')
  })

  it('a section that holds another number of nodes than it says', () => {
    const text = v41.replace(/\$Nodes\n(\d+) (\d+)/, '$Nodes\n$1 77')
    expect(only(text).expected).toContain('77 nodes')
  })

  it('second-order elements, per type with their number', () => {
    const problems = problemsIn(fixtureText('second-order.msh'))
    expect(problems.map(({ received }) => received.replace(/^\d+ x /, ''))).toEqual([
      '3-node line (type 8); export with Mesh.ElementOrder = 1 (gmsh -order 1)',
      '6-node triangle (type 9); export with Mesh.ElementOrder = 1 (gmsh -order 1)',
      '9-node quadrilateral (type 10); export with Mesh.ElementOrder = 1 (gmsh -order 1)',
    ])
  })

  it('solid elements', () => {
    const problem = only(square(['1 4 2 1 1 1 2 3 4']))
    expect(problem).toMatchObject({ path: 'a.msh:13' })
    expect(problem.received).toBe('1 x tetrahedron (type 4); export a plane mesh with gmsh -2')
  })

  it('coordinates that are not numbers, all of them', () => {
    const problems = problemsIn(square(TWO, ['1 0 nan 0', '2 1 0 0', '3 inf 1 0', '4 0 1 0']))
    expect(problems.map(({ path, received }) => [path, received])).toEqual([
      ['a.msh:6', 'node 1 at 0 NaN 0'],
      ['a.msh:8', 'node 3 at NaN 1 0'],
    ])
  })

  it('a mesh that is not plane', () => {
    const problem = only(square(TWO, ['1 0 0 0', '2 1 0 0', '3 1 1 0.1', '4 0 1 0']))
    expect(problem).toEqual({
      path: 'a.msh:8',
      expected: 'a plane mesh, z the same at all nodes',
      received: 'node 3 at z = 0.1 where the first node has z = 0',
    })
  })

  it('node tags that occur twice', () => {
    const problem = only(square(TWO, ['1 0 0 0', '2 1 0 0', '3 1 1 0', '4 0 1 0', '2 5 5 0']))
    expect(problem).toMatchObject({ path: 'a.msh:10', received: 'node 2 again' })
  })

  it('elements with nodes that are missing', () => {
    const problem = only(square(['1 2 2 1 1 1 2 3', '2 2 2 1 1 1 3 9']))
    expect(problem).toMatchObject({ path: 'a.msh:14', received: 'element 2 with node 9' })
  })

  it('an inverted cell', () => {
    const problem = only(square(['1 2 2 1 1 1 2 3', '2 2 2 1 1 1 4 3', '3 2 2 1 1 1 2 4']))
    expect(problem.path).toBe('a.msh:14')
    expect(problem.received).toMatch(/^element 2 .*: inverted, area -5\.000e-1 m²$/)
  })

  it('a flat cell, and one with the same node twice', () => {
    const nodes = ['1 0 0 0', '2 1 0 0', '3 1 1 0', '4 2 0 0']
    const problems = problemsIn(square(['1 2 2 1 1 1 2 3', '2 2 2 1 1 1 2 4', '3 2 2 1 1 1 1 3'], nodes))
    expect(problems.map(({ path }) => path)).toEqual(['a.msh:14', 'a.msh:15'])
    expect(problems[0].received).toContain('degenerate')
  })

  it('a quadrilateral that is not convex', () => {
    const problem = only(square(['1 3 2 1 1 1 2 3 4'], ['1 0 0 0', '2 1 0 0', '3 0.2 0.2 0', '4 0 1 0']))
    expect(problem.expected).toBe('convex quadrilaterals')
    expect(problem.path).toBe('a.msh:13')
  })

  it('many cells of one kind: the first ten, then their number', () => {
    const flat = Array.from({ length: 25 }, (_, i) => `${i + 2} 2 2 1 1 1 ${5 + i} ${6 + i}`)
    const row = Array.from({ length: 27 }, (_, i) => `${5 + i} ${2 + i} 0 0`)
    const problems = problemsIn(
      square(['1 2 2 1 1 1 2 3', ...flat], ['1 0 0 0', '2 1 0 0', '3 1 1 0', '4 0 1 0', ...row]),
    )
    expect(problems.length).toBe(11)
    expect(problems[10].received).toContain('15 more')
  })

  it('a file with lines only', () => {
    const problem = only(square(['1 1 2 1 1 1 2']))
    expect(problem.expected).toBe('triangles or quadrilaterals')
    expect(problem.received).toContain('1 lines and no cell')
  })

  it('a physical curve that is on no cell edge', () => {
    const problem = only(square([...TWO, '3 1 2 7 1 2 4', '4 1 2 7 1 1 2']))
    expect(problem).toMatchObject({ path: 'a.msh:15', received: 'line element 3 on no cell edge' })
  })

  it('a physical curve of nodes that no cell has', () => {
    const nodes = ['1 0 0 0', '2 1 0 0', '3 1 1 0', '4 0 1 0', '5 2 2 0', '6 3 3 0']
    expect(only(square([...TWO, '3 1 2 7 1 5 6'], nodes)).received).toBe('line element 3 on no cell edge')
  })

  it('rows that are not numbers', () => {
    expect(only(square(['1 2 2 1 1 1 2 x'])).expected).toContain('whole numbers')
    expect(only(square(['1 2 2 1 1 1 2'])).expected).toContain('8 numbers')
    expect(only(square(TWO).replace('$Nodes\n4', '$Nodes\nfour')).received).toBe("'four'")
  })

  it('a name that is not quoted', () => {
    expect(only(v41.replace('"plate"', 'plate'))).toMatchObject({ path: 'a.msh:9', received: "'2 1 plate'" })
  })

  it('an element of an entity that is not listed', () => {
    const row = '2 2 3 4'
    expect(v41).toContain(`\n${row}\n`)
    const problem = only(v41.replace(`\n${row}\n`, '\n2 99 3 4\n'))
    expect(problem.path).toBe(`a.msh:${lineOf(v41, row)}`)
    expect(problem.received).toContain('entity 99')
  })

  it('missing sections', () => {
    expect(only('$MeshFormat\n4.1 0 8\n$EndMeshFormat\n').expected).toBe('a $Nodes section')
  })
})
