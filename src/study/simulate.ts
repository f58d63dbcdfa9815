import { pvd, vtu } from '../mesh/vtu.ts'
import { NumericalFailure } from '../numeric/errors.ts'
import { writeNpz } from '../numeric/npz.ts'
import { runFullDomain } from '../wave/full-domain.ts'
import { fullDomainOf } from './domain.ts'
import { writeJson } from './folder.ts'
import { hiddenOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import { loadSampler } from './law.ts'
import { traceGridOf } from './submodel-task.ts'

/** Frames of the wave in the collection. */
const FRAMES = 80

/** Steps spread evenly over the run, the first and the last among them. */
export const spreadSteps = (steps: number, frames: number): number[] => [
  ...new Set(Array.from({ length: frames + 1 }, (_, k) => Math.round((k * steps) / frames))),
]

/**
 * One run of the training law with its own amplitude and arrival: the field over time for ParaView, the trace for NumPy.
 * @throws NumericalFailure after writing what there is of a run that failed
 */
export const simulate = async (job: Job, sample: number): Promise<void> => {
  const { study, domain, folder, progress } = job
  const { mesh } = domain.spec
  const { steps, step } = domain.spec.time
  const at = spreadSteps(steps, Math.min(FRAMES, steps))
  const full = fullDomainOf(domain, at)
  const load = [loadSampler(study, 'train')(sample)]
  const stage = progress.stage('full-domain run', 1)
  const hidden = hiddenOf({ study, domain, full }, 'train', sample, 1)
  const { modulusFactor } = hidden
  const { snapshots, traces, quantities, status } = runFullDomain(full, { count: 1, load, ...hidden })
  stage.advance(1)
  stage.end()
  const path = `simulation-${sample}`
  const components = domain.medium.physics === 'scalar' ? 1 : 2
  const size = (mesh.points.length / 2) * components
  const modulus = domain.medium.physics === 'scalar' ? domain.medium.modulus : domain.medium.youngsModulus
  const factor = modulusFactor === null ? null : modulus.map((e, cell) => e * modulusFactor[cell * full.lanes])
  const frames = at.map((n, k) => ({ time: n * step, file: `wave-${String(k).padStart(4, '0')}.vtu` }))
  for (const [k, { file }] of frames.entries()) {
    const displacement = {
      name: 'displacement (m)',
      values: snapshots!.subarray(k * size, (k + 1) * size),
      components,
    } as const
    const cells = [{ name: 'modulus (Pa)', values: factor ?? modulus }]
    await folder.write(`${path}/${file}`, vtu(mesh, { points: [displacement], cells }))
  }
  await folder.write(`${path}/wave.pvd`, pvd(frames))
  const grid = traceGridOf(domain)
  await folder.write(
    `${path}/trace.npz`,
    writeNpz({
      trace: { shape: [grid.frames, grid.points.length / 2, components], data: traces },
      points: { shape: [grid.points.length / 2, 2], data: grid.points },
      times: { shape: [grid.frames], data: Float64Array.from({ length: grid.frames }, (_, k) => k * grid.frameStep) },
    }),
  )
  const named = Object.fromEntries(study.quantities.map((q, k) => [q.name, quantities[k]]))
  await writeJson(folder, `${path}/result.json`, {
    sample,
    status: status[0],
    load: load[0],
    ...(hidden.cracks ? { crack: hidden.cracks[0] } : {}),
    quantities: named,
  })
  if (status[0] !== 'ok')
    throw new NumericalFailure(status[0], `sample ${sample}; its frames so far are in ${path}/wave.pvd`)
  progress.note(`${frames.length} frames in ${path}/wave.pvd, the trace in ${path}/trace.npz`)
}
