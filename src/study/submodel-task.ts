import { prepareSubmodel, runSubmodel, type Submodel } from '../submodel/submodel.ts'
import { type Decoder, leadingFrames, prepareDecoder } from '../trace/decoder.ts'
import type { Reduction } from '../trace/reduction.ts'
import type { TraceGrid } from '../trace/trace.ts'
import { traceSize } from '../trace/trace.ts'
import type { ChunkInput, ChunkOutput } from './chunks.ts'
import { type Domain, domainOf, zoneMedium } from './domain.ts'
import type { StudySetup } from './full-domain-task.ts'
import type { Task } from './task.ts'

export interface SubmodelSetup extends StudySetup {
  readonly reduction: Reduction
}

/** Boundary histories of a chunk: canonical traces or their leading coefficients, with each sample's own scale and shift. */
export interface Boundary {
  /** amplitude / reference amplitude of each sample */
  readonly scale: Float64Array
  /** s */
  readonly arrival: Float64Array
  readonly traces?: Float32Array
  /** [count · rank] */
  readonly coefficients?: Float64Array
  readonly rank?: number
}

interface Prepared {
  /** D of the submodel's own frames */
  readonly size: number
  readonly submodel: Submodel
  readonly decoder: Decoder
  /** [lanes · D] */
  readonly decoded: Float64Array
}

/** The frames and points of a study's traces. */
export const traceGridOf = (domain: Domain): TraceGrid => {
  const { step, steps } = domain.spec.time
  const { keepEvery, interfaceNodes } = domain.spec
  return {
    points: Float64Array.from(
      { length: 2 * interfaceNodes.length },
      (_, k) => domain.mesh.points[2 * interfaceNodes[k >> 1] + (k & 1)],
    ),
    components: domain.medium.physics === 'scalar' ? 1 : 2,
    frames: steps / keepEvery + 1,
    frameStep: step * keepEvery,
  }
}

/** The submodel of a study: same cells, step and damping as the full domain. */
export const submodelOf = (domain: Domain, medium = zoneMedium(domain)): Submodel => {
  const { step, steps } = domain.spec.time
  return prepareSubmodel({
    mesh: domain.zone.mesh,
    medium,
    damping: domain.spec.damping,
    fixed: domain.spec.fixed,
    interfaceNodes: domain.zone.interfaceNodes,
    step,
    steps,
    grid: traceGridOf(domain),
    quantities: domain.spec.quantities,
    loadGroup: domain.spec.load.group,
    lanes: domain.spec.lanes,
  })
}

/** The part of a reduction that a domain's submodel uses: all points of Γ, the frames up to its own end. */
export const decoderOf = (domain: Domain, reduction: Reduction, lanes: number): Decoder => {
  const { frames } = traceGridOf(domain)
  const { grid } = reduction
  return prepareDecoder(reduction, frames < grid.frames ? { lanes, entries: leadingFrames(grid, frames) } : { lanes })
}

/** Runs the submodel under the boundaries of a chunk. */
export const submodelTask: Task<SubmodelSetup, Prepared, ChunkInput<Boundary>, ChunkOutput> = {
  prepare: ({ study, mesh, time, reduction }) => {
    const domain = domainOf(study, mesh, time)
    const submodel = submodelOf(domain)
    const decoder = decoderOf(domain, reduction, submodel.lanes)
    const size = traceSize(traceGridOf(domain))
    return { size, submodel, decoder, decoded: new Float64Array(submodel.lanes * size) }
  },
  run: (
    { size, submodel, decoder, decoded },
    { path, start, count, scale, arrival, traces, coefficients, rank = 0 },
  ) => {
    const quantities: number[] = []
    const status: string[] = []
    for (let at = 0; at < count; at += submodel.lanes) {
      const lanes = Math.min(submodel.lanes, count - at)
      if (coefficients) decoder.decodeInto(decoded, coefficients.subarray(at * rank), lanes, rank)
      const result = runSubmodel(submodel, {
        count: lanes,
        traces: traces ? traces.subarray(at * size, (at + lanes) * size) : decoded.subarray(0, lanes * size),
        amplitude: scale.subarray(at, at + lanes),
        arrival: arrival.subarray(at, at + lanes),
      })
      quantities.push(...result.quantities)
      status.push(...result.status)
    }
    return { path, start, count, data: { quantities: Float64Array.from(quantities), status } }
  },
  transfer: () => [],
}
