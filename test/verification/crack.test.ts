import { describe, expect, it } from 'vitest'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { prepareSubmodel, runSubmodel } from '../../src/submodel/submodel.ts'
import type { Crack, CrackLine } from '../../src/wave/crack.ts'
import { openFacets, prepareCracks, splitForCracks } from '../../src/wave/crack.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import type { WaveSystem } from '../../src/wave/wave-system.ts'
import { stableTimeStep, waveSystem } from '../../src/wave/wave-system.ts'
import { DIVISIONS, plateWithLine, plateWithSlit } from '../wave/crack-setups.ts'
import { freeMotion, interpolate } from './motion.ts'
import { PHYSICS, type Physics, PULSE, pick, plateSpec, relativeDifference, steel, zoneOf } from './setups.ts'

const TYPES = ['T3', 'Q4'] as const
const [, NY] = DIVISIONS
/** Opens facets 4 … 10 of a line of sixteen: free pairs between grid lines 5 and 10, tips at 4 and 11. */
const [TIP0, TIP1] = [4, 11]

const crackBetween = ({ middles }: CrackLine, j0: number, j1: number): Crack => ({
  centre: (middles[j0] + middles[j1 - 1]) / 2,
  length: middles[j1 - 1] - middles[j0] + 1e-6,
})

const allNodes = (mesh: Mesh): Int32Array => Int32Array.from({ length: nodeCount(mesh) }, (_, n) => n)
/** Modulus factors by cell, the same for every lane. */
const factors = (mesh: Mesh, lanes: number): Float64Array =>
  Float64Array.from({ length: cellCount(mesh) * lanes }, (_, k) => 1 + 0.2 * Math.sin(7 * Math.trunc(k / lanes)))

const TIME = { step: 0.1e-6, steps: 300 }

/** Every step of every node, [steps + 1, N, c] per lane, all lanes under the same pulse. */
const histories = (mesh: Mesh, physics: Physics, line?: CrackLine, cracks?: readonly (Crack | null)[]) => {
  const lanes = cracks?.length ?? 1
  const base = plateSpec(plateWithLine('Q4'), physics)
  const full = prepareFullDomain({
    ...base,
    mesh,
    medium: steel(physics, cellCount(mesh)),
    time: TIME,
    interfaceNodes: new Int32Array(0),
    factorBound: 1.2,
    everyStepNodes: allNodes(mesh),
    crackLine: line,
    lanes,
  })
  const load = Array.from({ length: lanes }, () => PULSE)
  const run = runFullDomain(full, { count: lanes, load, modulusFactor: factors(mesh, lanes), cracks })
  expect(run.status.every((status) => status === 'ok')).toBe(true)
  const size = run.everyStep!.length / lanes
  const width = nodeCount(mesh) * full.system.space.components
  return { width, lane: (l: number) => run.everyStep!.subarray(l * size, (l + 1) * size) }
}

/** The first `count` values of every frame. */
const leading = (history: Float64Array, width: number, count: number): Float64Array =>
  history.filter((_, k) => k % width < count)

describe.each(PHYSICS)('a line of cracks, %s', (physics) => {
  describe.each(TYPES)('%s', (type) => {
    const original = plateWithLine(type)
    const { mesh, line } = splitForCracks(original, 'line', 'line')
    const crack = crackBetween(line, TIP0, TIP1)
    const whole = histories(original, physics)
    const split = histories(mesh, physics, line, [null, crack, null])

    it('tied everywhere: the solution of the mesh that was never split, to round-off; the sides move as one', () => {
      const own = leading(split.lane(0), split.width, whole.width)
      expect(relativeDifference(own, whole.lane(0))).toBeLessThan(1e-12)
      const c = split.width / nodeCount(mesh)
      line.copies.forEach((copy, k) => {
        for (let at = 0; at < split.lane(0).length; at += split.width)
          for (let i = 0; i < c; i++)
            expect(split.lane(0)[at + copy * c + i]).toBe(split.lane(0)[at + line.nodes[k] * c + i])
      })
    })

    it('open in part: the solution of a mesh with that slit, to round-off', () => {
      const slit = histories(plateWithSlit(type, TIP0, TIP1), physics)
      // The slit mesh has its own nodes on the right of the slit, ours on the left of the whole line.
      const c = split.width / nodeCount(mesh)
      const copyOf = new Map(Array.from(line.nodes, (node, k) => [node, line.copies[k]]))
      const places: number[] = []
      for (let n = 0; n < nodeCount(original); n++) places.push(copyOf.get(n) ?? n)
      for (let j = TIP0 + 1; j < TIP1; j++) places.push(line.nodes[j])
      const frames = split.lane(1).length / split.width
      const ours = Float64Array.from(
        { length: frames * slit.width },
        (_, k) =>
          split.lane(1)[
            Math.trunc(k / slit.width) * split.width + places[Math.trunc((k % slit.width) / c)] * c + (k % c)
          ],
      )
      expect(relativeDifference(ours, slit.lane(0))).toBeLessThan(1e-12)
      // and it is another solution than that of the whole plate, by far
      expect(relativeDifference(leading(split.lane(1), split.width, whole.width), whole.lane(0))).toBeGreaterThan(0.05)
    })

    it('has the same bits whatever the lanes beside it', () => {
      expect(split.lane(2)).toEqual(split.lane(0))
      expect(histories(mesh, physics, line, [crack]).lane(0)).toEqual(split.lane(1))
    })
  })
})

const broken = (type: 'T3' | 'Q4', physics: Physics) => {
  const { mesh, line } = splitForCracks(plateWithLine(type), 'line', 'line')
  const fixed = [{ group: 'right' }]
  const system = waveSystem({ mesh, medium: steel(physics, cellCount(mesh)), damping: 0, fixed, lanes: 1 })
  const cracks = prepareCracks(system, line)
  return { line, system: { ...system, motion: { ...system.motion, ties: cracks.ties } }, cracks }
}

const STATES: readonly (readonly [string, (line: CrackLine) => Crack | null])[] = [
  ['tied everywhere', () => null],
  ['open in part', (line) => crackBetween(line, TIP0, TIP1)],
  ['open from edge to edge', (line) => crackBetween(line, 0, NY)],
]

describe('energy', () => {
  for (const type of TYPES)
    for (const physics of PHYSICS)
      it.each(STATES)(`${type} ${physics}, %s: ½ v·Mv + ½ u_n·K u_{n+1} is conserved to round-off`, (_, crackOf) => {
        const { system, line, cracks } = broken(type, physics)
        cracks.setCracks([crackOf(line)])
        const { mass } = system.motion
        const dt = 0.95 * stableTimeStep(system)
        const c = system.space.components
        const start = interpolate(system, (x, y) => [1e-3 * Math.sin(90 * x) ** 2, 2e-3 * Math.cos(50 * y)].slice(0, c))
        for (const dof of system.motion.held) start[dof] = 0
        const force = new Float64Array(start.length)
        const energies: number[] = []
        freeMotion(system, dt, 1000, { u: start }, (u, _step, previous) => {
          force.fill(0)
          system.operator.applyInto(force, u)
          let energy = 0
          for (let i = 0; i < u.length; i++)
            energy += (mass[i] * ((u[i] - previous[i]) / dt) ** 2) / 2 + (previous[i] * force[i]) / 2
          energies.push(energy)
        })
        expect(energies[0]).toBeGreaterThan(0)
        for (const energy of energies) expect(Math.abs(energy / energies[0] - 1)).toBeLessThan(1e-11)
      })
})

const noise = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(12.9898 * i * i + 1))
const largest = (u: Float64Array): number => u.reduce((m, v) => Math.max(m, Math.abs(v)), 0)

/** ω_max by power iteration on M⁻¹K under the ties, from below. */
const powerIteration = ({ operator, motion, space }: WaveSystem): number => {
  const u = noise(space.dofs)
  motion.ties?.scatterInto(u)
  const force = new Float64Array(space.dofs)
  let squared = 0
  for (let i = 0; i < 800; i++) {
    force.fill(0)
    operator.applyInto(force, u)
    motion.ties?.gatherInto(force)
    for (let d = 0; d < u.length; d++) force[d] /= motion.mass[d]
    for (const dof of motion.held) force[dof] = 0
    motion.ties?.scatterInto(force)
    squared = Math.hypot(...force) / Math.hypot(...u)
    const norm = Math.hypot(...force)
    for (let d = 0; d < u.length; d++) u[d] = force[d] / norm
  }
  return Math.sqrt(squared)
}

describe('stable step', () => {
  for (const type of TYPES)
    for (const physics of PHYSICS)
      it.each(
        STATES,
      )(`${type} ${physics}, %s: bounded at the bound, lost at 1.3 times the true limit`, (_, crackOf) => {
        const { system, line, cracks } = broken(type, physics)
        cracks.setCracks([crackOf(line)])
        const bound = stableTimeStep(system)
        const limit = 2 / powerIteration(system)
        expect(bound).toBeLessThan(limit)
        const u = noise(system.space.dofs)
        for (const dof of system.motion.held) u[dof] = 0
        system.motion.ties.scatterInto(u)
        expect(largest(freeMotion(system, bound, 1500, { u }))).toBeLessThan(20)
        expect(largest(freeMotion(system, 1.3 * limit, 200, { u }))).toBeGreaterThan(1e20)
      })
})

describe('golden test', () => {
  it.each(PHYSICS)('the zone, which knows no crack, follows a cracked full domain to round-off, %s', (physics) => {
    const original = plateWithLine('Q4')
    const zone = zoneOf(original)
    const { mesh, line } = splitForCracks(original, 'line', 'line')
    const base = { ...plateSpec(original, physics), mesh }
    const everyStepNodes = Int32Array.from([...base.interfaceNodes, ...zone.nodes])
    const full = prepareFullDomain({ ...base, crackLine: line, everyStepNodes, lanes: 1 })
    const cracks = [crackBetween(line, TIP0, TIP1)]
    const run = runFullDomain(full, { count: 1, load: [PULSE], modulusFactor: null, cracks })
    const { step, steps } = full.time
    const components = full.system.space.components
    const cut = base.interfaceNodes.length * components
    const width = everyStepNodes.length * components
    const gamma = run.everyStep!.filter((_, k) => k % width < cut)
    const truth = run.everyStep!.filter((_, k) => k % width >= cut)
    const submodel = prepareSubmodel({
      ...plateSpec(original, physics),
      mesh: zone.mesh,
      medium: pick(base.medium, zone.cells),
      lanes: 1,
      interfaceNodes: zone.interfaceNodes,
      step,
      steps,
      grid: { points: full.interfacePoints, components, frames: steps + 1, frameStep: step },
      drive: 'every-step',
      everyStepNodes: zone.nodes.map((_, i) => i),
    })
    const local = runSubmodel(submodel, { count: 1, traces: gamma })
    expect(largest(truth)).toBeGreaterThan(1e-9)
    expect(relativeDifference(local.everyStep!, truth)).toBeLessThan(1e-12)
  })
})

describe('the facets that a crack opens', () => {
  it('are those whose middle lies in it', () => {
    const line: CrackLine = {
      ...{ nodes: new Int32Array(6), copies: new Int32Array(6), longestFacet: 1, length: 5 },
      middles: Float64Array.of(0.5, 1.5, 2.5, 3.5, 4.5),
    }
    const open = (centre: number, length: number): string =>
      openFacets(line, { centre, length })
        .map((o) => (o ? 'o' : '-'))
        .join('')
    expect(open(2.5, 3)).toBe('-ooo-')
    expect(open(2.4, 2)).toBe('-oo--')
    expect(open(2.5, 0.1)).toBe('--o--')
    expect(open(1, 2)).toBe('oo---')
  })
})
