import { describe, expect, it } from 'vitest'
import { rectangle } from '../../src/mesh/structured.ts'
import type { ZoneSpec } from '../../src/mesh/zone.ts'
import { zoneCells } from '../../src/mesh/zone.ts'
import { plateWithHole, problemsOf } from './mesh-fixture.ts'

const mesh = rectangle({ type: 'Q4', size: [4, 4], cells: [4, 4], zone: [1, 1, 3, 3] })
const problem = (spec: unknown) => problemsOf(() => zoneCells(mesh, spec as ZoneSpec))[0]

describe('zoneCells', () => {
  it('finds the same zone by name, box and disc', () => {
    const named = zoneCells(mesh, { group: 'zone' })
    expect([...named]).toEqual([5, 6, 9, 10])
    expect(zoneCells(mesh, { box: [1, 1, 3, 3] })).toEqual(named)
    expect(zoneCells(mesh, { disc: { centre: [2, 2], radius: 1 } })).toEqual(named)
  })

  it('finds the zone of the plate by its outline', () => {
    const plate = plateWithHole()
    expect(zoneCells(plate, { box: [0.23, 0.1, 0.43, 0.3] })).toEqual(zoneCells(plate, { group: 'zone' }))
  })

  it('lists the groups there are', () => {
    expect(problem({ group: 'zon' })).toEqual({
      path: 'zone.group',
      expected: "a named group of cells (available: 'domain', 'zone')",
      received: "'zon'",
    })
  })

  it.each([
    ['an empty box', { box: [7, 7, 8, 8] }, 'zone', 'at least one cell'],
    ['the whole mesh', { group: 'domain' }, 'zone', 'interface'],
    ['a box inside out', { box: [3, 1, 1, 3] }, 'zone.box', 'x0 < x1'],
    ['a box with NaN', { box: [1, 1, Number.NaN, 3] }, 'zone.box', 'x0 < x1'],
    ['a disc without radius', { disc: { centre: [0, 0], radius: 0 } }, 'zone.disc', 'radius > 0'],
    ['neither of them', { circle: 1 }, 'zone', "'group', 'box' or 'disc'"],
  ])('refuses %s', (_, spec, path, expected) => {
    expect(problem(spec)).toMatchObject({ path, expected: expect.stringContaining(expected) })
  })
})
