import { dofsOf } from '../fem/function-space.ts'
import { facetGroup } from '../mesh/groups.ts'
import type { FailureReason, Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { centralDifference } from '../time/central-difference.ts'
import { motionState } from '../time/integrator.ts'
import type { TraceGrid } from '../trace/trace.ts'
import { prepareObserver } from '../wave/observer.ts'
import type { Quantity } from '../wave/quantity.ts'
import { nodeRecorder } from '../wave/recorder.ts'
import { markNonFinite } from '../wave/status.ts'
import type { WaveSpec, WaveSystem } from '../wave/wave-system.ts'
import { stableTimeStep, waveSystem } from '../wave/wave-system.ts'
import type { DriveBatch } from './drive.ts'
import { everyStepDrive, splineDrive } from './drive.ts'
import { matchInterface } from './match.ts'

/** Everything a submodel needs, as plain data that a worker thread can be sent. Per-cell arrays are in the zone's numbering. */
export interface SubmodelSpec extends WaveSpec {
  /** Groups of the whole domain may be named in `fixed`: those that the zone does not reach are left out. */
  readonly fixed: WaveSpec['fixed']
  /** Nodes of Γ in the zone's mesh. */
  readonly interfaceNodes: Int32Array
  /** Δt, s: the full domain's, for an exact restriction */
  readonly step: number
  readonly steps: number
  /** Frames of the traces; they must reach the last step. With drive 'every-step': one frame per step. */
  readonly grid: TraceGrid
  readonly quantities: readonly Quantity[]
  /** 'frames' (default): cubic spline through the frames; 'every-step': the history itself. */
  readonly drive?: 'frames' | 'every-step' | undefined
  /** The loaded facet group of the whole domain: the zone must not hold any of it beside Γ. */
  readonly loadGroup?: string | undefined
  /** Zone nodes whose every step is kept. */
  readonly everyStepNodes?: Int32Array | undefined
}

/** A zone prepared once per worker; its buffers are reused by every run. */
export interface Submodel {
  readonly system: WaveSystem
  readonly lanes: number
  /** s */
  readonly stableStep: number
  readonly run: (batch: SubmodelBatch) => SubmodelResult
}

/** Histories of Γ for up to `lanes` samples; see {@link DriveBatch}. */
export type SubmodelBatch = DriveBatch

export interface SubmodelResult {
  /** [count, q]; NaN for a sample that failed */
  readonly quantities: Float64Array
  readonly status: readonly ('ok' | FailureReason)[]
  /** [count, steps + 1, nodes, c] m */
  readonly everyStep: Float64Array | null
}

const FEWEST_FRAMES = 4

const checkTimes = ({ grid, step, steps, drive = 'frames' }: SubmodelSpec, components: 1 | 2, limit: number): void => {
  const problems: Problem[] = []
  const check = (ok: boolean, path: string, expected: string, received: unknown): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  check(step > 0 && step <= limit, 'step', `> 0 and ≤ ${limit.toPrecision(4)} s, the zone's stable limit`, `${step} s`)
  check(Number.isInteger(steps) && steps > 0, 'steps', 'an integer > 0', steps)
  check(grid.components === components, 'grid.components', `${components}, as the physics has`, grid.components)
  if (drive === 'every-step') check(grid.frames === steps + 1, 'grid.frames', `${steps + 1}, one per step`, grid.frames)
  else {
    const last = (grid.frames - 1) * grid.frameStep
    check(grid.frames >= FEWEST_FRAMES, 'grid.frames', `at least ${FEWEST_FRAMES}`, grid.frames)
    check(
      last >= steps * step * (1 - 1e-9),
      'grid',
      `frames up to the last step at ${steps * step} s`,
      `the last frame at ${last} s`,
    )
  }
  if (problems.length > 0) throw new InvalidInput(problems)
}

const checkUnloaded = ({ mesh, interfaceNodes, loadGroup }: SubmodelSpec): void => {
  if (loadGroup === undefined || !mesh.facetGroups.has(loadGroup)) return
  const cut = new Set(interfaceNodes)
  const inside = facetGroup(mesh, loadGroup).filter((n) => !cut.has(n))
  if (inside.length === 0) return
  throw InvalidInput.of(
    'zone',
    `no part of the loaded edge '${loadGroup}' (the trace alone drives the zone)`,
    `${inside.length} of its nodes`,
  )
}

const checkBatch = (batch: SubmodelBatch, lanes: number, size: number, drive: 'frames' | 'every-step'): void => {
  const { count, traces, amplitude, arrival } = batch
  const problems: Problem[] = []
  const check = (ok: boolean, path: string, expected: string, received: unknown): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  check(Number.isInteger(count) && count > 0 && count <= lanes, 'count', `from 1 to ${lanes}`, count)
  check(traces.length === count * size, 'traces', `${count * size} values [count, frames, P, c]`, traces.length)
  if (amplitude !== undefined) check(amplitude.length === count, 'amplitude', `${count} values`, amplitude.length)
  if (arrival !== undefined) {
    check(arrival.length === count, 'arrival', `${count} values`, arrival.length)
    const bad = Array.from(arrival).findIndex((t) => !(t >= 0))
    if (bad >= 0) check(false, `arrival[${bad}]`, 't₀ ≥ 0 s', arrival[bad])
    check(drive === 'frames', 'arrival', "drive 'frames' (a history of every step cannot be shifted)", drive)
  }
  if (problems.length > 0) throw new InvalidInput(problems)
}

/**
 * Prepares the zone: the same equations as the full domain, with the motion of Γ prescribed.
 * @throws InvalidInput for traces that do not fit the zone's interface, steps or physics; a step over the zone's stable limit
 * @verifiedBy test/verification/golden.test.ts
 */
export const prepareSubmodel = (spec: SubmodelSpec): Submodel => {
  const { mesh, grid, step, steps, drive: kind = 'frames', everyStepNodes = null } = spec
  const fixed = spec.fixed.filter(({ group }) => mesh.facetGroups.has(group))
  const system = waveSystem({ ...spec, fixed, prescribed: spec.interfaceNodes })
  const { space, operator } = system
  const { lanes } = operator
  const stableStep = stableTimeStep(system)
  checkTimes(spec, space.components, stableStep)
  checkUnloaded(spec)
  const dofs = dofsOf(space, matchInterface(grid.points, mesh, spec.interfaceNodes))
  const driveOf = kind === 'frames' ? splineDrive : everyStepDrive
  const drive = driveOf({ dofs, lanes, frames: grid.frames, frameStep: grid.frameStep, step })
  const observer = prepareObserver({ space, medium: spec.medium, quantities: spec.quantities, step, steps, lanes })
  const everyStep = nodeRecorder(space, everyStepNodes ?? [], steps + 1, lanes)
  const stepper = centralDifference.prepare(system.motion, step)
  const state = motionState(space.dofs, lanes)
  const size = grid.frames * dofs.length

  const run = (batch: SubmodelBatch): SubmodelResult => {
    checkBatch(batch, lanes, size, kind)
    const { count } = batch
    drive.load(batch)
    observer.reset(null)
    stepper.start(state)
    const history = everyStepNodes === null ? null : new Float64Array(count * everyStep.size)
    for (let n = 0; ; n++) {
      drive.imposeInto(state.u, n)
      observer.observe(state.u, n)
      if (history !== null) everyStep.recordInto(history, state.u, n, count)
      if (n === steps) break
      stepper.step(state, n)
    }
    const quantities = new Float64Array(count * spec.quantities.length)
    const status = Array.from({ length: count }, (): 'ok' | FailureReason => 'ok')
    observer.resultsInto(quantities, count)
    markNonFinite(status, quantities, state.u, lanes)
    return { quantities, status, everyStep: history }
  }
  return { system, lanes, stableStep, run }
}

/** Runs up to `lanes` histories at once. Synchronous; writes only the submodel's own buffers. */
export const runSubmodel = (submodel: Submodel, batch: SubmodelBatch): SubmodelResult => submodel.run(batch)
