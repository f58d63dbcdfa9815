import { describe, expect, it } from 'vitest'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { checkStudy } from '../../src/study/study.ts'
import { prepareSubmodel, runSubmodel } from '../../src/submodel/submodel.ts'
import { pulseShape } from '../../src/wave/edge-pulse.ts'
import type { FullDomain, FullDomainSpec } from '../../src/wave/full-domain.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { tinyStudy } from '../end-to-end/tiny-study.ts'
import { observedOrder } from '../verification/motion.ts'
import {
  PHYSICS,
  type Physics,
  PULSE,
  pick,
  plate,
  plateSpec,
  relativeDifference,
  STEEL,
  steel,
  zoneOf,
} from '../verification/setups.ts'

const { density, youngsModulus: E, poissonRatio: nu } = STEEL
const SPEED: Record<Physics, number> = {
  scalar: Math.sqrt(E / (2 * (1 + nu)) / density),
  elastic: Math.sqrt((E * (1 - nu)) / ((1 + nu) * (1 - 2 * nu) * density)),
}
const LENGTH = 0.1
const AMPLITUDE = 2e-4

/** A strip pushed at its left end; the elastic one slides between two walls, so that the motion is one-dimensional. */
const strip = (physics: Physics, cells: number, courant: number): FullDomain => {
  const mesh = rectangle({ type: 'Q4', size: [LENGTH, LENGTH / 2], cells: [cells, 1] })
  const walls = ['bottom', 'top'].map((group) => ({ group, components: ['y'] as const }))
  return prepareFullDomain({
    mesh,
    medium: steel(physics, cellCount(mesh)),
    damping: 0,
    fixed: physics === 'elastic' ? walls : [],
    load: { kind: 'displacement', group: 'left', direction: [3, 0], footprint: null },
    time: { courant, duration: (0.9 * LENGTH) / SPEED[physics] },
    keepEvery: 1,
    interfaceNodes: Int32Array.of(),
    everyStepNodes: Int32Array.from({ length: cells + 1 }, (_, i) => i),
    quantities: [],
    lanes: 1,
  })
}

/** u(x, t) = g(t − x/c) until the far end answers. */
const dAlembert = (physics: Physics, x: number, t: number, width: number): number =>
  AMPLITUDE * pulseShape(t - x / SPEED[physics], 0, width)

/** Causal average over a window of sin² shape: as the system is invariant in time, the answer to a pulse that much smoother. */
const smoothed = (series: readonly number[], step: number, window: number): number[] => {
  const kernel = Array.from({ length: Math.floor(window / step) + 1 }, (_, k) => pulseShape(k * step, 0, window) * step)
  return series.map((_, n) => kernel.reduce((sum, weight, k) => (k <= n ? sum + weight * series[n - k] : sum), 0))
}

/** Relative L² error over the strip and time; of the answer to a smoother pulse where a window is given. */
const stripError = (physics: Physics, cells: number, courant: number, window = 0): number => {
  const full = strip(physics, cells, courant)
  const width = (0.6 * LENGTH) / SPEED[physics]
  const pulse = { amplitude: AMPLITUDE, arrival: 0, position: 0, width }
  const { everyStep } = runFullDomain(full, { count: 1, load: [pulse], modulusFactor: null })
  const { step, steps } = full.time
  const c = full.system.space.components
  const seen = (series: number[]): number[] =>
    window > 0 ? smoothed(series, step, (window * LENGTH) / SPEED[physics]) : series
  let [difference, size] = [0, 0]
  for (let i = 0; i <= cells; i++) {
    const exact = Array.from({ length: steps + 1 }, (_, n) => dAlembert(physics, (i * LENGTH) / cells, n * step, width))
    const error = exact.map((u, n) => everyStep![(n * (cells + 1) + i) * c] - u)
    for (const e of seen(error)) difference += e ** 2
    for (const u of seen(exact)) size += u ** 2
  }
  return Math.sqrt(difference / size)
}

describe.each(PHYSICS)('a strip driven at its end, %s', (physics) => {
  const sizes = [40, 80, 160]
  const order = (window: number): number =>
    -observedOrder(
      sizes,
      sizes.map((cells) => stripError(physics, cells, 0.6, window)),
    )

  it("is d'Alembert's wave to round-off at a Courant number of one", () => {
    expect(stripError(physics, 60, 1)).toBeLessThan(1e-11)
  })

  it("comes to it with order 2 below; with 5/3 where the pulse's acceleration jumps", () => {
    expect(stripError(physics, 160, 0.6)).toBeLessThan(1e-3)
    expect(order(0)).toBeGreaterThan(5 / 3)
    expect(order(0.3)).toBeCloseTo(2, 1)
  })
})

const driven = (mesh: FullDomainSpec['mesh'], physics: Physics): FullDomainSpec => {
  const base = plateSpec(mesh, physics)
  return { ...base, load: { ...base.load, kind: 'displacement' } }
}
const MOTION = { ...PULSE, amplitude: 1e-5 }

describe.each(PHYSICS)('a motion of the edge, %s', (physics) => {
  const mesh = plate('Q4', [12, 8])
  const everyStepNodes = Int32Array.from({ length: nodeCount(mesh) }, (_, n) => n)
  const spec = { ...driven(mesh, physics), everyStepNodes, lanes: 4 }
  const full = prepareFullDomain(spec)
  const { step, steps } = full.time
  const c = full.system.space.components
  const delay = 17
  const load = [
    { ...MOTION, arrival: 0 },
    { ...MOTION, arrival: 0, amplitude: -2.5 * MOTION.amplitude },
    { ...MOTION, arrival: delay * step },
    { ...MOTION, arrival: 0, position: 0.004 },
  ]
  const history = runFullDomain(full, { count: 4, load, modulusFactor: null }).everyStep!
  const frame = nodeCount(mesh) * c
  const lane = (l: number): Float64Array => history.subarray(l * (steps + 1) * frame, (l + 1) * (steps + 1) * frame)

  it('is A p(t) cos²(π(s − s₀)/d) direction under the bump, and zero beyond it', () => {
    const { footprint } = spec.load
    const [dx, dy] = [1 / Math.hypot(1, 0.3), 0.3 / Math.hypot(1, 0.3)]
    const moved = new Set<number>()
    for (let n = 0; n <= steps; n++) {
      for (let row = 0; row <= 8; row++) {
        const y = row * 0.005
        const along =
          Math.abs(y - MOTION.position) < footprint! / 2
            ? Math.cos((Math.PI * (y - MOTION.position)) / footprint!) ** 2
            : 0
        const u = MOTION.amplitude * pulseShape(n * step, 0, MOTION.width) * along
        const at = n * frame + row * 13 * c
        const expected = c === 1 ? [u] : [u * dx, u * dy]
        expected.forEach((value, i) => {
          expect(Math.abs(lane(0)[at + i] - value)).toBeLessThan(1e-18)
        })
        if (u !== 0) moved.add(row)
      }
    }
    expect([...moved].sort()).toEqual([3, 4, 5, 6])
  })

  it('is linear in the amplitude', () => {
    const scaled = lane(0).map((v) => -2.5 * v)
    expect(relativeDifference(lane(1), scaled)).toBeLessThan(1e-13)
  })

  it('does not depend on when the pulse comes', () => {
    expect(
      lane(2)
        .subarray(0, delay * frame)
        .every((v) => v === 0),
    ).toBe(true)
    const early = lane(0).subarray(0, (steps + 1 - delay) * frame)
    expect(relativeDifference(lane(2).subarray(delay * frame), early)).toBeLessThan(1e-12)
  })

  it('gives a lane the same bits alone and in company', () => {
    const alone = runFullDomain(full, { count: 1, load: [load[3]], modulusFactor: null }).everyStep!
    expect(alone).toEqual(lane(3))
  })

  it('leaves at rest a sample that is refused', () => {
    const factor = Float64Array.from({ length: cellCount(mesh) * 4 }, (_, k) => (k % 4 === 1 ? 4 : 1))
    const { status, everyStep } = runFullDomain(full, { count: 2, load: load.slice(0, 2), modulusFactor: factor })
    expect(status).toEqual(['ok', 'unstable'])
    expect(everyStep!.subarray(everyStep!.length / 2).every((v) => v === 0)).toBe(true)
  })
})

/** Every step of Γ drives the zone; the zone's nodes must follow the full solution to round-off. */
const golden = (type: 'T3' | 'Q4', physics: Physics): number => {
  const mesh = plate(type)
  const zone = zoneOf(mesh)
  const base = driven(mesh, physics)
  const cut = base.interfaceNodes.length
  const everyStepNodes = Int32Array.from([...base.interfaceNodes, ...zone.nodes])
  const full = prepareFullDomain({ ...base, everyStepNodes, lanes: 1 })
  const run = runFullDomain(full, { count: 1, load: [MOTION], modulusFactor: null })
  const { step, steps } = full.time
  const { components } = full.system.space
  const width = everyStepNodes.length * components
  const rows = (from: number, to: number): Float64Array =>
    Float64Array.from(
      Array.from({ length: steps + 1 }, (_, n) => [
        ...run.everyStep!.subarray(n * width + from, n * width + to),
      ]).flat(),
    )
  const submodel = prepareSubmodel({
    ...base,
    mesh: zone.mesh,
    medium: pick(base.medium, zone.cells),
    lanes: 1,
    interfaceNodes: zone.interfaceNodes,
    step,
    steps,
    grid: { points: full.interfacePoints, components, frames: steps + 1, frameStep: step },
    drive: 'every-step',
    loadGroup: 'left',
    everyStepNodes: zone.nodes.map((_, i) => i),
  })
  const local = runSubmodel(submodel, { count: 1, traces: rows(0, cut * components) })
  const truth = rows(cut * components, width)
  expect(truth.reduce((m, v) => Math.max(m, Math.abs(v)), 0)).toBeGreaterThan(1e-7)
  return relativeDifference(local.everyStep!, truth)
}

describe('golden test: the zone under the history that a moved edge sends', () => {
  it.each([
    ['T3', 'scalar'],
    ['Q4', 'elastic'],
  ] as const)('%s %s', (type, physics) => {
    expect(golden(type, physics)).toBeLessThan(1e-12)
  })
})

describe('what is refused', () => {
  const mesh = plate('Q4', [12, 8])
  const base = driven(mesh, 'elastic')

  it('facets both fixed and driven, group by group; of edges that meet, `fixed` holds the corner', () => {
    const facetGroups = new Map([...mesh.facetGroups, ['clamp', mesh.facetGroups.get('left')!.slice(2, 8)]])
    const fixed = [{ group: 'clamp' }, { group: 'right' }, { group: 'left', components: ['y'] as const }]
    const build = () => prepareFullDomain({ ...base, mesh: { ...mesh, facetGroups }, fixed })
    expect(build).toThrow(
      /^fixed\[0\].group: .*'left'\), received 'clamp', which has 3.*\nfixed\[2\].group: .*'left', which has 8[^\n]*$/,
    )
    const corner = Int32Array.of(0, 13)
    const uniform = { ...base.load, footprint: null }
    const full = prepareFullDomain({
      ...base,
      load: uniform,
      fixed: [{ group: 'bottom' }],
      everyStepNodes: corner,
      lanes: 1,
    })
    const { everyStep } = runFullDomain(full, { count: 1, load: [MOTION], modulusFactor: null })
    const largest = [0, 1, 2, 3].map((i) => Math.max(...everyStep!.filter((_, k) => k % 4 === i)))
    expect(largest.map((u) => u > 0)).toEqual([false, false, true, true])
  })

  it.each<[RegExp, Partial<FullDomainSpec['load']>]>([
    [/load.group: .*'lfet'/, { group: 'lfet' }],
    [/load.direction/, { direction: [0, 0] }],
    [/load.footprint: expected a width > 0 m/, { footprint: 0 }],
    [
      /load.footprint: expected a width > 0.005000 m, the longest facet of 'left', received 0.004/,
      { footprint: 0.004 },
    ],
  ])('%s', (message, change) => {
    expect(() => prepareFullDomain({ ...base, load: { ...base.load, ...change } })).toThrow(message)
  })

  it('a zone that holds part of the driven edge, by the study', () => {
    const study = tinyStudy()
    const plate = rectangle({ type: 'Q4', size: [0.6, 0.4], cells: [24, 16] })
    const at = (box: number[], kind: string) =>
      checkOnMesh(
        checkStudy({
          ...study,
          load: { ...study.load, kind },
          zone: { box },
          quantities: [study.quantities[1]],
          estimate: {},
        }),
        plate,
      )
    expect(at([0.3, 0.15, 0.45, 0.25], 'displacement').spec.load.kind).toBe('displacement')
    expect(() => at([0, 0.15, 0.45, 0.25], 'displacement')).toThrow("zone: expected no part of the loaded edge 'left'")
  })
})
