import { describe, expect, it } from 'vitest'
import { cellCount } from '../../src/mesh/mesh.ts'
import { splitForCracks } from '../../src/wave/crack.ts'
import type { FullDomainSpec } from '../../src/wave/full-domain.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { PULSE, plateSpec, steel } from '../verification/setups.ts'
import { COLUMN, DIVISIONS, gridNode, plateWithLine, SIZE } from './crack-setups.ts'

const [, NY] = DIVISIONS
const specOf = (j0?: number, j1?: number): FullDomainSpec => {
  const original = plateWithLine('Q4', j0, j1)
  const { mesh, line } = splitForCracks(original, 'line', 'line')
  return { ...plateSpec(original, 'scalar'), mesh, medium: steel('scalar', cellCount(mesh)), crackLine: line, lanes: 2 }
}

describe('a line of cracks', () => {
  it('has arc length from its end with the smaller x, then y', () => {
    const { line } = splitForCracks(plateWithLine('Q4'), 'line', 'line')
    expect([...line.nodes]).toEqual(Array.from({ length: NY + 1 }, (_, j) => gridNode(COLUMN, j)))
    expect(line.length).toBeGreaterThanOrEqual(SIZE[1])
    expect(line.middles[0]).toBeGreaterThan(0)
    expect(line.middles.at(-1)!).toBeLessThan(line.length)
    expect(line.longestFacet).toBeGreaterThan(SIZE[1] / NY)
  })

  it('inside the mesh keeps its tips whole', () => {
    const { line } = splitForCracks(plateWithLine('Q4', 3, 12), 'line', 'line')
    expect(line.copies.at(0)).toBe(-1)
    expect(line.copies.at(-1)).toBe(-1)
    expect(line.copies.filter((copy) => copy >= 0)).toHaveLength(8)
  })

  it.each([
    ['an unknown group', 'lin', 'line: expected a named group of facets'],
    ['an outer edge', 'top', 'line: expected facets inside the mesh, with a cell on both sides'],
  ])('refuses %s', (_, group, message) => {
    expect(() => splitForCracks(plateWithLine('Q4'), group, 'line')).toThrow(message)
  })

  it('refuses to meet the loaded and the held edge', () => {
    const spec = specOf()
    const facetGroups = new Map(spec.mesh.facetGroups)
    const mesh = { ...spec.mesh, facetGroups: facetGroups.set('all', spec.mesh.facetGroups.get('bottom')!) }
    expect(() => prepareFullDomain({ ...spec, mesh, fixed: [{ group: 'right' }, { group: 'all' }] })).toThrow(
      "fixed[1].group: expected facets that the line of the crack does not reach, received 'all', which shares 2 nodes with it",
    )
    expect(() => prepareFullDomain({ ...spec, load: { ...spec.load, group: 'top', footprint: null } })).toThrow(
      "load.group: expected facets that the line of the crack does not reach, received 'top', which shares 2 nodes with it",
    )
  })
})

describe('a batch of cracks', () => {
  const batch = { count: 1, load: [PULSE], modulusFactor: null }
  const crack = { centre: 0.02, length: 0.01 }

  it('without cracks has none, also after a batch that had some', () => {
    const full = prepareFullDomain(specOf())
    const before = runFullDomain(full, batch).traces
    const cracked = runFullDomain(full, { ...batch, cracks: [crack] }).traces
    expect(cracked).not.toEqual(before)
    expect(runFullDomain(full, batch).traces).toEqual(before)
    expect(runFullDomain(full, { ...batch, cracks: [null] }).traces).toEqual(before)
  })

  it('is refused where it does not fit', () => {
    const full = prepareFullDomain(specOf())
    const { crackLine: _, ...plain } = specOf()
    const whole = prepareFullDomain({ ...plain, mesh: plateWithLine('Q4') })
    expect(() => runFullDomain(whole, { ...batch, cracks: [crack] })).toThrow(
      'cracks: expected none (the domain has no line for them), received 1',
    )
    expect(() => runFullDomain(full, { ...batch, cracks: [crack, null] })).toThrow(
      'cracks: expected 1 cracks, one per sample, received 2',
    )
    expect(() => runFullDomain(full, { ...batch, cracks: [{ centre: 0.02, length: 0 }] })).toThrow(
      'cracks[0]: expected a centre and a length > 0, in m, received {"centre":0.02,"length":0}',
    )
  })
})
