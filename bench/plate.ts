import { fileURLToPath } from 'node:url'
import { loadStudy } from '../src/runtime/study-file.ts'
import { type Domain, domainOf } from '../src/study/domain.ts'
import type { Study } from '../src/study/schema.ts'
import type { Reduction } from '../src/trace/reduction.ts'
import { type TraceGrid, traceSize } from '../src/trace/trace.ts'

const STUDY = fileURLToPath(new URL('../experiments/plate-with-hole/study.json', import.meta.url))

/** The study that the benches run parts of: elastic, 9,640 dofs, a random modulus outside the zone. */
export const plate = async (): Promise<{ study: Study; domain: Domain }> => {
  const { study, mesh } = await loadStudy(STUDY)
  return { study, domain: domainOf(study, mesh) }
}

export const MODES = 96

/** A reduction of the right size whose modes are smooth waves along Γ and time, some 0.1 mm high; they are not orthonormal. */
export const waveReduction = (grid: TraceGrid): Reduction => {
  const size = traceSize(grid)
  const perFrame = size / grid.frames
  const wave = (k: number, d: number): number => {
    const [t, s] = [Math.trunc(d / perFrame) / grid.frames, (d % perFrame) / perFrame]
    return 1e-5 * t * t * Math.sin(2 * Math.PI * ((1 + (k % 12)) * s + (1 + k / 12) * t) + k)
  }
  return {
    grid,
    modeCount: MODES,
    mean: Float64Array.from({ length: size }, (_, d) => wave(5, d)),
    modes: Float64Array.from({ length: MODES * size }, (_, i) => wave(Math.trunc(i / size), i % size)),
    singularValues: new Float64Array(MODES).fill(1),
    totalEnergy: MODES,
    count: MODES,
  }
}

/** [count, MODES] */
export const coefficientsOf = (count: number): Float64Array =>
  Float64Array.from({ length: count * MODES }, (_, i) => Math.cos(1 + i * i))
