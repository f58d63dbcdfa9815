import type { Mesh } from '../mesh/mesh.ts'
import { cellCount, nodeCount } from '../mesh/mesh.ts'
import type { FailureReason } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { centralDifference } from '../time/central-difference.ts'
import { motionState } from '../time/integrator.ts'
import type { BatchCracks, Crack, CrackLine } from './crack.ts'
import { checkClear, prepareCracks } from './crack.ts'
import type { BatchMotion } from './edge-motion.ts'
import { checkNotFixed, prepareEdgeMotion } from './edge-motion.ts'
import type { BatchTraction, EdgeLoad, Pulse } from './edge-pulse.ts'
import { checkPulses, prepareEdgePulse } from './edge-pulse.ts'
import { prepareObserver } from './observer.ts'
import type { Quantity } from './quantity.ts'
import { nodeRecorder } from './recorder.ts'
import { markNonFinite } from './status.ts'
import type { TimeGrid, TimeSpec } from './time-grid.ts'
import { timeGrid } from './time-grid.ts'
import type { WaveSpec, WaveSystem } from './wave-system.ts'
import { frequencyBounds, stableTimeStep, waveSystem } from './wave-system.ts'

/** Everything a full-domain run needs, as plain data that a worker thread can be sent. */
export interface FullDomainSpec extends WaveSpec {
  readonly load: EdgeLoad
  readonly time: TimeSpec
  /** A trace keeps the states of steps 0, keepEvery, 2·keepEvery, … */
  readonly keepEvery: number
  /** Nodes of Γ (numbers of `mesh`), in the order of the trace. */
  readonly interfaceNodes: Int32Array
  readonly quantities: readonly Quantity[]
  /** The line along which `mesh` was split: samples may have cracks on it. */
  readonly crackLine?: CrackLine | undefined
  /** The modulus factor that the step must bear, default 1: a high quantile of the random field. */
  readonly factorBound?: number | undefined
  /** Steps, ascending, at which the whole field is kept. */
  readonly snapshotSteps?: readonly number[] | undefined
  /** Nodes whose every step is kept in double precision (the golden test). */
  readonly everyStepNodes?: Int32Array | undefined
}

/** A full domain prepared once per worker; its buffers are reused by every run. */
export interface FullDomain {
  readonly system: WaveSystem
  readonly time: TimeGrid
  readonly lanes: number
  /** Stable limit at factor 1, s */
  readonly stableStep: number
  /** [2·P] m: the points of Γ */
  readonly interfacePoints: Float64Array
  /** s between kept frames */
  readonly frameStep: number
  readonly run: (batch: FullDomainBatch) => FullDomainResult
}

export interface FullDomainBatch {
  /** ≤ lanes */
  readonly count: number
  readonly load: readonly Pulse[]
  /** s [cells·lanes] by cell and lane; null for 1. Lanes from `count` on are not read. */
  readonly modulusFactor: Float64Array | null
  /** A crack per sample, null for none; default: none in any. */
  readonly cracks?: readonly (Crack | null)[] | undefined
}

export interface FullDomainResult {
  /** [count, frames, P, c] m; zero for a sample refused as unstable */
  readonly traces: Float32Array
  /** [count, q]; NaN for a sample that failed */
  readonly quantities: Float64Array
  readonly status: readonly ('ok' | FailureReason)[]
  /** [count, snapshots, N, c] m */
  readonly snapshots: Float32Array | null
  /** [count, steps + 1, nodes, c] m */
  readonly everyStep: Float64Array | null
}

const checkNodes = (nodes: ArrayLike<number>, mesh: Mesh, path: string): void => {
  const total = nodeCount(mesh)
  for (let i = 0; i < nodes.length; i++) {
    const ok = Number.isInteger(nodes[i]) && nodes[i] >= 0 && nodes[i] < total
    if (!ok) throw InvalidInput.of(`${path}[${i}]`, `a node number from 0 to ${total - 1}`, nodes[i])
  }
}

const checkSnapshots = (steps: readonly number[], last: number): void => {
  steps.forEach((s, i) => {
    const ok = Number.isInteger(s) && s >= 0 && s <= last && (i === 0 || s > steps[i - 1])
    if (!ok) throw InvalidInput.of(`snapshotSteps[${i}]`, `ascending steps from 0 to ${last}`, s)
  })
}

const checkBatch = ({ count, load, modulusFactor }: FullDomainBatch, lanes: number, cells: number): void => {
  if (!(Number.isInteger(count) && count > 0 && count <= lanes))
    throw InvalidInput.of('count', `from 1 to ${lanes}`, count)
  if (load.length !== count) throw InvalidInput.of('load', `${count} pulses, one per sample`, load.length)
  checkPulses(load)
  if (modulusFactor === null) return
  if (modulusFactor.length !== cells * lanes) {
    throw InvalidInput.of('modulusFactor', `${cells * lanes} values [cells, lanes]`, modulusFactor.length)
  }
  for (let cell = 0; cell < cells; cell++) {
    for (let l = 0; l < count; l++) {
      const s = modulusFactor[cell * lanes + l]
      if (!(s > 0 && s < Infinity)) throw InvalidInput.of(`modulusFactor[${cell}, ${l}]`, 'a finite factor > 0', s)
    }
  }
}

/** The cracks' ties, where the mesh was split for them. */
const prepareCrackLine = ({ mesh, crackLine, load, fixed }: FullDomainSpec, system: WaveSystem): BatchCracks | null => {
  if (crackLine === undefined) return null
  const held = fixed.map(({ group }, i) => ({ path: `fixed[${i}].group`, group }))
  checkClear(crackLine, mesh, [{ path: 'load.group', group: load.group }, ...held])
  return prepareCracks(system, crackLine)
}

const checkCracks = ({ count, cracks }: FullDomainBatch, prepared: BatchCracks | null): void => {
  if (cracks === undefined) return
  if (prepared === null) throw InvalidInput.of('cracks', 'none (the domain has no line for them)', cracks.length)
  if (cracks.length !== count) throw InvalidInput.of('cracks', `${count} cracks, one per sample`, cracks.length)
}

/** The one load there is: forces, or a motion. */
const prepareLoad = (
  { mesh, load, fixed }: FullDomainSpec,
  system: WaveSystem,
  step: number,
): { traction?: BatchTraction; motion?: BatchMotion } => {
  const { lanes } = system.operator
  if (load.kind !== 'displacement') return { traction: prepareEdgePulse(system.space, load, step, lanes) }
  checkNotFixed(mesh, load, fixed)
  return { motion: prepareEdgeMotion(system, load, step, lanes) }
}

/**
 * Prepares ρ ü + α ρ u̇ − ∇·σ(s, u) = 0 on the whole domain, driven by a pulse on an edge: a traction, or its motion. The
 * stable step is that of the free edge and the open line of cracks, which prescribing motion and tying sides can only raise.
 * @throws InvalidInput for anything in the spec that contradicts the mesh, the physics or the stable step
 * @verifiedBy test/wave/full-domain.test.ts, test/wave/edge-motion.test.ts, test/wave/crack.test.ts, test/verification
 */
export const prepareFullDomain = (spec: FullDomainSpec): FullDomain => {
  const { mesh, interfaceNodes, snapshotSteps = null, everyStepNodes = null, factorBound = 1 } = spec
  const system = waveSystem(spec)
  const { space, operator } = system
  const { lanes } = operator
  if (!(factorBound > 0 && Number.isFinite(factorBound)))
    throw InvalidInput.of('factorBound', 'a factor > 0', factorBound)
  const stableStep = stableTimeStep(system)
  const time = timeGrid(spec.time, spec.keepEvery, stableStep / Math.sqrt(factorBound))
  const { step, steps, frames, keepEvery } = time
  checkNodes(interfaceNodes, mesh, 'interfaceNodes')
  if (everyStepNodes !== null) checkNodes(everyStepNodes, mesh, 'everyStepNodes')
  if (snapshotSteps !== null) checkSnapshots(snapshotSteps, steps)
  const cells = cellCount(mesh)
  const { traction, motion } = prepareLoad(spec, system, step)
  const observer = prepareObserver({ space, medium: spec.medium, quantities: spec.quantities, step, steps, lanes })
  const trace = nodeRecorder(space, interfaceNodes, frames, lanes)
  const allNodes = Int32Array.from({ length: nodeCount(mesh) }, (_, n) => n)
  const fields = nodeRecorder(space, allNodes, snapshotSteps?.length ?? 0, lanes)
  const everyStep = nodeRecorder(space, everyStepNodes ?? [], steps + 1, lanes)
  const cracks = prepareCrackLine(spec, system)
  const stepper = centralDifference.prepare({ ...system.motion, ties: cracks?.ties }, step)
  const state = motionState(space.dofs, lanes)

  /** Lanes whose own factor breaks the stable step. */
  const screen = ({ count, modulusFactor }: FullDomainBatch): ('ok' | FailureReason)[] => {
    if (modulusFactor === null) return Array.from({ length: count }, () => 'ok')
    const bounds = frequencyBounds(system, modulusFactor, lanes)
    return Array.from({ length: count }, (_, l) => (step <= 2 / bounds[l] ? 'ok' : 'unstable'))
  }

  const run = (batch: FullDomainBatch): FullDomainResult => {
    checkBatch(batch, lanes, cells)
    checkCracks(batch, cracks)
    const { count } = batch
    const status = screen(batch)
    const active = (lane: number): boolean => status[lane] === 'ok'
    operator.setFactor(batch.modulusFactor)
    traction?.setPulses(batch.load, active)
    motion?.setPulses(batch.load, active)
    cracks?.setCracks(batch.cracks ?? [])
    observer.reset(batch.modulusFactor)
    stepper.start(state)

    const traces = new Float32Array(count * trace.size)
    const snapshots = snapshotSteps === null ? null : new Float32Array(count * fields.size)
    const history = everyStepNodes === null ? null : new Float64Array(count * everyStep.size)
    let taken = 0
    for (let n = 0; ; n++) {
      observer.observe(state.u, n)
      if (n % keepEvery === 0) trace.recordInto(traces, state.u, n / keepEvery, count)
      if (history !== null) everyStep.recordInto(history, state.u, n, count)
      if (snapshots !== null && snapshotSteps![taken] === n) fields.recordInto(snapshots, state.u, taken++, count)
      if (n === steps) break
      stepper.step(state, n, traction?.addInto)
      motion?.imposeInto(state.u, n + 1)
    }
    const quantities = new Float64Array(count * spec.quantities.length)
    observer.resultsInto(quantities, count)
    markNonFinite(status, quantities, state.u, lanes)
    return { traces, quantities, status, snapshots, everyStep: history }
  }

  const interfacePoints = Float64Array.from(
    { length: 2 * interfaceNodes.length },
    (_, k) => mesh.points[2 * interfaceNodes[k >> 1] + (k & 1)],
  )
  return { system, time, lanes, stableStep, interfacePoints, frameStep: step * keepEvery, run }
}

/** Runs up to `lanes` samples at once. Synchronous; writes only the domain's own buffers. */
export const runFullDomain = (full: FullDomain, batch: FullDomainBatch): FullDomainResult => full.run(batch)
