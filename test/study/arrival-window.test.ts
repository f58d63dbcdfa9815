import { beforeAll, describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { cellCount } from '../../src/mesh/mesh.ts'
import { earliestArrivals, fastestWave } from '../../src/study/arrival-window.ts'
import { type Domain, domainOf, fullDomainOf } from '../../src/study/domain.ts'
import { checkStudy } from '../../src/study/study.ts'
import { traceGridOf } from '../../src/study/submodel-task.ts'
import { causalWindow, cutOf } from '../../src/trace/causality.ts'
import { runFullDomain } from '../../src/wave/full-domain.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'

const MESH = readGmsh(tinyMesh(), 'plate.msh')
/** The zone 300 mm from the loaded edge. */
const of = (change: (study: Json) => Json = (study) => study) => {
  const study = checkStudy(change(tinyStudy()))
  return { study, domain: domainOf(study, MESH) }
}
const withoutField = (study: Json): Json => ({ ...study, uncertainty: { modulusField: null } })
const perFrame = ({ spec }: Domain): number => spec.time.step * spec.keepEvery
/** P wave of the steel, m/s: √((λ + 2μ)/ρ). */
const SPEED = Math.sqrt((210e9 * 0.7) / (1.3 * 0.4) / 7850)

describe('the fastest wave', () => {
  it('is the P wave of the stiffest material', () => {
    expect(fastestWave(of(withoutField).domain)).toBeCloseTo(SPEED, 8)
    const zone = { youngsModulus: 4 * 210e9, poissonRatio: 0.3, density: 7850 }
    const stiff = of((study) => withoutField({ ...study, materials: { ...study.materials, zone } }))
    expect(fastestWave(stiff.domain)).toBeCloseTo(2 * SPEED, 8)
  })

  it('bears the largest modulus of the random field', () => {
    const { domain } = of()
    const bound = Math.max(...domain.field!.bound)
    expect(bound).toBeGreaterThan(1.5)
    expect(fastestWave(domain)).toBeCloseTo(SPEED * Math.sqrt(bound), 8)
  })
})

describe('earliest arrivals', () => {
  const at = ({ mesh, spec }: Domain, p: number): [number, number] => [
    mesh.points[2 * spec.interfaceNodes[p]],
    mesh.points[2 * spec.interfaceNodes[p] + 1],
  ]

  it('are the straight distance to the load over the fastest wave', () => {
    // Positions .15 to .25 m with a footprint of .15 m: the load may touch y from .075 to .325 m of the edge x = 0.
    const { study, domain } = of(withoutField)
    const arrivals = earliestArrivals(study, domain)
    arrivals.forEach((a, p) => {
      const [x] = at(domain, p)
      expect(a * perFrame(domain) * SPEED).toBeCloseTo(x, 10)
    })
    expect(arrivals.length).toBe(domain.spec.interfaceNodes.length)
  })

  it('are later for a load farther along the edge', () => {
    const position = { law: 'constant', value: 0.05 }
    const { study, domain } = of((json) => withoutField({ ...json, load: { ...json.load, footprint: 0.06, position } }))
    // The facets of 25 mm that the bump from .02 to .08 m touches end at .1 m.
    earliestArrivals(study, domain).forEach((a, p) => {
      const [x, y] = at(domain, p)
      expect(a * perFrame(domain) * SPEED).toBeCloseTo(Math.hypot(x, y - 0.1), 10)
    })
  })

  it('count the whole edge where the law has no ends, or the load no footprint', () => {
    const position = { law: 'normal', mean: 0.05, standardDeviation: 0.001 }
    const unbounded = of((json) => withoutField({ ...json, load: { ...json.load, footprint: 0.06, position } }))
    const uniform = of((json) => withoutField({ ...json, load: { ...json.load, footprint: null } }))
    for (const { study, domain } of [unbounded, uniform])
      earliestArrivals(study, domain).forEach((a, p) => {
        expect(a * perFrame(domain) * SPEED).toBeCloseTo(at(domain, p)[0], 10)
      })
  })
})

describe('what the window takes of real traces', () => {
  let shares: { readonly taken: number; readonly later: number }

  beforeAll(() => {
    const { study, domain } = of(withoutField)
    const full = fullDomainOf(domain)
    const load = [0.15, 0.2, 0.25].map((position) => ({ amplitude: 3e8, arrival: 0, position, width: 40e-6 }))
    const { traces, status } = runFullDomain(full, { count: 3, load, modulusFactor: null })
    expect(status).toEqual(['ok', 'ok', 'ok'])
    const grid = traceGridOf(domain)
    const batch = { grid, count: 3, values: traces }
    const share = (arrivals: Float64Array): number => {
      const { taken, total } = cutOf(batch, causalWindow(grid, arrivals))
      return taken / total
    }
    const arrivals = earliestArrivals(study, domain)
    shares = { taken: share(arrivals), later: share(arrivals.map((a) => 1.5 * a)) }
    expect(cellCount(MESH)).toBe(384)
  })

  it('is what the scheme sends ahead of the front, with the known modulus on a coarse mesh', () => {
    expect(shares.taken).toBeLessThan(1e-7)
  })

  it('is no longer small for arrivals that are half as late again', () => {
    expect(shares.later).toBeGreaterThan(1e-5)
  })
})
