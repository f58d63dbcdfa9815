import type { Mesh } from '../mesh/mesh.ts'
import { cellCount } from '../mesh/mesh.ts'
import { type FullDomain, type FullDomainBatch, runFullDomain } from '../wave/full-domain.ts'
import type { ChunkInput, ChunkOutput } from './chunks.ts'
import { defectSampler } from './defect.ts'
import { type Domain, domainOf, fullDomainOf, type RunTime } from './domain.ts'
import type { Job } from './job.ts'
import { type LoadSample, loadSampler, modulusStream } from './law.ts'
import type { Split, Study } from './schema.ts'
import { referenceAmplitude } from './study.ts'
import type { Task } from './task.ts'

export interface StudySetup {
  readonly study: Study
  readonly mesh: Mesh
  /** The step found when the study was checked, so that workers need not find it again. */
  readonly time: RunTime
}

export const setupOf = ({ study, domain }: Job): StudySetup => ({ study, mesh: domain.mesh, time: domain.spec.time })

export interface PreparedDomain {
  readonly study: Study
  readonly domain: Domain
  readonly full: FullDomain
}

/**
 * What the full domain is hit with. Training and validation runs are canonical: the pulse starts at t = 0 with the reference
 * amplitude. The full domain is linear and starts from rest, so every other amplitude and arrival follows exactly; held-out
 * test runs use their own, and thus check that claim too.
 */
export const pulseOf = (study: Study, split: Split, sample: LoadSample): LoadSample =>
  split === 'test' ? sample : { ...sample, amplitude: referenceAmplitude(study.load.amplitude), arrival: 0 }

/** Modulus factors of `count` samples from `start`, interleaved [cells · lanes]; null for a deterministic modulus. */
export const factorsOf = (
  { study, domain, full }: PreparedDomain,
  split: Split,
  start: number,
  count: number,
): Float64Array | null => {
  const { field } = domain
  if (field === null) return null
  const stream = modulusStream(study, split)
  const normals = new Float64Array(field.count)
  const one = new Float64Array(cellCount(domain.mesh))
  const factors = new Float64Array(one.length * full.lanes).fill(1)
  for (let lane = 0; lane < count; lane++) {
    stream.normalsInto(normals, start + lane)
    field.factorInto(one, normals)
    for (let cell = 0; cell < one.length; cell++) factors[cell * full.lanes + lane] = one[cell]
  }
  return factors
}

/** What is hidden of `count` samples from `start`: modulus factors and cracks. */
export const hiddenOf = (
  prepared: PreparedDomain,
  split: Split,
  start: number,
  count: number,
): Pick<FullDomainBatch, 'modulusFactor' | 'cracks'> => {
  const modulusFactor = factorsOf(prepared, split, start, count)
  if (prepared.study.uncertainty.defect === undefined) return { modulusFactor }
  const crack = defectSampler(prepared.study, split)
  return { modulusFactor, cracks: Array.from({ length: count }, (_, lane) => crack(start + lane)) }
}

/** Full-domain runs of a chunk: traces [count, D] in single precision, quantities and status. */
export const fullDomainTask: Task<StudySetup, PreparedDomain, ChunkInput<{ readonly split: Split }>, ChunkOutput> = {
  prepare: ({ study, mesh, time }) => {
    const domain = domainOf(study, mesh, time)
    return { study, domain, full: fullDomainOf(domain) }
  },
  run: (prepared, { path, start, count, split }) => {
    const { study, full } = prepared
    const sample = loadSampler(study, split)
    const traces: Float32Array[] = []
    const quantities: number[] = []
    const status: string[] = []
    for (let at = start; at < start + count; at += full.lanes) {
      const lanes = Math.min(full.lanes, start + count - at)
      const load = Array.from({ length: lanes }, (_, lane) => pulseOf(study, split, sample(at + lane)))
      const result = runFullDomain(full, { count: lanes, load, ...hiddenOf(prepared, split, at, lanes) })
      traces.push(result.traces)
      quantities.push(...result.quantities)
      status.push(...result.status)
    }
    return { path, start, count, data: { traces: joined(traces), quantities: Float64Array.from(quantities), status } }
  },
  transfer: ({ data }) => [(data['traces'] as Float32Array<ArrayBuffer>).buffer],
}

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const out = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
